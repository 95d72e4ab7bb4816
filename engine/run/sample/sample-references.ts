import type { CompiledMapping } from '../../contract/compiled.js';
import { referencesOf } from '../../contract/references.js';
import { rowProgram } from '../../compile/program/program.js';
import type { Row } from '../../compile/program/row.js';
import { mappingNamespace } from '../../compile/program/uuid.js';
import { BatchedKeyMap } from '../../resolve/batched-key-map.js';
import type { RunPorts } from '../ports.js';

/** A column by which rows of a mapping name rows of another. */
export interface SampleReference {
  readonly column: string;
  /** Among the mappings that the column may lead to. */
  readonly place: number;
  readonly mapping: string;
  /** Another source column than the key; null for the key. */
  readonly by: string | null;
  /** The canonical key that a row names, or null. */
  readonly key: (row: Row) => string | null;
}

/** What a sample must know of a mapping's rows. */
export interface SampleProgram {
  readonly references: readonly SampleReference[];
  readonly isSkipped: (row: Row) => boolean;
  /** The canonical source key, or null where a part of it is null. */
  readonly key: (row: Row) => string | null;
  /** The texts of its parts. */
  readonly parts: (row: Row) => readonly string[];
}

/** @param names the mappings whose rows are sampled: references to others lead out of the sample */
export function sampleProgram(
  compiled: CompiledMapping,
  names: ReadonlySet<string>,
  { steps, rules }: Pick<RunPorts, 'steps' | 'rules'>,
): SampleProgram {
  const all = referencesOf(compiled);
  const columns = compiled.columns.filter(({ column }) => all.some((way) => way.column === column));
  const { name } = compiled.mapping;
  // The references alone, asked for in batches: so the program says which keys a row names.
  const program = rowProgram(
    { ...compiled, columns, handle: [], targetKey: [], rules: [], identity: null },
    {
      steps,
      rules,
      facts: { run: '', startedAt: '', mapping: name, namespace: mappingNamespace(compiled.project, name) },
      lookups: new Map(),
      keyMaps: new Map(
        columns.map(({ column }) => [
          column.name,
          all.flatMap((way) => (way.column === column ? [BatchedKeyMap.create(0)] : [])),
        ]),
      ),
      rejected: new Map(),
    },
  );
  // None of the maps is in memory, so each way has its key.
  const references = all.flatMap(
    ({ column, place, parent: { mapping, by } }, n): readonly SampleReference[] => {
      const key = program.wanted[n]?.key;
      if (key === undefined || !names.has(mapping.value)) return [];
      return [{ column: column.name, place, mapping: mapping.value, by: by?.value ?? null, key }];
    },
  );
  return {
    references,
    isSkipped: (row) => program.skipped(row) > 0,
    key: (row) => program.key(row),
    parts: (row) => compiled.key.map((field) => row.text(field) ?? ''),
  };
}
