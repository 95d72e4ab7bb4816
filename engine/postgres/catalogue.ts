import type { ForeignKey, ResultColumn, RowSecurity, Table, TableColumn } from '../contract/catalogue.js';
import { EtlError } from '../contract/errors.js';
import type { QueryRows, Session } from '../contract/session.js';
import { writtenTable } from '../contract/table-name.js';
import { QueryColumns } from './query-columns.js';
import { readableSql, rowSecuritySql } from './row-security.js';
import { TypeRegistry } from './types.js';

// Each is asked of all tables of a project at once: what it says of one begins with that one's oid.
const tableSql = (oids: string): string => `
  select c.oid, n.nspname, c.relname, c.relkind, ${rowSecuritySql('c', 'n')}, c.relhassubclass,
         t.of_insert or r.of_insert, t.of_update or r.of_update,
         pg_has_role(c.relowner, 'USAGE'), ${readableSql('c')}, current_user, r.of_insert or r.of_update,
         (select min(i.indexrelid::regclass::text) from pg_index i
          where i.indrelid in (select c.oid union select relid from pg_partition_tree(c.oid)) and i.indisvalid
            and (i.indisexclusion or i.indisunique and (i.indpred is not null or i.indexprs is not null)))
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  -- Of the bits of tgtype: 1 row, 2 before, 4 insert, 16 update.
  cross join lateral (
    select coalesce(bool_or((t.tgtype & 7) = 7), false) of_insert, coalesce(bool_or((t.tgtype & 19) = 19), false) of_update
    from pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal and t.tgenabled <> 'D') t
  cross join lateral (
    select coalesce(bool_or(w.ev_type = '3'), false) of_insert, coalesce(bool_or(w.ev_type = '2'), false) of_update
    from pg_rewrite w where w.ev_class = c.oid and w.ev_enabled <> 'D') r
  where c.oid in (${oids})`;

const columnsSql = (oids: string): string => `
  select a.attrelid, a.attname, a.atttypid, a.atttypmod, format_type(a.atttypid, a.atttypmod), a.attnotnull,
         a.atthasdef or a.attidentity <> '', a.attgenerated <> '', a.attidentity,
         pg_get_serial_sequence(c.oid::regclass::text, a.attname)
  from pg_attribute a join pg_class c on c.oid = a.attrelid
  where a.attrelid in (${oids}) and a.attnum > 0 and not a.attisdropped order by a.attrelid, a.attnum`;

const keysSql = (oids: string): string => `
  select i.indrelid, i.indisprimary,
         (select json_agg(a.attname order by k.n) from unnest(i.indkey::int2[]) with ordinality k(attnum, n)
          join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum where k.n <= i.indnkeyatts)
  from pg_index i
  where i.indrelid in (${oids}) and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null
  order by i.indexrelid`;

const foreignKeysSql = (oids: string): string => `
  select f.conrelid, f.conname, n.nspname, c.relname, f.convalidated,
         (select json_agg(a.attname order by k.n) from unnest(f.conkey) with ordinality k(attnum, n)
          join pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.attnum),
         (select json_agg(a.attname order by k.n) from unnest(f.confkey) with ordinality k(attnum, n)
          join pg_attribute a on a.attrelid = f.confrelid and a.attnum = k.attnum)
  from pg_constraint f join pg_class c on c.oid = f.confrelid join pg_namespace n on n.oid = c.relnamespace
  where f.conrelid in (${oids}) and f.contype = 'f' order by f.oid`;

const truth = (text: string | null | undefined): boolean => text === 't';
const names = (json: string | null | undefined): readonly string[] =>
  json === null || json === undefined ? [] : (JSON.parse(json) as string[]);

type Rows = QueryRows['rows'];

/** The rows of each table, without the oid that they begin with. */
function byTable(rows: Rows): (oid: string) => Rows {
  const found = new Map<string, (readonly (string | null)[])[]>();
  for (const [oid = '', ...row] of rows) {
    const list = found.get(oid ?? '');
    if (list === undefined) found.set(oid ?? '', [row]);
    else list.push(row);
  }
  return (oid) => found.get(oid) ?? [];
}

/** Reads what one database's catalogue says of tables and queries: of many at once, in a few round trips. */
export class Catalogue {
  private constructor(
    private readonly session: Session,
    private readonly types: TypeRegistry,
    private readonly results: QueryColumns,
  ) {}

  static async open(session: Session): Promise<Catalogue> {
    const types = await TypeRegistry.read(session);
    return new Catalogue(session, types, new QueryColumns(session, types));
  }

  /**
   * Two round trips for all of them.
   * @param quoted the tables as SQL text (`"a"."b"`, or `"b"` by the search path)
   * @returns by the names asked for; who is not in it does not exist
   */
  async tables(quoted: readonly string[]): Promise<ReadonlyMap<string, Table>> {
    const found = new Map<string, string>();
    const { rows } = await this.session.query(
      // A table in a schema that the role may not use does not exist for it: to_regclass raises an error.
      `select name, case when cardinality(part) = 2 and exists (select from pg_namespace n where n.nspname = part[1]
           and not has_schema_privilege(n.oid, 'usage')) then null else to_regclass(name)::oid end
       from json_array_elements_text($1) name, parse_ident(name) part`,
      [JSON.stringify([...new Set(quoted)])],
    );
    for (const [name, oid] of rows) if (typeof oid === 'string') found.set(name ?? '', oid);
    const read = await this.read([...new Set(found.values())]);
    return new Map(
      [...found].flatMap(([name, oid]) => {
        const table = read.get(oid);
        return table === undefined ? [] : [[name, table]];
      }),
    );
  }

  private async read(oids: readonly string[]): Promise<ReadonlyMap<string, Table>> {
    if (oids.length === 0) return new Map();
    const list = oids.map((oid) => `'${oid}'`).join(', ');
    const answers = await this.session.queries(
      [tableSql, columnsSql, keysSql, foreignKeysSql].map((sql) => sql(list)),
    );
    const [tables = [], ...parts] = answers.map((answer) => {
      if (answer instanceof EtlError) throw answer;
      return answer.rows;
    });
    const [columnsOf, keysOf, foreignKeysOf] = parts.map(byTable);
    const read = new Map<string, Table>();
    for (const row of tables) {
      const oid = row[0] ?? '';
      const keys = keysOf?.(oid) ?? [];
      read.set(oid, {
        oid: Number(oid),
        schema: row[1] ?? '',
        name: row[2] ?? '',
        kind: row[3] ?? 'r',
        rowSecurity: row[4] == null ? null : (JSON.parse(row[4]) as RowSecurity),
        hasChildren: truth(row[5]),
        maySwallow: truth(row[6]),
        maySwallowUpdates: truth(row[7]),
        owned: truth(row[8]),
        readable: row[9] == null ? null : names(row[9]),
        role: row[10] ?? '',
        ruled: truth(row[11]),
        keptApartBy: row[12] ?? null,
        columns: this.columns(columnsOf?.(oid) ?? []),
        primaryKey: names(keys.find(([primary]) => truth(primary))?.[1]),
        uniques: keys.map(([, columns]) => names(columns)),
        foreignKeys: foreignKeys(foreignKeysOf?.(oid) ?? []),
      });
    }
    return read;
  }

  /** The table names as mappings write them, in the schemas of the search path and beyond, for "did you mean". */
  async tableNames(): Promise<readonly string[]> {
    const { rows } = await this.session.query(
      `select pg_table_is_visible(c.oid), n.nspname, c.relname
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname not in ('pg_catalog', 'information_schema')`,
    );
    return rows.map(([visible, ...name]) =>
      writtenTable(name.slice(truth(visible) ? 1 : 0).map((part) => part ?? '')),
    );
  }

  /** See {@link QueryColumns.of}. */
  describe(queries: readonly string[]): Promise<readonly (readonly ResultColumn[] | EtlError)[]> {
    return this.results.of(queries);
  }

  private columns(rows: Rows): readonly TableColumn[] {
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
}

const foreignKeys = (rows: Rows): readonly ForeignKey[] =>
  rows.map(([name, schema, table, validated, columns, referenced]) => ({
    name: name ?? '',
    columns: names(columns),
    table: { schema: schema ?? '', name: table ?? '' },
    referenced: names(referenced),
    validated: truth(validated),
  }));
