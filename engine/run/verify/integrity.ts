import type { Table } from '../../contract/catalogue.js';
import type { CompiledMapping } from '../../contract/compiled.js';
import type { CheckResult, Difference } from '../../contract/result.js';
import type { Session } from '../../contract/session.js';
import { quoteName, quoteTable, quoteText, tableRows } from '../../postgres/identifier.js';
import { rowSecuritySql } from '../../postgres/row-security.js';

/** A foreign key from or to a table, as the catalogue has it. */
interface Key {
  readonly name: string;
  readonly from: Pick<Table, 'oid' | 'schema' | 'name' | 'kind' | 'hasChildren'>;
  readonly to: Pick<Table, 'schema' | 'name' | 'kind' | 'hasChildren'>;
  readonly columns: readonly string[];
  readonly referenced: readonly string[];
  readonly validated: boolean;
  /** Policies may hide rows of one of the two tables from the role, or it may not read them: nothing can be counted. */
  readonly hidden: boolean;
  /** What tells a row of the table: its primary key; its place where it has none. */
  readonly shown: readonly string[];
}

const KEYS = `
  select k.conname, k.convalidated, json_build_object('oid', c.oid::int8, 'schema', cn.nspname, 'name', c.relname, 'kind', c.relkind, 'hasChildren', c.relhassubclass),
    json_build_object('schema', rn.nspname, 'name', r.relname, 'kind', r.relkind, 'hasChildren', r.relhassubclass),
    (select json_agg(a.attname order by i.n) from unnest(k.conkey) with ordinality i(num, n)
       join pg_attribute a on a.attrelid = k.conrelid and a.attnum = i.num),
    (select json_agg(a.attname order by i.n) from unnest(k.confkey) with ordinality i(num, n)
       join pg_attribute a on a.attrelid = k.confrelid and a.attnum = i.num),
    (select json_agg(a.attname order by i.n) from pg_constraint p, unnest(p.conkey) with ordinality i(num, n)
       join pg_attribute a on a.attnum = i.num where p.conrelid = k.conrelid and p.contype = 'p' and a.attrelid = p.conrelid),
    ${[
      ['c', 'cn'],
      ['r', 'rn'],
    ]
      .map(
        ([
          table = '',
          schema = '',
        ]) => `coalesce((${rowSecuritySql(table, schema)})::jsonb -> 'closed' ? 'select', false)
      or not has_schema_privilege(${schema}.oid, 'usage') or not has_any_column_privilege(${table}.oid, 'select')`,
      )
      .join(' or ')}
  from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace cn on cn.oid = c.relnamespace
    join pg_class r on r.oid = k.confrelid join pg_namespace rn on rn.oid = r.relnamespace
  where k.contype = 'f' and k.conparentid = 0 and (k.conrelid = any ($1::oid[]) or k.confrelid = any ($1::oid[]))
  order by k.conrelid, k.conname`;

/** The foreign keys from and to some tables, each once. */
async function readKeys(session: Session, tables: readonly Table[]): Promise<readonly Key[]> {
  const { rows } = await session.query(KEYS, [`{${tables.map(({ oid }) => String(oid)).join(',')}}`]);
  const list = (json: string | null | undefined): readonly string[] => JSON.parse(json ?? '[]') as string[];
  return rows.map(([name, validated, from, to, columns, referenced, shown, hidden]) => ({
    name: name ?? '',
    validated: validated === 't',
    from: JSON.parse(from ?? '{}') as Key['from'],
    to: JSON.parse(to ?? '{}') as Key['to'],
    columns: list(columns),
    referenced: list(referenced),
    shown: list(shown),
    hidden: hidden === 't',
  }));
}

/**
 * Every foreign key of the tables, counted anew whatever the catalogue says: rows that were written past the triggers
 * break one that counts as valid.
 * @returns by the table (oid) that has the key
 */
export async function foreignKeyChecks(
  session: Session,
  tables: readonly Table[],
  most: number,
): Promise<ReadonlyMap<number, readonly CheckResult[]>> {
  const found = new Map<number, CheckResult[]>();
  for (const key of await readKeys(session, tables)) {
    const list = found.get(key.from.oid) ?? [];
    found.set(key.from.oid, list);
    list.push(await keyCheck(session, key, most));
  }
  return found;
}

async function keyCheck(session: Session, key: Key, most: number): Promise<CheckResult> {
  const { columns, referenced, shown } = key;
  if (key.hidden) {
    const note = `not counted, for the target role may not read all of ${quoteTable(key.from)} and ${quoteTable(key.to)}; the server itself keeps it`;
    return {
      check: `foreign key ${key.name}`,
      status: 'warned',
      source: '0',
      target: 'unknown',
      found: 0,
      note,
    };
  }
  const same = columns
    .map((name, n) => `p.${quoteName(referenced[n] ?? '')} = c.${quoteName(name)}`)
    .join(' and ');
  const there = columns.map((name) => `c.${quoteName(name)} is not null`).join(' and ');
  const broken = `from ${tableRows(key.from)} c where ${there}
    and not exists (select from ${tableRows(key.to)} p where ${same})`;
  const counted = await session.query(`select count(*) ${broken}`);
  const count = Number(counted.rows[0]?.[0] ?? 0);
  const texts = (names: readonly string[]): string =>
    names.map((name) => `c.${quoteName(name)}::text`).join(', ');
  const samples =
    count === 0
      ? []
      : (
          await session.query(
            `select concat_ws(', ', ${shown.length === 0 ? 'c.ctid::text' : texts(shown)}), concat_ws(', ', ${texts(columns)})
             ${broken} limit ${String(most)}`,
          )
        ).rows;
  const differences = samples.map(([row, value]): Difference => ({
    kind: 'broken',
    key: row ?? '',
    column: columns.join(', '),
    source: null,
    target: value ?? null,
    cause: 'target',
    note: `${key.from.name} refers to ${key.to.name}`,
  }));
  const note =
    count > 0
      ? 'rows refer to a row that is not there'
      : key.validated
        ? null
        : `no row breaks it, but it is not validated: alter table ${quoteTable(key.from)} validate constraint ${quoteName(key.name)}`;
  return {
    check: `foreign key ${key.name}`,
    status: note === null ? 'passed' : 'failed',
    source: '0',
    target: String(count),
    found: count,
    ...(differences.length === 0 ? {} : { differences }),
    ...(note === null ? {} : { note }),
  };
}

/** The sequences of a mapping's table stand behind the highest value that is there. */
export async function sequenceChecks(
  session: Session,
  { table }: CompiledMapping,
): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  for (const { name, sequence } of table.columns) {
    if (sequence === null) continue;
    const { rows } = await session.query(
      `select max(t.${quoteName(name)})::text, s.last_value::text,
         coalesce(max(t.${quoteName(name)}) > coalesce(s.last_value, 0), false)
       from pg_sequences s left join ${tableRows(table)} t on true
       where format('%I.%I', s.schemaname, s.sequencename)::regclass = ${quoteText(sequence)}::regclass and s.increment_by > 0
       group by s.last_value`,
    );
    const [row] = rows;
    if (row === undefined) continue;
    const [highest, last, behind] = row;
    results.push({
      check: `sequence ${name}`,
      status: behind === 't' ? 'failed' : 'passed',
      source: highest ?? '0',
      target: last ?? '0',
      found: behind === 't' ? 1 : 0,
      ...(behind === 't'
        ? {
            note: `the next row would get an id that is taken: select setval('${sequence.replaceAll("'", "''")}', ${highest ?? '0'})`,
          }
        : {}),
    });
  }
  return results;
}
