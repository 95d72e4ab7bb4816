import { quoteName, quoteText, readAs } from '../../postgres/identifier.js';
import { matches, type Undone } from './tables.js';

/** To whom restored rows belonged before the run; nulls where no run is known. */
export interface Owner {
  readonly run: string | null;
  readonly mapping: string | null;
}

/** The condition of an owner's rows `b`. */
export const ownedBy = ({ run, mapping }: Owner): string =>
  `b.owner_run is not distinct from ${run === null ? 'null' : quoteText(run)}
   and b.owner_mapping is not distinct from ${mapping === null ? 'null' : quoteText(mapping)}`;

const toRestore = ({ n }: Undone, action: string, owned: string): string =>
  `b.m = ${String(n)} and b.action = '${action}' and ${owned}`;

const old = (name: string, type: string): string => readAs(`(b.was->>${quoteText(name)})`, type);

/** A column's value of before where it is known, else that of now. */
const oldOrOwn = ({ name, type }: Undone['columns'][number]): string =>
  `case when b.was ? ${quoteText(name)} then ${old(name, type)} else t.${quoteName(name)} end`;

const counted = (mapping: Undone, which: string): string =>
  `select ${quoteText(mapping.rows.table)}, (select count(*) from pg_temp.etl_back b where ${which}), (select count(*) from done)`;

const setSql = (columns: Undone['columns']): string =>
  columns.map((column) => `${quoteName(column.name)} = ${oldOrOwn(column)}`).join(', ');

/**
 * SQL that gives rows their old values, and says of which table how many rows it wanted to write and wrote.
 * @param differing only rows that have another value now
 */
export function updateSql(
  mapping: Undone,
  columns: Undone['columns'],
  owned: string,
  differing: boolean,
): string {
  const which = toRestore(mapping, 'update', owned);
  const differs = columns.map(
    (column) => `t.${quoteName(column.name)}::text is distinct from (${oldOrOwn(column)})::text`,
  );
  const condition = differing ? ` and (${differs.join(' or ')})` : '';
  return `with done as (update ${mapping.from} t set ${setSql(columns)} from pg_temp.etl_back b
      where ${which} and ${matches(mapping, 'b.handle')}${condition} returning 1)
    ${counted(mapping, which)}`;
}

/**
 * The same one row after the other, the last that the run has changed first, again and again while that gets on. What
 * rows stand in the way of stays as it is.
 * @param n marks rows as written, with the number of their subtransactions; null where they are written again later
 */
export function oneByOneSql(
  mapping: Undone,
  columns: Undone['columns'],
  owned: string,
  n: number | null,
): string {
  const which = toRestore(mapping, 'update', owned);
  const mark =
    n === null
      ? ''
      : `insert into pg_temp.etl_sub values (${String(n)});
         update pg_temp.etl_back b set action = 'updated' where b.m = ${String(mapping.n)} and b.first = one.first;`;
  const body = `declare one record; before bigint := -1; done bigint := 0; touched bigint;
    begin
      while before < done loop
        before := done;
        for one in select b.first from pg_temp.etl_back b where ${which} order by b.first desc loop
          begin
            update ${mapping.from} t set ${setSql(columns)} from pg_temp.etl_back b
            where b.m = ${String(mapping.n)} and b.first = one.first and ${matches(mapping, 'b.handle')};
            get diagnostics touched = row_count;
            if touched <> 1 then
              raise exception 'a trigger of the table took the row without an error' using errcode = 'ETL01';
            end if;
            ${mark}
            ${n === null ? '' : 'done := done + 1;'}
          exception when unique_violation or foreign_key_violation or exclusion_violation then
            null;
          end;
        end loop;
      end loop;
    end`;
  return `do ${quoteText(body)}`;
}

/** SQL that inserts rows as they were, and says of which table how many rows it wanted to write and wrote. */
export function insertSql(mapping: Undone, columns: Undone['columns'], owned: string): string {
  const names = columns.map(({ name }) => quoteName(name)).join(', ');
  const values = columns.map(({ name, type }) => old(name, type)).join(', ');
  const which = toRestore(mapping, 'insert', owned);
  return `with done as (insert into ${mapping.rows.table} (${names}) overriding system value
      select ${values} from pg_temp.etl_back b where ${which} order by b.first returning 1)
    ${counted(mapping, which)}`;
}
