import { isAt, placeOf, type Edge } from './edge.js';

/**
 * `etl_closure`: the members, each with the way that led to it and the member that it was reached from; `round` grows with
 * the distance, `n` with the order in which they were found. `etl_candidates`: the rows that {@link heldSql} asks about.
 */
export const CREATE = `
  create temp table if not exists etl_closure (n bigint generated always as identity unique, kind int, tab oid, at tid,
    onwards boolean not null, edge int, p_kind int, p_tab oid, p_at tid, round int not null, primary key (at, tab, kind));
  create temp table if not exists etl_candidates (kind int, tab oid, at tid, primary key (at, tab, kind));
  truncate pg_temp.etl_closure, pg_temp.etl_candidates restart identity`;

const COLUMNS = '(kind, tab, at, onwards, edge, p_kind, p_tab, p_at, round)';

const isIn = (table: 'etl_closure' | 'etl_candidates', row: 't' | 'm', kind: number, and = ''): string =>
  `exists (select from pg_temp.${table} o where ${isAt(row, 'o')} and o.kind = ${String(kind)}${and})`;

/** What follows `from`: the pairs of a way whose `m` is a member through which others are reached, the member as `c`. */
export const toMembers = (edge: Pick<Edge, 'pairs' | 'where' | 'to'>): string =>
  `${edge.pairs} join pg_temp.etl_closure c on ${isAt('m', 'c')} and c.kind = ${String(edge.to)}
   where c.onwards and ${edge.where}`;

/** The same of those whose `t` is not. */
export const fromOthers = (edge: Edge): string =>
  `${toMembers(edge)} and not ${isIn('etl_closure', 't', edge.from, ' and o.onwards')}`;

/** Adds what refers by one way to the members of the rounds from `since` on. */
export const stepSql = (edge: Edge, n: number, since: number, round: number): string =>
  `insert into pg_temp.etl_closure ${COLUMNS}
   select distinct on (${placeOf('t')}) ${String(edge.from)}, ${placeOf('t')}, ${edge.onwards}, ${String(n)},
     ${String(edge.to)}, ${placeOf('m')}, ${String(round)}
   from ${toMembers(edge)} and c.round >= ${String(since)} and not ${isIn('etl_closure', 't', edge.from)}`;

/** Makes `etl_edges` anew: what is reached, and from where. */
export const CREATE_EDGES = `drop table if exists pg_temp.etl_edges;
  create temp table etl_edges (from_kind int, from_tab oid, from_at tid, kind int, tab oid, at tid, onwards boolean, edge int)`;

/** All pairs of a way, from the row that is referred to. */
export const referringSql = (edge: Edge, n: number): string =>
  `insert into pg_temp.etl_edges select ${String(edge.to)}, ${placeOf('m')}, ${String(edge.from)}, ${placeOf('t')},
     ${edge.onwards}, ${String(n)}
   from ${edge.pairs} where ${edge.where} and not ${isIn('etl_closure', 't', edge.from)}`;

/** The pairs of a way within the candidates, from the row that refers. */
export const referredSql = (edge: Edge, n: number): string =>
  `insert into pg_temp.etl_edges select ${String(edge.from)}, ${placeOf('t')}, ${String(edge.to)}, ${placeOf('m')},
     true, ${String(n)}
   from ${edge.pairs} where ${edge.where} and ${isIn('etl_candidates', 't', edge.from)}
     and ${isIn('etl_candidates', 'm', edge.to)} and not ${isIn('etl_closure', 'm', edge.to)}`;

export const INDEX_EDGES =
  'create index on pg_temp.etl_edges (from_at, from_tab, from_kind); analyze pg_temp.etl_edges';

/** The first member of the rounds from `since` on, and the last of all. */
export const boundsSql = (since: number): string =>
  `select coalesce(min(n) filter (where round >= ${String(since)}), 0), coalesce(max(n), -1) from pg_temp.etl_closure`;

/**
 * Adds what `etl_edges` leads to from the members numbered `from` to `from + most`, at the most `most` entries of it; to be
 * repeated until it adds none. Each entry costs a look into the indexes, however long the way: `offset 0` keeps the
 * planner from joining all edges anew in each iteration. The first entry that finds a row stands behind the entry of
 * the row that it comes from, so the ways back never run in a ring.
 */
export const reachSql = (from: number, round: number, most: number): string =>
  `insert into pg_temp.etl_closure ${COLUMNS}
   with recursive x as (
     select kind, tab, at, onwards, null::int as edge, null::int as p_kind, null::oid as p_tab, null::tid as p_at
     from pg_temp.etl_closure where n >= ${String(from)} and n < ${String(from + most)}
     union
     select e.kind, e.tab, e.at, e.onwards, e.edge, x.kind, x.tab, x.at from x cross join lateral (
       select e.kind, e.tab, e.at, e.onwards, e.edge from pg_temp.etl_edges e
       where e.from_at = x.at and e.from_tab = x.tab and e.from_kind = x.kind and not exists (
         select from pg_temp.etl_closure o where o.at = e.at and o.tab = e.tab and o.kind = e.kind offset 0)
       offset 0) e
     where x.onwards
   ), found as (select x.*, row_number() over () as n from x where x.edge is not null limit ${String(most)})
   select kind, tab, at, onwards, edge, p_kind, p_tab, p_at, ${String(round)}
   from (select distinct on (kind, tab, at) * from found order by kind, tab, at, n) first order by n`;

/** Adds the candidates that a row which is none refers to by one way. */
export const heldSql = (edge: Edge, n: number, round: number): string =>
  `insert into pg_temp.etl_closure ${COLUMNS}
   select distinct on (${placeOf('m')}) ${String(edge.to)}, ${placeOf('m')}, true, ${String(n)},
     ${String(edge.from)}, ${placeOf('t')}, ${String(round)}
   from ${edge.pairs} join pg_temp.etl_candidates c on ${isAt('m', 'c')} and c.kind = ${String(edge.to)}
   where ${edge.where} and not ${isIn('etl_candidates', 't', edge.from)}
   on conflict do nothing`;
