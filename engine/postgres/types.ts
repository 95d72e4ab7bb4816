import type { PgType } from '../contract/catalogue.js';
import type { Session } from '../contract/session.js';
import type { BaseType } from '../contract/value.js';
import { quoteName } from './identifier.js';

const BASES: Readonly<Record<string, BaseType>> = {
  text: 'text',
  varchar: 'text',
  bpchar: 'text',
  name: 'text',
  char: 'text',
  citext: 'text',
  int2: 'integer',
  int4: 'integer',
  int8: 'integer',
  oid: 'integer',
  numeric: 'numeric',
  float4: 'float',
  float8: 'float',
  bool: 'boolean',
  date: 'date',
  time: 'time',
  timetz: 'time',
  timestamp: 'timestamp',
  timestamptz: 'timestamptz',
  json: 'json',
  jsonb: 'json',
  uuid: 'uuid',
  bytea: 'bytea',
};

const TYPES_SQL = `
  select t.oid, n.nspname, t.typname, t.typtype, t.typcategory, t.typbasetype, t.typtypmod,
         (select json_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid)
  from pg_type t join pg_namespace n on n.oid = t.typnamespace
  where t.typtype <> 'c' or t.typcategory <> 'C'
     or exists (select from pg_class c where c.oid = t.typrelid and c.relkind = 'c')`;

interface TypeRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly kind: PgType['kind'];
  readonly baseOid: number;
  readonly baseModifier: number;
  readonly labels: readonly string[];
}

const KINDS: Readonly<Record<string, PgType['kind']>> = {
  b: 'base',
  e: 'enum',
  d: 'domain',
  c: 'composite',
  r: 'range',
  m: 'range',
  p: 'pseudo',
};

/** The types of one database, all read at once; shared by its tables and query results. */
export class TypeRegistry {
  private constructor(private readonly rows: ReadonlyMap<number, TypeRow>) {}

  static async read(session: Session): Promise<TypeRegistry> {
    const { rows } = await session.query(TYPES_SQL);
    const entries = rows.map(([oid, schema, name, type, category, base, modifier, labels]): TypeRow => ({
      oid: Number(oid),
      schema: schema ?? '',
      name: name ?? '',
      // A domain has the category of what it stands on.
      kind: category === 'A' && type !== 'd' ? 'array' : (KINDS[type ?? ''] ?? 'base'),
      baseOid: Number(base),
      baseModifier: Number(modifier),
      labels: labels === null || labels === undefined ? [] : (JSON.parse(labels) as string[]),
    }));
    return new TypeRegistry(new Map(entries.map((row) => [row.oid, row])));
  }

  /** `display` is the server's own `format_type`. */
  type(oid: number, modifier: number, display: string): PgType {
    const row = this.rows.get(oid);
    if (row === undefined) {
      return {
        oid,
        schema: 'pg_catalog',
        name: display,
        modifier,
        base: 'other',
        kind: 'base',
        domainOf: null,
        labels: [],
        display,
        sql: display,
      };
    }
    const domainOf =
      row.kind === 'domain'
        ? this.type(row.baseOid, row.baseModifier, this.rows.get(row.baseOid)?.name ?? display)
        : null;
    return {
      oid,
      schema: row.schema,
      name: row.name,
      modifier,
      base: domainOf?.base ?? (row.kind === 'base' ? (BASES[row.name] ?? 'other') : 'other'),
      kind: row.kind,
      domainOf,
      labels: domainOf?.labels ?? row.labels,
      display,
      sql: `${quoteName(row.schema)}.${quoteName(row.name)}`,
    };
  }
}
