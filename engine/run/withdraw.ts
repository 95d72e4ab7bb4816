import type { CompiledMapping } from '../contract/compiled.js';
import { EXIT, EtlError } from '../contract/errors.js';
import type { Session } from '../contract/session.js';
import { quoteName, quoteTable, quoteText } from '../postgres/identifier.js';
import { samePair } from '../postgres/undo.js';
import { copyLines } from './batch.js';
import { broughtSql } from './brought.js';
import type { RunContext } from './context.js';
import { handleNames, pairsOf } from './pairs.js';

/** Foreign keys to a table from ordinary tables: name, the referring table, and the pairs of columns. */
const REFERRING_SQL = `
  select k.conname, k.conrelid, n.nspname, c.relname,
    (select json_agg(json_build_array(own.attname, other.attname)) from generate_series(1, cardinality(k.conkey)) i(n)
      join pg_attribute own on own.attrelid = k.conrelid and own.attnum = k.conkey[i.n]
      join pg_attribute other on other.attrelid = k.confrelid and other.attnum = k.confkey[i.n])
  from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
  where k.contype = 'f' and k.confrelid = $1 and k.conparentid = 0 and has_table_privilege(c.oid, 'select')`;

/**
 * Deletes rows that an earlier part of the run has brought and that the source does not give any more, with the rows
 * of later mappings that it brought for them: those are decided anew when their mapping's turn comes.
 * @throws EtlError exit 5 where rows refer to them that are not the run's to take away; nothing is deleted then
 */
export async function withdraw(
  context: RunContext,
  compiled: CompiledMapping,
  handles: readonly string[],
  session: Session,
): Promise<void> {
  const names = handleNames(compiled);
  const lines = copyLines(handles.map((handle) => [handle]));
  try {
    await session.script(
      `begin; create temp table etl_left (target_key text) on commit drop;
       create temp table etl_gone (tab oid, at tid, depth int, primary key (tab, at)) on commit drop;
       copy pg_temp.etl_left from stdin`,
      [lines],
    );
    await session.query(
      `insert into pg_temp.etl_gone select ${String(compiled.table.oid)}, t.ctid, 0
       from ${quoteTable(compiled.table)} t join pg_temp.etl_left k on ${samePair(names)}`,
    );
    await collect(context, compiled, session);
    await remove(context, session);
    const place = [context.handle.run, compiled.mapping.name].map(quoteText);
    await session.query(
      `select ${context.schema}.checkpoint(${place[0] ?? ''}, ${context.handle.epoch}, ${place[1] ?? ''}, 0, null,
       0, 0, 0, 0, 0, 0, 0); commit`,
    );
  } catch (error) {
    await session.query('rollback').catch(() => undefined);
    throw error;
  }
}

/** Adds the rows that refer to those that go, level by level. */
async function collect(context: RunContext, compiled: CompiledMapping, session: Session): Promise<void> {
  for (let depth = 0, added = 1; added > 0; depth++) {
    added = 0;
    const { rows } = await session.query(
      `select distinct tab from pg_temp.etl_gone where depth = ${String(depth)}`,
    );
    for (const [tab] of rows) {
      const referring = await session.query(REFERRING_SQL, [tab ?? null]);
      for (const [name, oid, schema, table, pairs] of referring.rows) {
        const columns = JSON.parse(pairs ?? '[]') as [string, string][];
        const key = {
          name: name ?? '',
          oid: Number(oid),
          from: { schema: schema ?? '', name: table ?? '' },
          columns: columns.map(([own]) => own),
        };
        const on = columns.map(([own, other]) => `t.${quoteName(own)} = p.${quoteName(other)}`);
        const found = `${quoteTable(key.from)} t join ${quoteTable(tableOf(context, Number(tab)))} p on ${on.join(' and ')}
          join pg_temp.etl_gone g on g.tab = ${tab ?? ''} and g.at = p.ctid and g.depth = ${String(depth)}
          where not exists (select from pg_temp.etl_gone o where o.tab = ${String(key.oid)} and o.at = t.ctid)`;
        await letGo(context, session, key, found);
        await assertOurs(context, compiled, session, key, found);
        const { count } = await session.query(
          `insert into pg_temp.etl_gone select distinct ${String(key.oid)}::oid, t.ctid, ${String(depth + 1)} from ${found}
           on conflict do nothing`,
        );
        added += count;
      }
    }
  }
}

/** A foreign key to a table whose rows go. */
interface Referring {
  readonly name: string;
  readonly oid: number;
  readonly from: { readonly schema: string; readonly name: string };
  readonly columns: readonly string[];
}

/** Rows that wait for their second pass need not refer to what goes: the pass finds out what they refer to. */
async function letGo(
  { schema, handle, compiled, begun }: RunContext,
  session: Session,
  { oid, from, columns }: Referring,
  found: string,
): Promise<void> {
  const [column = ''] = columns;
  const notNull = [...compiled.values()]
    .find(({ table }) => table.oid === oid)
    ?.table.columns.find(({ name }) => name === column)?.notNull;
  if (columns.length !== 1 || notNull !== false) return;
  for (const other of compiled.values()) {
    const { name } = other.mapping;
    if (other.table.oid !== oid || !begun.has(name)) continue;
    const waits = `exists (select from ${schema}.second_pass k where k.run = ${quoteText(handle.run)}
      and k.mapping = ${quoteText(name)} and k.column_name = ${quoteText(column)} and ${samePair(handleNames(other))})`;
    const { count } = await session.query(
      `update ${quoteTable(from)} o set ${quoteName(column)} = null where o.ctid in (select t.ctid from ${found} and ${waits})`,
    );
    if (count === 0) continue;
    const names = [handle.run, name].map(quoteText).join(', ');
    await session.query(`insert into ${schema}.batches (run, mapping) values (${names})`);
  }
}

/** Rows that go along must have been brought by the run, for a mapping whose turn is still to come. */
async function assertOurs(
  context: RunContext,
  compiled: CompiledMapping,
  session: Session,
  key: Referring,
  found: string,
): Promise<void> {
  const { schema, handle, begun } = context;
  const later = [...context.compiled.values()].filter(
    (other) => other.table.oid === key.oid && !begun.has(other.mapping.name),
  );
  const ours = later.map((other) => broughtSql({ schema, run: handle.run, compiled: other }));
  const { rows } = await session.query(
    `select count(*), min(t.ctid::text) from ${found} and not (${['false', ...ours].join(' or ')})`,
  );
  const count = rows[0]?.[0] ?? '0';
  if (count === '0') return;
  throw new EtlError(
    `${compiled.mapping.name}: rows that an earlier part of this run has loaded are gone in the source or are rejected now, and ${count} rows of ${key.from.schema}.${key.from.name} refer to them (${key.name})`,
    {
      exitCode: EXIT.checks,
      help: `take the run back and begin anew: etl rollback, then etl run; nothing of ${compiled.mapping.name} was deleted`,
    },
  );
}

function tableOf({ compiled }: RunContext, oid: number): { readonly schema: string; readonly name: string } {
  for (const { table } of compiled.values()) if (table.oid === oid) return table;
  throw new Error(`table ${String(oid)} is no mapping's`);
}

/** Deletes what goes, the rows that refer first, with what the state knows of them. */
async function remove(context: RunContext, session: Session): Promise<void> {
  const { schema } = context;
  const { rows } = await session.query(
    'select tab, depth from pg_temp.etl_gone group by tab, depth order by depth desc',
  );
  for (const [tab, depth] of rows) {
    const table = tableOf(context, Number(tab));
    const gone = `pg_temp.etl_gone g where g.tab = ${tab ?? ''} and g.depth = ${depth ?? ''} and g.at = t.ctid`;
    for (const other of context.compiled.values()) {
      if (other.table.oid !== Number(tab) || other.handle.length === 0) continue;
      const same = samePair(handleNames(other));
      const using = `using ${quoteTable(table)} t, ${gone} and ${same}`;
      await session.query(`delete from ${schema}.key_map k ${using} and ${pairsOf(other)}`);
      await session.query(
        `delete from ${schema}.second_pass k ${using} and k.mapping = ${quoteText(other.mapping.name)}`,
      );
    }
    await session.query(`delete from ${quoteTable(table)} t using ${gone}`);
  }
}
