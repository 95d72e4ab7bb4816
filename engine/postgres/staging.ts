import type { PgType } from '../contract/catalogue.js';
import type { CompiledMapping } from '../contract/compiled.js';
import { quoteName, quoteTable } from './identifier.js';

/** The type that staged text is read as, without a modifier: the assignment to the column applies it, and errs. */
const inputType = (type: PgType): string => (type.domainOf ?? type).sql;

/**
 * The SQL by which a batch reaches its table through temporary tables of text: rows that the target refused,
 * and rows that it has already. Statements take the first and last ordinal as $1 and $2.
 */
export class StagingSql {
  readonly create: string;
  readonly clearInserts = 'truncate pg_temp.etl_inserts restart identity';
  readonly clearUpdates = 'truncate pg_temp.etl_updates restart identity';
  readonly copyInserts: string;
  readonly copyUpdates: string;
  readonly insert: string;
  /** Touches only rows that differ; volatile columns are written, but make no difference. */
  readonly update: string;

  constructor(compiled: CompiledMapping) {
    const { columns, handle, table } = compiled;
    const names = columns.map((_, n) => `c${String(n)}`);
    const handles = handle.map((_, n) => `h${String(n)}`);
    const text = (list: readonly string[]): string => list.map((name) => `${name} text`).join(', ');
    const ordinal = 'ordinal bigint generated always as identity primary key';
    this.create =
      `create temp table if not exists etl_inserts (${ordinal}, ${text(names)}); ` +
      `create temp table if not exists etl_updates (${ordinal}, ${text([...handles, ...names])})`;
    this.copyInserts = `copy pg_temp.etl_inserts (${names.join(', ')}) from stdin`;
    this.copyUpdates = `copy pg_temp.etl_updates (${[...handles, ...names].join(', ')}) from stdin`;

    const target = quoteTable(table);
    const listed = columns.map((c) => quoteName(c.column.name)).join(', ');
    const read = columns.map((c, n) => `s.c${String(n)}::${inputType(c.column.type)}`).join(', ');
    this.insert = `insert into ${target} (${listed}) overriding system value select ${read}
      from pg_temp.etl_inserts s where s.ordinal between $1 and $2 order by s.ordinal`;

    const same = handle.map((index, n) => {
      const column = columns[index]?.column;
      return column === undefined
        ? 'false'
        : `t.${quoteName(column.name)} = s.h${String(n)}::${inputType(column.type)}`;
    });
    const settable = columns.map((c, n) => ({ c, n })).filter(({ n }) => !handle.includes(n));
    const compared = settable.filter(({ c }) => !c.volatile);
    const sets = settable.map(
      ({ c, n }) => `${quoteName(c.column.name)} = s.c${String(n)}::${inputType(c.column.type)}`,
    );
    // Compared in the column's full type, so that 1.5 is the numeric(12,2) 1.50.
    const ours = compared.map(({ c }) => `t.${quoteName(c.column.name)}`).join(', ');
    const theirs = compared.map(({ c, n }) => `s.c${String(n)}::${fullType(c.column.type)}`).join(', ');
    // What the explicit cast cuts off in silence must come to the assignment, which errs.
    const cut = compared
      .filter(({ c }) => cutsOff(c.column.type))
      .map(({ c, n }) => {
        const [whole, cast] = [inputType(c.column.type), fullType(c.column.type)];
        return `s.c${String(n)}::${whole}::text <> s.c${String(n)}::${cast}::text`;
      });
    this.update =
      compared.length === 0
        ? 'select where $1::bigint > $2::bigint'
        : `update ${target} t set ${sets.join(', ')} from pg_temp.etl_updates s
           where s.ordinal between $1 and $2 and ${same.join(' and ')}
             and (${[`pg_catalog.record_image_ne(row(${ours}), row(${theirs}))`, ...cut].join(' or ')})`;
  }
}

/** Whether an explicit cast to the type can shorten a value that the program has not measured. */
const cutsOff = (type: PgType): boolean => {
  const plain = type.domainOf ?? type;
  return plain.modifier !== -1 && ['varbit', '_varchar', '_bpchar', '_bit', '_varbit'].includes(plain.name);
};

/** A type with its modifier, as it may stand in SQL; the program has made sure that nothing is cut off by it. */
const fullType = (type: PgType): string =>
  type.kind === 'domain' ? type.sql : type.modifier === -1 ? inputType(type) : type.display;
