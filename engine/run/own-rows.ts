import type { CompiledMapping } from '../contract/compiled.js';
import type { OwnRows } from '../contract/constraints.js';
import { quoteTable } from '../postgres/identifier.js';

/** How the mapping's rows are told from others, and which of them refer to which. */
export function ownRows(compiled: CompiledMapping): OwnRows {
  const { mapping, table, project, columns } = compiled;
  const named = (indices: readonly number[]): readonly string[] =>
    indices.map((index) => columns[index]?.column.name ?? '');
  const handle = named(compiled.handle);
  const byMapping = columns.filter(
    ({ make }) =>
      make.kind === 'value' &&
      make.spec.resolver?.kind === 'references' &&
      make.spec.resolver.mapping.value === mapping.name &&
      make.spec.resolver.yields === null,
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
export function refersTo({ columns, mapping }: CompiledMapping): readonly string[] {
  const names = columns.flatMap(({ make }) =>
    make.kind === 'value' && make.spec.resolver?.kind === 'references'
      ? [make.spec.resolver.mapping.value]
      : [],
  );
  return [...new Set(names)].filter((name) => name !== mapping.name).sort();
}
