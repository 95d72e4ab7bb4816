import type { CompiledMapping } from '../../contract/compiled.js';
import { quoteName, quoteTable, quoteText, tableRows } from '../../postgres/identifier.js';
import { handleText, ownXidsSql, textsByName, undoDeletedSql } from '../../postgres/undo.js';
import { holdsValue } from '../late/holds-value.js';
import { ownRows, refersTo } from '../bulk/own-rows.js';
import { handleNames, pairCondition, pairsOf } from '../keys/pairs.js';
import type { Referrer } from '../late/referrers.js';

/** Whose emptying it is. */
export interface Emptier {
  /** The state schema, quoted. */
  readonly schema: string;
  readonly run: string;
}

/** SQL: the run has emptied the mapping's table already. */
export const emptiedSql = ({ schema, run }: Emptier, mapping: string): string =>
  `exists (select from ${schema}.emptied e where e.run = ${quoteText(run)} and e.mapping = ${quoteText(mapping)})`;

/** A row `t`'s place, where nothing else tells it from others: as good as a handle until the row is gone. */
const PLACE = `'row ' || t.tableoid::text || ' ' || t.ctid::text`;

/** A query of the rows `t` of a mapping's table, with their `handle`, that no run of the mapping has made, by what `etl.batches` and `etl.key_map` say. */
export function strangersSql(compiled: CompiledMapping, schema: string, list = ''): string {
  const { project, mapping } = compiled;
  if (compiled.handle.length === 0) {
    const own = `b.mapping = ${quoteText(mapping.name)}
      and b.run in (select r.run from ${schema}.runs r where r.project = ${quoteText(project)})`;
    return `select ${list} from (select ${PLACE} as handle, t.xmin from ${tableRows(compiled.table)} t) t
      where t.xmin::text::bigint not in (${ownXidsSql(schema, own)})`;
  }
  const batches = `${schema}.batches b join ${schema}.runs r on r.run = b.run
    where r.project = ${quoteText(project)} and b.mapping = ${quoteText(mapping.name)}`;
  return `with made as (
      select json_array_elements_text(b.created) as handle from (select b.created from ${batches} and b.created is not null) b
      union all select k.target_key from ${schema}.key_map k where ${pairsOf(compiled)}
    ), stretches as materialized (${islandsSql(`(select b.ids from ${batches}) b, unnest(b.ids) i (ids)`)})
    select ${list} from (select ${comparable(compiled, handleText(handleNames(compiled)))} as handle from ${tableRows(compiled.table)} t) t
    where not exists (select from made m where ${comparable(compiled, 'm.handle')} = t.handle)
      and not coalesce(case when t.handle ~ '^-?[0-9]{1,18}$' then exists (
        select from stretches s where t.handle::int8 between s.first and s.last) end, false)`;
}

/**
 * A query of the ranges `i.ids` with those in one that touch or overlap: mostly a handful, however many batches there
 * were. `range_agg` does the same from PostgreSQL 14 on.
 */
const islandsSql = (from: string): string => `
      select min(r.first) as first, max(r.last) as last
      from (select r.first, r.last, sum(r.apart) over (order by r.first, r.last) as island
        from (select r.first, r.last, case when r.first - 1 <= max(r.last) over (order by r.first, r.last
            rows between unbounded preceding and 1 preceding) then 0 else 1 end as apart
          from (select lower(i.ids) as first, coalesce(upper(i.ids) - 1, 9223372036854775807) as last from ${from}) r) r) r
      group by r.island`;

/** The handle of several columns is JSON, whose text may be spaced in another way. */
const comparable = (compiled: CompiledMapping, handle: string): string =>
  compiled.handle.length === 1 ? handle : `(${handle})::jsonb::text`;

/** A query of the rows without a value by which a rollback would find their place again. */
export const namelessSql = (compiled: CompiledMapping): string =>
  `select from ${tableRows(compiled.table)} t where ${
    handleNames(compiled)
      .map((name) => `t.${quoteName(name)} is null`)
      .join(' or ') || 'false'
  }`;

/** A query of the rows that refer to a row of the mapping's table. */
export function referringSql({ table }: CompiledMapping, one: Referrer): string {
  const same = one.columns.map((name, n) =>
    holdsValue(`c.${quoteName(name)}`, `t.${quoteName(one.referenced[n] ?? '')}`, one),
  );
  return `select from ${quoteTable(one.table)} c
    where exists (select from ${tableRows(table)} t where ${same.join(' and ')})`;
}

/**
 * A query of the places of all rows of the table with their kept pairs. Pairs of rows that nothing tells apart belong to
 * any of them: each gets one.
 */
function withPairs(compiled: CompiledMapping, schema: string): string {
  const { found, handle } = compiled;
  const table = tableRows(compiled.table);
  if (handle.length > 0) {
    const which = found === 'key_map' ? `${pairsOf(compiled)} and ${pairCondition(compiled)}` : 'false';
    return `select t.tableoid as tab, t.ctid as place, k.source_key, k.run from ${table} t left join ${schema}.key_map k on ${which}`;
  }
  return `select t.tab, t.place, k.source_key, k.run
    from (select t.tableoid as tab, t.ctid as place, row_number() over () as n from ${table} t) t
    left join (select k.source_key, k.run, row_number() over () as n from ${schema}.key_map k where ${pairsOf(compiled)}) k
      on k.n = t.n`;
}

/**
 * One statement that empties the tables of some mappings, those that refer to each other too: old rows go to
 * `etl.undo`, and their pairs go. What the run has emptied before stays as it is.
 */
export function emptySql(emptier: Emptier, mappings: readonly CompiledMapping[]): string {
  const { schema, run } = emptier;
  const parts = mappings.flatMap((compiled, n) => {
    const { table, mapping } = compiled;
    const at = String(n);
    const names = table.columns.filter((column) => !column.generated).map(({ name }) => name);
    const todo = `not ${emptiedSql(emptier, mapping.name)}`;
    return [
      `gone${at} as (delete from ${tableRows(table)} t using (
          ${withPairs(compiled, schema)}) g
        where t.tableoid = g.tab and t.ctid = g.place and ${todo}
        returning ${compiled.handle.length === 0 ? PLACE : handleText(handleNames(compiled))} as h, t.xmin::text::bigint as xid, ${textsByName(names)} as was,
          g.source_key as kept, g.run as pair_run)`,
      `undo${at} as (${undoDeletedSql({ schema, run, mapping: mapping.name }, `gone${at}`)})`,
      `pairs${at} as (delete from ${schema}.key_map k where ${pairsOf(compiled)} and ${todo})`,
      `waits${at} as (delete from ${schema}.second_pass w where w.mapping = ${quoteText(mapping.name)} and ${todo}
        and w.run in (select r.run from ${schema}.runs r where r.project = ${quoteText(compiled.project)}))`,
      `step${at} as (insert into ${schema}.steps (run, mapping, own_rows, refers_to) select ${quoteText(run)},
        ${quoteText(mapping.name)}, ${quoteText(JSON.stringify(ownRows(compiled)))}::jsonb,
        array(select json_array_elements_text(${quoteText(JSON.stringify(refersTo(compiled)))}::json)) on conflict do nothing)`,
    ];
  });
  const counts = mappings.map(
    ({ mapping }, n) =>
      `select ${quoteText(run)}, ${quoteText(mapping.name)}, (select count(*) from gone${String(n)})`,
  );
  return `with ${parts.join(',\n    ')}
    insert into ${schema}.emptied (run, mapping, rows) ${counts.join(' union all ')} on conflict do nothing`;
}
