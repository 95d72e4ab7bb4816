import type { ForeignKey, Table } from '../contract/catalogue.js';
import type { CompiledColumn, CompiledMapping } from '../contract/compiled.js';
import type { Finding } from '../contract/finding.js';
import type { Mapping } from '../contract/mapping.js';
import { givenColumn, referencesOf } from '../contract/references.js';
import { bareTable } from '../contract/table-name.js';
import { finding } from './findings.js';

const isReference = ({ make }: CompiledColumn): boolean => make.kind === 'value' && make.reference !== null;

const isOf = (key: ForeignKey, table: Table): boolean =>
  key.table.schema === table.schema && key.table.name === table.name;

/** The written columns of a foreign key that the mapping fills as a whole; null where some are left to a default. */
function filled(compiled: CompiledMapping, key: ForeignKey): readonly CompiledColumn[] | null {
  const columns = key.columns.map((name) => compiled.columns.find(({ column }) => column.name === name));
  const found = columns.filter((column) => column !== undefined);
  return found.length === columns.length ? found : null;
}

/** The mappings of a project, bound or not. */
export interface Loaders {
  readonly bound: ReadonlyMap<string, CompiledMapping>;
  readonly mappings: readonly Mapping[];
}

/** The mapping that loads the table which a key refers to; one that is not bound is told by the table's bare name. */
function loaderOf(key: ForeignKey, { bound, mappings }: Loaders): string | null {
  const found = mappings.find(({ name, target }) => {
    const one = bound.get(name);
    return one === undefined ? bareTable(target.table.value) === key.table.name : isOf(key, one.table);
  });
  return found?.name ?? null;
}

/** Foreign keys to tables that no mapping of the project loads: the rows are there already, or never. */
export const standingKeys = (compiled: CompiledMapping, loaders: Loaders): readonly ForeignKey[] =>
  compiled.table.foreignKeys.filter(
    (key) => filled(compiled, key)?.some(isReference) === false && loaderOf(key, loaders) === null,
  );

/** The mapping's references against the target's foreign keys, in both directions. */
export function foreignKeyFindings(compiled: CompiledMapping, loaders: Loaders): readonly Finding[] {
  return [
    ...compiled.table.foreignKeys.flatMap((key) => ofKey(compiled, key, loaders)),
    ...compiled.columns.flatMap((column) => ofReference(compiled, column)),
  ];
}

function ofKey(compiled: CompiledMapping, key: ForeignKey, loaders: Loaders): readonly Finding[] {
  const columns = filled(compiled, key);
  const [first, second] = columns ?? [];
  if (columns === null || first === undefined) return [];
  const of = {
    subject: `mapping ${compiled.mapping.name}`,
    at: first.at,
    column: first.column.name,
  } as const;
  if (second === undefined && isReference(first)) {
    const wrong = referencesOf(compiled).flatMap((reference) => {
      const other = loaders.bound.get(reference.parent.mapping.value);
      if (reference.column.name !== first.column.name || other === undefined) return [];
      const fits = isOf(key, other.table) && givenColumn(other, reference.bound) === key.referenced[0];
      // A column of its own choice may hold keys of any table.
      return fits || (reference.parent.yields !== null && !isOf(key, other.table)) ? [] : [other];
    });
    return wrong.map(({ mapping, table }) =>
      finding({
        ...of,
        code: 'ETL-CHECK-033',
        severity: 'error',
        message: `${first.column.name} gets keys of ${table.name} (references: ${mapping.name}), its foreign key ${key.name} refers to ${key.table.name} (${key.referenced.join(', ')})`,
        help: `refer to the mapping that loads ${key.table.name}, or name the column with yields`,
      }),
    );
  }
  if (columns.some(isReference)) return [];
  const loader = loaderOf(key, loaders);
  if (loader === null) return [];
  return [
    finding({
      ...of,
      code: 'ETL-CHECK-031',
      severity: 'warning',
      message: `${key.columns.join(', ')} is filled without references, and its foreign key ${key.name} refers to ${key.table.name}, which ${loader} loads`,
      help: `write { from: …, references: ${loader} }, so that order and keys are looked after`,
    }),
  ];
}

function ofReference(compiled: CompiledMapping, column: CompiledColumn): readonly Finding[] {
  const { name } = column.column;
  const held = compiled.table.foreignKeys.some((key) => key.columns.includes(name));
  const parents = referencesOf(compiled).filter((reference) => reference.column.name === name);
  const [first, second] = parents;
  // Keys of several tables in one column can be held by no foreign key.
  if (first === undefined || second !== undefined || held) return [];
  return [
    finding({
      code: 'ETL-CHECK-032',
      severity: 'note',
      subject: `mapping ${compiled.mapping.name}`,
      message: `no foreign key of ${compiled.table.name} speaks of ${name}, which refers to ${first.parent.mapping.value}`,
      at: column.at,
      help: 'add one to the target, if the rows are to stay together',
      column: name,
    }),
  ];
}
