import type { Session } from '../../contract/session.js';
import { quoteText } from '../../postgres/identifier.js';
import { ownXidsSql } from '../../postgres/undo.js';
import { pairsNamed } from '../keys/pairs.js';
import { matches, shownHandle, type Undone } from './tables.js';

/** What is undone, and how. */
export interface Undoing {
  readonly session: Session;
  /** The state schema, quoted. */
  readonly schema: string;
  readonly project: string;
  readonly run: string;
  readonly mappings: readonly Undone[];
  /** Rows that were changed since are undone too. */
  readonly force: boolean;
}

/**
 * The temporary tables of a rollback, gone with its transaction:
 * - `etl_xids`: what the run's own rows carry as xmin; `etl_others`: the same of all other runs
 * - `etl_gone`: rows that the run has created; `keep` says why one stays
 * - `etl_back`: rows as they were before the run, and what is to be done
 */
const TABLES = `
  create temp table etl_xids (x bigint primary key) on commit drop;
  create temp table etl_others (x bigint primary key, run text, mapping text) on commit drop;
  create temp table etl_gone (tab oid, at tid, m int, handle text, changed boolean, by_run text, keep text,
    primary key (tab, at)) on commit drop;
  create temp table etl_back (m int, first bigint, handle text, was_xid bigint, was jsonb, deleted boolean,
    source_key text, pair_run text, tab oid, at tid, changed boolean, by_run text, action text,
    owner_run text, owner_mapping text, primary key (m, first)) on commit drop;
  create temp table etl_sub (n int) on commit drop`;

/** Finds the rows of the run in the open transaction: fills the temporary tables. */
export async function findRows(undoing: Undoing): Promise<void> {
  const { session, mappings } = undoing;
  await session.query(TABLES);
  await session.query(xidsSql(undoing));
  await session.query(othersSql(undoing));
  await session.query('analyze pg_temp.etl_xids; analyze pg_temp.etl_others');
  for (const mapping of mappings) await session.query(createdSql(undoing, mapping));
  for (const mapping of mappings) await session.query(beforeSql(undoing, mapping));
  await session.query('analyze pg_temp.etl_gone; analyze pg_temp.etl_back');
  await session.query(decideSql(undoing));
}

/** The rows of `etl.batches` that speak of what is undone. */
const ours = ({ run, mappings }: Undoing): string =>
  `(b.run = ${quoteText(run)} and b.mapping in (${mappings.map(({ name }) => quoteText(name)).join(', ')}))`;

const xidsSql = (undoing: Undoing): string =>
  `insert into pg_temp.etl_xids select * from (${ownXidsSql(undoing.schema, ours(undoing))}) x on conflict do nothing`;

/** Older ones than 2^31 transactions could be taken for new ones, since a row knows 32 bits alone. */
function othersSql(undoing: Undoing): string {
  const batches = `${undoing.schema}.batches b where not ${ours(undoing)} and txid_current() - b.xid < 2147483648`;
  return `insert into pg_temp.etl_others select distinct on (x) x, run, mapping from (
      select b.xid & 4294967295 as x, b.run, b.mapping, b.xid from ${batches}
      union all select unnest(b.xids), b.run, b.mapping, b.xid from ${batches}) o
    order by x, xid desc`;
}

const AUTHORS = `left join pg_temp.etl_xids x on x.x = t.xmin::text::bigint
  left join pg_temp.etl_others o on o.x = t.xmin::text::bigint`;

/** Finds the rows that the run has created: by the ids or handles that its batches name, or by its kept pairs. */
function createdSql(undoing: Undoing, mapping: Undone): string {
  const { schema, project, run } = undoing;
  const { n, rows, from } = mapping;
  const batches = `${schema}.batches b where b.run = ${quoteText(run)} and b.mapping = ${quoteText(rows.mapping)}`;
  const handles = [
    `select i::text as h from ${schema}.batches b, unnest(b.ids) r,
       generate_series(lower(r), case when upper_inf(r) then lower(r) else upper(r) - 1 end) i
     where b.run = ${quoteText(run)} and b.mapping = ${quoteText(rows.mapping)}`,
    `select json_array_elements_text(b.created) from ${batches} and b.created is not null`,
    ...(rows.found === 'key_map'
      ? [
          `select k.target_key from ${schema}.key_map k where ${pairsNamed(project, rows.mapping)} and k.run = ${quoteText(run)} and not k.merged`,
        ]
      : []),
  ];
  const found =
    rows.handle.length === 0
      ? `${from} t`
      : `(${handles.join(' union ')}) g join ${from} t on ${matches(mapping, 'g.h')}`;
  return `insert into pg_temp.etl_gone (tab, at, m, handle, changed, by_run)
    select t.tableoid, t.ctid, ${String(n)}, ${shownHandle(mapping)}, x.x is null, o.run
    from ${found} ${AUTHORS}${rows.handle.length === 0 ? ' where x.x is not null' : ''} on conflict do nothing`;
}

/** Finds the rows that the run has changed or deleted; of several entries of a row the oldest counts, column by column. */
function beforeSql({ schema, run }: Undoing, mapping: Undone): string {
  const { n, rows, from } = mapping;
  const entries = (alias: string): string =>
    `${alias}.run = ${quoteText(run)} and ${alias}.mapping = ${quoteText(rows.mapping)}`;
  return `insert into pg_temp.etl_back (m, first, handle, was_xid, was, deleted, source_key, pair_run, tab, at, changed, by_run)
    select ${String(n)}, e.first, u.handle, u.was_xid,
      case when e.count = 1 then u.was else (select jsonb_object_agg(j.key, j.value order by v.id desc)
        from ${schema}.undo v, jsonb_each(v.was) j where ${entries('v')} and v.handle = e.handle) end,
      e.deleted, d.source_key, d.pair_run, t.tableoid, t.ctid, t.ctid is not null and x.x is null, o.run
    from (select i.handle, min(i.id) as first, count(*) as count, bool_or(i.kind = 'deleted') as deleted
      from ${schema}.undo i where ${entries('i')} group by i.handle) e
    join ${schema}.undo u on u.id = e.first
    left join lateral (select v.source_key, v.pair_run from ${schema}.undo v
      where e.deleted and ${entries('v')} and v.handle = e.handle and v.kind = 'deleted' order by v.id limit 1) d on true
    left join ${from} t on ${matches(mapping, 'u.handle')} ${AUTHORS}`;
}

/** Decides about each row what is to be done, as far as rows of others do not speak against it. */
function decideSql({ mappings, force }: Undoing): string {
  const inPlace = ['-1', ...mappings.filter((mapping) => mapping.inPlace).map(({ n }) => String(n))];
  return `
    -- The run's own rows need no values of their own.
    delete from pg_temp.etl_back b using pg_temp.etl_gone g where g.tab = b.tab and g.at = b.at and not b.deleted;
    delete from pg_temp.etl_back b using pg_temp.etl_xids x where x.x = b.was_xid and (b.at is null or b.deleted);
    update pg_temp.etl_back b set action = case
        when at is null and deleted then 'insert' when at is null then 'gone'
        when exists (select from pg_temp.etl_gone g where g.tab = b.tab and g.at = b.at) and m not in (${inPlace.join(', ')}) then 'insert'
        when changed and not ${String(force)} then 'keep' else 'update' end;
    delete from pg_temp.etl_gone g using pg_temp.etl_back b where b.tab = g.tab and b.at = g.at and b.action in ('update', 'keep');
    update pg_temp.etl_gone set keep = 'changed' where changed and not ${String(force)};
    -- Of a row that several mappings fill, the oldest entry says whose it was.
    update pg_temp.etl_back b set was_xid = o.was_xid from (select distinct on (tab, at) tab, at, was_xid
      from pg_temp.etl_back where at is not null order by tab, at, first) o where o.tab = b.tab and o.at = b.at;
    update pg_temp.etl_back b set owner_run = o.run, owner_mapping = o.mapping
      from pg_temp.etl_others o where o.x = b.was_xid`;
}
