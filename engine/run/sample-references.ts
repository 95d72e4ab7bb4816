import type { CompiledMapping } from '../contract/compiled.js';
import { rowProgram } from '../compile/program/program.js';
import type { Row } from '../compile/program/row.js';
import { mappingNamespace } from '../compile/program/uuid.js';
import { BatchedKeyMap } from '../resolve/batched-key-map.js';
import type { RunPorts } from './ports.js';

/** A column by which rows of a mapping name rows of another. */
export interface SampleReference {
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
  { steps, rules }: RunPorts,
): SampleProgram {
  const columns = compiled.columns.filter(({ make }) => {
    const resolver = make.kind === 'value' ? make.spec.resolver : null;
    return resolver?.kind === 'references' && names.has(resolver.mapping.value);
  });
  const { name } = compiled.mapping;
  // The references alone, asked for in batches: so the program says which keys a row names.
  const program = rowProgram(
    { ...compiled, columns, handle: [], targetKey: [], rules: [], identity: null },
    {
      steps,
      rules,
      facts: { run: '', startedAt: '', mapping: name, namespace: mappingNamespace(compiled.project, name) },
      lookups: new Map(),
      keyMaps: new Map(columns.map(({ column }) => [column.name, BatchedKeyMap.create(0)])),
      rejected: new Map(),
    },
  );
  const references = columns.flatMap(({ make }, n): readonly SampleReference[] => {
    const [resolver, wanted] = [make.kind === 'value' ? make.spec.resolver : null, program.wanted[n]];
    if (resolver?.kind !== 'references' || wanted === undefined) return [];
    return [{ mapping: resolver.mapping.value, by: resolver.by?.value ?? null, key: wanted.key }];
  });
  return {
    references,
    isSkipped: (row) => program.skipped(row) > 0,
    key: (row) => program.key(row),
    parts: (row) => compiled.key.map((field) => row.text(field) ?? ''),
  };
}
