import type { BulkKind, Deferred } from '../contract/constraints.js';
import type { Session } from '../contract/session.js';
import { quoteName, quoteText } from './identifier.js';
import { STEADY } from './constraints.js';
import { duplicatesSql, orphansSql, type IndexParts, type ReferenceParts } from './violators.js';

/** A constraint or index as the catalogue describes it, with the SQL that takes it away and brings it back. */
export interface Described extends Omit<Deferred, 'object' | 'ordinal'> {
  readonly name: string;
  /** All that must be the same after it came back, as JSON. */
  readonly description: string;
  /** Two rows can be in each other's way. */
  readonly unique: boolean;
  /** As in `BulkObject`. */
  readonly steady: boolean;
}

/** The index $2 of the table $1: description, statements' parts, and what its duplicates are found by. */
const INDEX_SQL = `
  select jsonb_build_object('index', pg_get_indexdef(x.oid), 'constraint', pg_get_constraintdef(u.oid),
      'comment', obj_description(x.oid, 'pg_class'), 'constraint_comment', obj_description(u.oid, 'pg_constraint'),
      'options', x.reloptions, 'tablespace', x.reltablespace, 'owner', x.relowner, 'immediate', i.indimmediate,
      'valid', i.indisvalid, 'clustered', i.indisclustered, 'identity', i.indisreplident,
      'deferrable', u.condeferrable, 'deferred', u.condeferred, 'validated', u.convalidated,
      'statistics', (select jsonb_agg(to_jsonb(a)->'attstattarget' order by a.attnum) from pg_attribute a where a.attrelid = x.oid),
      'needs', (select count(*) from pg_depend d where d.objid = x.oid and d.classid = 'pg_class'::regclass and d.deptype in ('e', 'x')))::text,
    n.nspname, pg_get_indexdef(x.oid), u.oid is not null, u.condeferrable, u.condeferred,
    obj_description(x.oid, 'pg_class'), obj_description(u.oid, 'pg_constraint'),
    case when i.indisunique then json_build_object(
      'keys', (select json_agg(json_build_object('sql', pg_get_indexdef(x.oid, k, false),
          'collation', (select format('%I.%I', m.nspname, c.collname) from pg_collation c
            join pg_namespace m on m.oid = c.collnamespace where c.oid = i.indcollation[k - 1])) order by k)
        from generate_series(1, i.indnkeyatts::int) k),
      'predicate', pg_get_expr(i.indpred, i.indrelid),
      'nullsEqual', coalesce((to_jsonb(i)->>'indnullsnotdistinct')::boolean, false)) end, ${STEADY}
  from pg_index i join pg_class x on x.oid = i.indexrelid join pg_namespace n on n.oid = x.relnamespace
  left join pg_constraint u on u.conindid = i.indexrelid and u.conrelid = i.indrelid and u.contype = 'u'
  where i.indrelid = $1::regclass and x.relname = $2`;

/** The foreign key $2 of the table $1. */
const FOREIGN_KEY_SQL = `
  select jsonb_build_object('constraint', pg_get_constraintdef(k.oid), 'comment', obj_description(k.oid, 'pg_constraint'),
      'validated', k.convalidated, 'enforced', to_jsonb(k)->'conenforced', 'deferrable', k.condeferrable,
      'deferred', k.condeferred, 'index', k.conindid::regclass::text, 'operators', k.conpfeqop,
      'triggers', (select jsonb_agg(t.tgenabled order by t.tgrelid, t.tgtype) from pg_trigger t where t.tgconstraint = k.oid))::text,
    pg_get_constraintdef(k.oid), obj_description(k.oid, 'pg_constraint'),
    json_build_object('table', k.confrelid::regclass::text, 'only', r.relkind = 'r', 'full', k.confmatchtype = 'f',
      'pairs', (select json_agg(json_build_object('own', own.attname, 'other', other.attname,
          'operator', (select format('operator(%I.%s)', m.nspname, o.oprname) from pg_operator o
            join pg_namespace m on m.oid = o.oprnamespace where o.oid = k.conpfeqop[c.n]),
          'collation', (select format('%I.%I', m.nspname, l.collname) from pg_collation l
            join pg_namespace m on m.oid = l.collnamespace where l.oid = other.attcollation)) order by c.n)
        from generate_series(1, cardinality(k.conkey)) c(n)
        join pg_attribute own on own.attrelid = k.conrelid and own.attnum = k.conkey[c.n]
        join pg_attribute other on other.attrelid = k.confrelid and other.attnum = k.confkey[c.n]))
  from pg_constraint k join pg_class r on r.oid = k.confrelid
  where k.conrelid = $1::regclass and k.contype = 'f' and k.conname = $2`;

const comment = (on: string, text: string | null | undefined): readonly string[] =>
  text === null || text === undefined ? [] : [`comment on ${on} is ${quoteText(text)}`];

/**
 * Describes a table's index, unique constraint or foreign key by its name; null where there is none.
 * For a transaction in which only `pg_catalog` is searched, so that all names come out qualified.
 */
export async function describeObject(
  session: Session,
  table: string,
  name: string,
): Promise<Described | null> {
  return (await describeIndex(session, table, name)) ?? describeForeignKey(session, table, name);
}

async function describeIndex(session: Session, table: string, name: string): Promise<Described | null> {
  const [row] = (await session.query(INDEX_SQL, [table, name])).rows;
  if (row === undefined) return null;
  const [
    description,
    schema,
    definition,
    constraint,
    deferrable,
    deferred,
    said,
    saidOfConstraint,
    parts,
    steady,
  ] = row;
  const index = `${quoteName(schema ?? '')}.${quoteName(name)}`;
  const kind: BulkKind = constraint === 't' ? 'unique' : 'index';
  const when = deferrable === 't' ? ` deferrable${deferred === 't' ? ' initially deferred' : ''}` : '';
  const add = `alter table only ${table} add constraint ${quoteName(name)} unique using index ${quoteName(name)}${when}`;
  return {
    name,
    kind,
    description: description ?? '',
    unique: parts !== null,
    steady: steady === 't',
    dropSql: kind === 'unique' ? dropConstraint(table, name) : `drop index ${index}`,
    createSql: [
      definition ?? '',
      ...(kind === 'unique' ? [add] : []),
      ...comment(`index ${index}`, said),
      ...(kind === 'unique' ? comment(`constraint ${quoteName(name)} on ${table}`, saidOfConstraint) : []),
    ],
    validateSql: null,
    violatorsSql:
      parts === null || parts === undefined ? null : duplicatesSql(table, JSON.parse(parts) as IndexParts),
  };
}

async function describeForeignKey(session: Session, table: string, name: string): Promise<Described | null> {
  const [row] = (await session.query(FOREIGN_KEY_SQL, [table, name])).rows;
  if (row === undefined) return null;
  const [description, definition, said, parts] = row;
  const constraint = quoteName(name);
  return {
    name,
    kind: 'foreign_key',
    description: description ?? '',
    unique: false,
    steady: false,
    dropSql: dropConstraint(table, name),
    createSql: [
      `alter table only ${table} add constraint ${constraint} ${definition ?? ''} not valid`,
      ...comment(`constraint ${constraint} on ${table}`, said),
    ],
    validateSql: `alter table only ${table} validate constraint ${constraint}`,
    violatorsSql: orphansSql(table, JSON.parse(parts ?? '{}') as ReferenceParts),
  };
}

const dropConstraint = (table: string, name: string): string =>
  `alter table only ${table} drop constraint ${quoteName(name)}`;
