import type { ForeignKey, ResultColumn, Table, TableColumn } from '../contract/catalogue.js';
import type { Session } from '../contract/session.js';
import { TypeRegistry } from './types.js';

const TABLE_SQL = `
  select c.oid, n.nspname, c.relname, c.relkind, row_security_active(c.oid), c.relhassubclass,
         t.of_insert, t.of_update
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  -- Of the bits of tgtype: 1 row, 2 before, 4 insert, 16 update.
  cross join lateral (
    select coalesce(bool_or((t.tgtype & 7) = 7), false) of_insert, coalesce(bool_or((t.tgtype & 19) = 19), false) of_update
    from pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal and t.tgenabled <> 'D') t
  where c.oid = to_regclass($1)`;

const COLUMNS_SQL = `
  select a.attname, a.atttypid, a.atttypmod, format_type(a.atttypid, a.atttypmod), a.attnotnull,
         a.atthasdef or a.attidentity <> '', a.attgenerated <> '', a.attidentity,
         pg_get_serial_sequence(c.oid::regclass::text, a.attname)
  from pg_attribute a join pg_class c on c.oid = a.attrelid
  where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped order by a.attnum`;

const KEYS_SQL = `
  select i.indisprimary,
         (select json_agg(a.attname order by k.n) from unnest(i.indkey::int2[]) with ordinality k(attnum, n)
          join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum where k.n <= i.indnkeyatts)
  from pg_index i
  where i.indrelid = $1 and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null
  order by i.indexrelid`;

const FOREIGN_KEYS_SQL = `
  select f.conname, n.nspname, c.relname, f.convalidated,
         (select json_agg(a.attname order by k.n) from unnest(f.conkey) with ordinality k(attnum, n)
          join pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.attnum),
         (select json_agg(a.attname order by k.n) from unnest(f.confkey) with ordinality k(attnum, n)
          join pg_attribute a on a.attrelid = f.confrelid and a.attnum = k.attnum)
  from pg_constraint f join pg_class c on c.oid = f.confrelid join pg_namespace n on n.oid = c.relnamespace
  where f.conrelid = $1 and f.contype = 'f' order by f.oid`;

const truth = (text: string | null | undefined): boolean => text === 't';
const names = (json: string | null | undefined): readonly string[] =>
  json === null || json === undefined ? [] : (JSON.parse(json) as string[]);

/** Reads what one database's catalogue says of tables and queries. */
export class Catalogue {
  private constructor(
    private readonly session: Session,
    private readonly types: TypeRegistry,
  ) {}

  static async open(session: Session): Promise<Catalogue> {
    return new Catalogue(session, await TypeRegistry.read(session));
  }

  /**
   * @param quoted the table as SQL text (`"a"."b"`, or `"b"` by the search path)
   * @returns null where there is no such table
   */
  async table(quoted: string): Promise<Table | null> {
    const [row] = (await this.session.query(TABLE_SQL, [quoted])).rows;
    if (row === undefined) return null;
    const oid = Number(row[0]);
    const keys = (await this.session.query(KEYS_SQL, [oid])).rows;
    return {
      oid,
      schema: row[1] ?? '',
      name: row[2] ?? '',
      kind: row[3] ?? 'r',
      rowSecurity: truth(row[4]),
      hasChildren: truth(row[5]),
      maySwallow: truth(row[6]),
      maySwallowUpdates: truth(row[7]),
      columns: await this.columns(oid),
      primaryKey: names(keys.find(([primary]) => truth(primary))?.[1]),
      uniques: keys.map(([, columns]) => names(columns)),
      foreignKeys: await this.foreignKeys(oid),
    };
  }

  /** The table names in the schemas of the search path and beyond, for "did you mean". */
  async tableNames(): Promise<readonly string[]> {
    const { rows } = await this.session.query(
      `select case when pg_table_is_visible(c.oid) then c.relname else n.nspname || '.' || c.relname end
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname not in ('pg_catalog', 'information_schema')`,
    );
    return rows.map(([name]) => name ?? '');
  }

  /** The columns that a query gives, without running it. @throws EtlError with the server's complaint */
  async describe(sql: string): Promise<readonly ResultColumn[]> {
    const { columns } = await this.session.query(`select * from (${sql}\n) q limit 0`);
    const shown = await this.session.query(
      'select format_type(t.o::oid, t.m::int) from json_to_recordset($1) as t(o bigint, m int, n int) order by n',
      [JSON.stringify(columns.map((c, n) => ({ o: c.oid, m: c.modifier, n })))],
    );
    return columns.map((column, n) => ({
      name: column.name,
      type: this.types.type(column.oid, column.modifier, shown.rows[n]?.[0] ?? ''),
    }));
  }

  private async columns(oid: number): Promise<readonly TableColumn[]> {
    const { rows } = await this.session.query(COLUMNS_SQL, [oid]);
    return rows.map(([name, type, modifier, shown, notNull, def, generated, identity, sequence]) => ({
      name: name ?? '',
      type: this.types.type(Number(type), Number(modifier), shown ?? ''),
      notNull: truth(notNull),
      hasDefault: truth(def) && !truth(generated),
      generated: truth(generated),
      identity: identity === 'a' ? 'always' : identity === 'd' ? 'by default' : null,
      sequence: sequence ?? null,
    }));
  }

  private async foreignKeys(oid: number): Promise<readonly ForeignKey[]> {
    const { rows } = await this.session.query(FOREIGN_KEYS_SQL, [oid]);
    return rows.map(([name, schema, table, validated, columns, referenced]) => ({
      name: name ?? '',
      columns: names(columns),
      table: { schema: schema ?? '', name: table ?? '' },
      referenced: names(referenced),
      validated: truth(validated),
    }));
  }
}
