import { isCompletedLater } from '../contract/references.js';
import type { PgType } from '../contract/catalogue.js';
import type { CompiledColumn, CompiledMapping } from '../contract/compiled.js';
import { applyFunction, CREATE_SUBTRANSACTIONS } from './apply.js';
import { quoteName, quoteTable, readAs, tableRows } from './identifier.js';
import { undoSql, type UndoOwner } from './undo.js';

/** The type that staged text is read as, without a modifier: the assignment to the column applies it, and errs. */
const inputType = (type: PgType): string => (type.domainOf === null ? type.sql : inputType(type.domainOf));

/**
 * The SQL by which a batch reaches its table through temporary tables of text: rows that the target refused,
 * and rows that it has already. The tables are empty at the begin of each transaction.
 */
export class StagingSql {
  /** Makes tables and functions; once a session, outside of a transaction. */
  readonly create: string;
  /** The rows that come are numbered from 1 again; before each COPY. */
  readonly restart = "select setval('pg_temp.etl_ordinals', 1, false)";
  readonly copyInserts: string;
  readonly copyUpdates: string;

  constructor(compiled: CompiledMapping, owner: UndoOwner) {
    const { columns, handle } = compiled;
    const names = columns.map((_, n) => `c${String(n)}`);
    const handles = handle.map((_, n) => `h${String(n)}`);
    const table = (name: string, list: readonly string[]): string =>
      `create temp table if not exists ${name} (ordinal bigint primary key default nextval('pg_temp.etl_ordinals'),
       ${list.map((column) => `${column} text`).join(', ')}) on commit delete rows`;
    this.copyInserts = `copy pg_temp.etl_inserts (${names.join(', ')}) from stdin`;
    const waits = waitingColumns(compiled).map((_, n) => `w${String(n)}`);
    this.copyUpdates = `copy pg_temp.etl_updates (${[...handles, ...names, ...waits].join(', ')}) from stdin`;
    this.create = [
      'create temp sequence if not exists etl_ordinals cache 1000',
      CREATE_SUBTRANSACTIONS,
      table('etl_inserts', names),
      table('etl_updates', [...handles, ...names, ...waits]),
      applyFunction('etl_insert_rows', insertSql(compiled), 'wanted := high - low + 1;', compiled.table),
      applyFunction('etl_update_rows', ...updateSql(compiled, owner), compiled.table),
    ].join('; ');
  }

  /**
   * Inserts the staged rows from 1 to `count`, `size` at a time, and one by one where that fails. Answers with
   * what {@link readApplied} reads.
   * @param strict a row that is refused ends the transaction
   */
  insert(count: number, size: number, strict: boolean): string {
    return `pg_temp.etl_insert_rows(1, ${String(count)}, ${String(size)}, ${String(strict)})`;
  }

  /** The same for updates, of the rows that differ. */
  update(count: number, size: number, strict: boolean): string {
    return `pg_temp.etl_update_rows(1, ${String(count)}, ${String(size)}, ${String(strict)})`;
  }
}

function insertSql({ columns, table }: CompiledMapping): string {
  const listed = columns.map((c) => quoteName(c.column.name)).join(', ');
  const read = columns.map((c, n) => readAs(`s.c${String(n)}`, inputType(c.column.type))).join(', ');
  return `insert into ${quoteTable(table)} (${listed}) overriding system value select ${read}
    from pg_temp.etl_inserts s where s.ordinal between etl.low and etl.high order by s.ordinal`;
}

/**
 * The columns that a second pass completes: behind a row's values stands of each `t` where it waits for that, so
 * that the row keeps until then what it has.
 */
export const waitingColumns = ({ columns }: CompiledMapping): readonly number[] =>
  columns.flatMap(({ make }, index) => (isCompletedLater(make) ? [index] : []));

/** A staged value, or what the row `t` has where it waits for a second pass. */
function unlessWaiting(compiled: CompiledMapping, index: number, value: string): string {
  const flag = waitingColumns(compiled).indexOf(index);
  const own = quoteName(compiled.columns[index]?.column.name ?? '');
  return flag < 0 ? value : `case when s.w${String(flag)} = 't' then t.${own} else ${value} end`;
}

/** How a staged row `s` finds its row `t`, and differs from it. */
function differing(
  compiled: CompiledMapping,
  settable: readonly Settable[],
): { readonly same: readonly string[]; readonly differs: readonly string[] } {
  const { columns, handle } = compiled;
  const same = handle.map((index, n) => {
    const column = columns[index]?.column;
    return column === undefined
      ? 'false'
      : `t.${quoteName(column.name)} = s.h${String(n)}::${inputType(column.type)}`;
  });
  const compared = settable.filter(({ c }) => !c.volatile);
  // Compared in the column's full type, so that 1.5 is the numeric(12,2) 1.50.
  const ours = compared.map(({ c }) => `t.${quoteName(c.column.name)}`).join(', ');
  const theirs = compared
    .map(({ c, n }) => unlessWaiting(compiled, n, readAs(`s.c${String(n)}`, fullType(c.column.type))))
    .join(', ');
  // What the explicit cast cuts off in silence must come to the assignment, which errs.
  const cut = compared
    .filter(({ c }) => cutsOff(c.column.type))
    .map(({ c, n }) => {
      const [whole, cast] = [inputType(c.column.type), fullType(c.column.type)];
      return `s.c${String(n)}::${whole}::text <> s.c${String(n)}::${cast}::text`;
    });
  if (compared.length === 0) return { same, differs: [] };
  return { same, differs: [`pg_catalog.record_image_ne(row(${ours}), row(${theirs}))`, ...cut] };
}

interface Settable {
  readonly c: CompiledColumn;
  /** Its place among the staged columns. */
  readonly n: number;
}

/**
 * The update that touches only rows that differ (volatile columns are written, but make no difference), and what
 * writes down before it how they were. The rows are locked with that, so that both see the same; where a trigger could
 * keep a row as it was, it also says how many there are.
 */
function updateSql(
  compiled: CompiledMapping,
  owner: UndoOwner,
): readonly [statement: string, before: string] {
  const { columns, handle, table } = compiled;
  const settable = columns.map((c, n) => ({ c, n })).filter(({ n }) => !handle.includes(n));
  const { same, differs } = differing(compiled, settable);
  // Rows that nothing finds again are never updated.
  if (differs.length === 0 || same.length === 0)
    return ['perform from pg_temp.etl_updates s where false', ''];
  const sets = settable.map(
    ({ c, n }) =>
      `${quoteName(c.column.name)} = ${unlessWaiting(compiled, n, readAs(`s.c${String(n)}`, inputType(c.column.type)))}`,
  );
  const target = tableRows(table);
  const where = `s.ordinal between etl.low and etl.high and ${same.join(' and ')}
    and (${differs.join(' or ')})`;
  const names = settable.map(({ c }) => c.column.name);
  const before = `${undoSql(owner, { handle: namesOf(compiled), names })}
    from ${target} t, pg_temp.etl_updates s where ${where} for no key update of t;`;
  return [
    `update ${target} t set ${sets.join(', ')} from pg_temp.etl_updates s where ${where}`,
    table.maySwallowUpdates ? `${before} get diagnostics wanted = row_count;` : before,
  ];
}

const namesOf = ({ columns, handle }: CompiledMapping): readonly string[] =>
  handle.map((index) => columns[index]?.column.name ?? '');

/** Whether an explicit cast to the type can shorten a value that the program has not measured. */
const cutsOff = (type: PgType): boolean => {
  const plain = type.domainOf ?? type;
  return plain.modifier !== -1 && ['varbit', '_varchar', '_bpchar', '_bit', '_varbit'].includes(plain.name);
};

/** A type with its modifier, as it may stand in SQL; the program has made sure that nothing is cut off by it. */
export const fullType = (type: PgType): string =>
  type.kind === 'domain' ? type.sql : type.modifier === -1 ? inputType(type) : type.display;
