import type { Session } from '../contract/session.js';

/** What a table demands of its rows, as far as a query can ask it; all SQL text as the server writes it. */
export interface ConstraintFacts {
  /** COPY and INSERT take a row the same way: no rule stands in between. */
  readonly plain: boolean;
  /** The server tells whether a text is a type's (`pg_input_is_valid`: PostgreSQL 16 and later). */
  readonly judgesInput: boolean;
  readonly checks: readonly CheckFact[];
  /** Columns whose domain refuses values. */
  readonly domains: readonly DomainFact[];
  readonly foreignKeys: readonly ForeignKeyFact[];
  readonly uniques: readonly UniqueFact[];
}

export interface CheckFact {
  readonly name: string;
  readonly columns: readonly string[];
  /** It speaks of the row as a whole. */
  readonly wholeRow: boolean;
  readonly sql: string;
}

export interface DomainFact {
  readonly column: string;
  /** What the domain stands on in the end, with its modifier. */
  readonly base: string;
  readonly notNull: boolean;
  /** Of the domain and of those it stands on; the value's name is VALUE. */
  readonly checks: readonly { readonly name: string; readonly sql: string }[];
}

/** An operator and collation, quoted, by which two values are compared. */
interface Comparison {
  readonly operator: string;
  /** Null where the type has none. */
  readonly collation: string | null;
}

export interface ForeignKeyFact {
  readonly name: string;
  /** The referenced table, quoted, with ONLY where it has no partitions. */
  readonly from: string;
  readonly self: boolean;
  /** Over periods: no equality decides it. */
  readonly period: boolean;
  /** All columns or none must be null. */
  readonly full: boolean;
  readonly columns: readonly (Comparison & { readonly column: string; readonly referenced: string })[];
}

export interface UniqueFact {
  /** Of the constraint or index, and of its partitions' indexes: what an error may call it. */
  readonly names: readonly string[];
  readonly columns: readonly string[];
  readonly nullsDistinct: boolean;
  readonly predicate: string | null;
  readonly keys: readonly (Comparison & { readonly sql: string })[];
}

const OPERATOR = `(select format('operator(%I.%s)', on_.nspname, o.oprname) from pg_operator o
  join pg_namespace on_ on on_.oid = o.oprnamespace where o.oid = `;
const COLLATION = `(select format('%I.%I', cn.nspname, cl.collname) from pg_collation cl
  join pg_namespace cn on cn.oid = cl.collnamespace where cl.oid = `;

const CHECKS = `
  select coalesce(json_agg(json_build_object('name', c.conname, 'sql', pg_get_expr(c.conbin, c.conrelid),
    'wholeRow', coalesce(0 = any(c.conkey), false),
    'columns', (select coalesce(json_agg(a.attname), '[]') from pg_attribute a
                where a.attrelid = c.conrelid and a.attnum = any(c.conkey))) order by c.oid), '[]')
  from pg_constraint c where c.conrelid = $1::oid and c.contype = 'c'`;

const DOMAINS = `
  with recursive d as (
    select a.attname, t.* from pg_attribute a join pg_type t on t.oid = a.atttypid
    where a.attrelid = $1::oid and a.attnum > 0 and not a.attisdropped and t.typtype = 'd'
    union all select d.attname, t.* from d join pg_type t on t.oid = d.typbasetype where t.typtype = 'd')
  select coalesce(json_agg(json_build_object('column', d.attname, 'notNull', d.not_null, 'base', d.base,
    'checks', d.checks)), '[]')
  from (
    select d.attname, bool_or(d.typnotnull) not_null,
      max(format_type(d.typbasetype, d.typtypmod)) filter (where b.typtype <> 'd') base,
      (select coalesce(json_agg(json_build_object('name', c.conname, 'sql', pg_get_expr(c.conbin, 0))), '[]')
       from pg_constraint c where c.contypid = any(array_agg(d.oid)) and c.contype = 'c') checks
    from d join pg_type b on b.oid = d.typbasetype group by d.attname) d`;

// A table that the role may not read, or not the whole of, cannot be asked; the constraint itself can.
const FOREIGN_KEYS = `
  select coalesce(json_agg(json_build_object('name', f.conname, 'self', f.confrelid = f.conrelid,
    'from', case r.relkind when 'p' then '' else 'only ' end || format('%I.%I', n.nspname, r.relname),
    'full', f.confmatchtype = 'f', 'period', coalesce((to_jsonb(f)->>'conperiod')::boolean, false),
    'columns', (select json_agg(json_build_object('column', a.attname, 'referenced', b.attname,
        'operator', ${OPERATOR} k.op), 'collation', ${COLLATION} b.attcollation)) order by k.n)
      from unnest(f.conkey, f.confkey, f.conpfeqop) with ordinality k(own, other, op, n)
      join pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.own
      join pg_attribute b on b.attrelid = f.confrelid and b.attnum = k.other)) order by f.oid), '[]')
  from pg_constraint f join pg_class r on r.oid = f.confrelid join pg_namespace n on n.oid = r.relnamespace
  where f.conrelid = $1::oid and f.contype = 'f'
    and coalesce((to_jsonb(f)->>'conenforced')::boolean, true)
    and (f.confrelid = f.conrelid or has_table_privilege(r.oid, 'select')
      and has_schema_privilege(n.oid, 'usage') and not row_security_active(r.oid))`;

// Equal means what the index's operator class says; only a type's own class is what PARTITION BY goes by.
const UNIQUES = `
  select coalesce(json_agg(json_build_object(
    'names', (select json_agg(distinct x.relname) from pg_class x where x.oid = i.indexrelid
              or x.oid in (select p.relid from pg_partition_tree(i.indexrelid) p)),
    'columns', (select coalesce(json_agg(a.attname), '[]') from pg_attribute a where a.attrelid = i.indrelid
      and a.attnum > 0 and (a.attnum = any(i.indkey::int2[]) or exists (select from pg_depend d
        where d.classid = 'pg_class'::regclass and d.objid = i.indexrelid and d.refclassid = 'pg_class'::regclass
          and d.refobjid = i.indrelid and d.refobjsubid = a.attnum))),
    'nullsDistinct', not coalesce((to_jsonb(i)->>'indnullsnotdistinct')::boolean, false),
    'predicate', pg_get_expr(i.indpred, i.indrelid),
    'keys', (select json_agg(json_build_object('sql', pg_get_indexdef(i.indexrelid, k.n::int, false),
        'operator', ${OPERATOR} ao.amopopr), 'collation', ${COLLATION} k.coll)) order by k.n)
      from unnest(i.indclass::oid[], i.indcollation::oid[]) with ordinality k(class, coll, n)
      join pg_opclass oc on oc.oid = k.class
      join pg_amop ao on ao.amopfamily = oc.opcfamily and ao.amopstrategy = 3
        and ao.amoplefttype = oc.opcintype and ao.amoprighttype = oc.opcintype)) order by i.indexrelid), '[]')
  from pg_index i
  where i.indrelid = $1::oid and i.indisunique and i.indisready
    and not exists (select from unnest(i.indclass::oid[]) k(class) join pg_opclass oc on oc.oid = k.class
                    where not oc.opcdefault)`;

/** Reads a table's constraints as they stand now. */
export async function readConstraintFacts(session: Session, oid: number): Promise<ConstraintFacts> {
  const { rows } = await session.query(
    `select json_build_object('checks', (${CHECKS}), 'domains', (${DOMAINS}), 'foreignKeys', (${FOREIGN_KEYS}),
       'uniques', (${UNIQUES}),
       'judgesInput', to_regprocedure('pg_catalog.pg_input_is_valid(text, text)') is not null, 'plain', not exists
         (select from pg_rewrite w where w.ev_class = $1::oid and w.ev_type = '3' and w.ev_enabled <> 'D'))`,
    [oid],
  );
  return JSON.parse(rows[0]?.[0] ?? '') as ConstraintFacts;
}
