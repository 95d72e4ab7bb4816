import { EtlError } from '../contract/errors.js';
import type { Session } from '../contract/session.js';
import { writtenTable } from '../contract/table-name.js';
import { quoteName, quoteTable } from './identifier.js';

/** A table that somebody has made, as it may be named. */
export interface OwnTable {
  readonly quoted: string;
  /** As a mapping writes it, with its schema where the search path does not lead to it. */
  readonly shown: string;
}

/**
 * The tables of a database that hold rows of their own: no views, partitions and heirs, nothing of the system's or of an extension.
 * @param except a schema that is left out
 */
export async function ownTables(session: Session, except: string): Promise<readonly OwnTable[]> {
  const { rows } = await session.query(
    `select n.nspname, c.relname, pg_table_is_visible(c.oid)
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'f') and c.relpersistence <> 't'
       and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', $1)
       -- Rows of a partition, or of a table that inherits, are read with those of the table above it.
       and not exists (select from pg_inherits i where i.inhrelid = c.oid)
       and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
     order by n.nspname, c.relname`,
    [except],
  );
  return rows.map(([schema, name, visible]) => ({
    quoted: quoteTable({ schema: schema ?? '', name: name ?? '' }),
    shown: writtenTable(visible === 't' ? [name ?? ''] : [schema ?? '', name ?? '']),
  }));
}

export interface ColumnName {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
}

/** Rows of a table that are looked at, and different values that are kept. */
const ROWS = 50_000;
const VALUES = 200;

/**
 * Values that columns hold, as text, of the first rows that come: a mixture, not the least ones. One round trip.
 * @returns for each column, in their order; null where the role may not read it
 */
export async function seenValues(
  session: Session,
  columns: readonly ColumnName[],
): Promise<readonly (readonly string[] | null)[]> {
  const answers = await session.queries(
    columns.map(({ schema, table, column }) => {
      const name = quoteName(column);
      return `select v from (select distinct ${name}::text v
          from (select ${name} from ${quoteTable({ schema, name: table })} limit ${String(ROWS)}) r where ${name} is not null) d
        order by v <> '', md5(v) limit ${String(VALUES)}`;
    }),
  );
  return answers.map((answer) =>
    answer instanceof EtlError ? null : answer.rows.map(([value]) => value ?? ''),
  );
}

/** The words that check constraints of one column list (`in (…)`), of all tables. */
export async function acceptedValues(
  session: Session,
): Promise<readonly (ColumnName & { readonly values: readonly string[] })[]> {
  const { rows } = await session.query(
    `select n.nspname, c.relname, a.attname, pg_get_constraintdef(f.oid)
     from pg_constraint f join pg_class c on c.oid = f.conrelid join pg_namespace n on n.oid = c.relnamespace
     join pg_attribute a on a.attrelid = c.oid and a.attnum = f.conkey[1]
     where f.contype = 'c' and cardinality(f.conkey) = 1`,
  );
  return rows.flatMap(([schema, table, column, definition]) => {
    // As PostgreSQL prints it: CHECK (((state)::text = ANY ((ARRAY['new'::character varying, …])::text[])))
    const list = /^CHECK \(+.*= ANY \(+ARRAY\[(.*?)\]\)*(?:::[\w" ]+(?:\[\])?)?\)*$/s.exec(
      definition ?? '',
    )?.[1];
    const values = [...(list ?? '').matchAll(/'((?:[^']|'')*)'::/g)].map(([, text = '']) =>
      text.replaceAll("''", "'"),
    );
    if (values.length === 0) return [];
    return [{ schema: schema ?? '', table: table ?? '', column: column ?? '', values }];
  });
}
