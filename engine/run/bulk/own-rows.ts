import type { CompiledMapping } from '../../contract/compiled.js';
import type { OwnRows } from '../../contract/constraints.js';
import { referencesOf, referredTo } from '../../contract/references.js';
import { quoteTable } from '../../postgres/identifier.js';

/** How the mapping's rows are told from others, and which of them refer to which. */
export function ownRows(compiled: CompiledMapping): OwnRows {
  const { mapping, table, project, columns } = compiled;
  const named = (indices: readonly number[]): readonly string[] =>
    indices.map((index) => columns[index]?.column.name ?? '');
  const handle = named(compiled.handle);
  const byMapping = referencesOf(compiled).filter(
    ({ parent, bound }) => parent.mapping.value === mapping.name && bound.yields === null,
  );
  const byTable = table.foreignKeys.filter(
    (key) => key.table.schema === table.schema && key.table.name === table.name,
  );
  return {
    project,
    mapping: mapping.name,
    table: quoteTable(table),
    found: compiled.found,
    keys: named(compiled.targetKey),
    handle,
    sourceKey: compiled.key.length,
    links: [
      ...(handle.length === 1
        ? byMapping.map(({ column }) => ({ columns: [column.name], referenced: handle }))
        : []),
      ...byTable.map(({ columns: own, referenced }) => ({ columns: own, referenced })),
    ],
  };
}

/** The other mappings whose rows the mapping's rows refer to, each once. */
export const refersTo = ({ mapping }: CompiledMapping): readonly string[] =>
  [...new Set(referredTo(mapping))].filter((name) => name !== mapping.name).sort();
