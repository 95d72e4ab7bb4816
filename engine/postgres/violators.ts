import { quoteName } from './identifier.js';

/** What a unique index compares, as the catalogue says it. */
export interface IndexParts {
  /** Columns or expressions as SQL over the table's own columns. */
  readonly keys: readonly { readonly sql: string; readonly collation: string | null }[];
  readonly predicate: string | null;
  /** NULLS NOT DISTINCT. */
  readonly nullsEqual: boolean;
}

/** What a foreign key compares. */
export interface ReferenceParts {
  /** The referenced table, quoted and qualified. */
  readonly table: string;
  readonly only: boolean;
  /** MATCH FULL: all columns are null, or none is. */
  readonly full: boolean;
  readonly pairs: readonly {
    readonly own: string;
    readonly other: string;
    /** The other column stands on its left. */
    readonly operator: string;
    readonly collation: string | null;
  }[];
}

const collated = (sql: string, collation: string | null): string =>
  collation === null ? `(${sql})` : `(${sql}) collate ${collation}`;

/** Selects the `ctid` of every row of every group of duplicates, by the index's own expressions and predicate. */
export function duplicatesSql(table: string, { keys, predicate, nullsEqual }: IndexParts): string {
  const compared = keys.map(({ sql, collation }) => collated(sql, collation)).join(', ');
  const conditions = [
    ...(predicate === null ? [] : [`(${predicate})`]),
    ...(nullsEqual ? [] : keys.map(({ sql }) => `(${sql}) is not null`)),
  ];
  const where = conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`;
  return `select g.etl_row from (select ctid as etl_row, count(*) over (partition by ${compared}) as etl_n
    from only ${table}${where}) g where g.etl_n > 1`;
}

/** Selects the `ctid` of every row that refers to none, as MATCH SIMPLE or FULL has it. */
export function orphansSql(table: string, { table: other, only, full, pairs }: ReferenceParts): string {
  const own = pairs.map((pair) => `t.${quoteName(pair.own)}`);
  const equal = pairs.map(
    (pair, n) => `r.${quoteName(pair.other)} ${pair.operator} ${collated(own[n] ?? '', pair.collation)}`,
  );
  const filled = own.map((name) => `${name} is not null`).join(' and ');
  const mixed = full
    ? ` or not (${filled}) and (${own.map((name) => `${name} is not null`).join(' or ')})`
    : '';
  return `select t.ctid from only ${table} t where (${filled}) and not exists
    (select from ${only ? 'only ' : ''}${other} r where ${equal.join(' and ')})${mixed}`;
}
