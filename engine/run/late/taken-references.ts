import { OUTCOME } from '../../compile/program/resolver.js';
import { quoteName, quoteText, tableRows } from '../../postgres/identifier.js';
import { ownXidsSql, undoSql, wroteSql } from '../../postgres/undo.js';
import { handleNames } from '../keys/pairs.js';
import { holdsValue } from './holds-value.js';
import type { TakeBackInputs } from './leaving.js';
import { countedWith, isRow, keyOfRow, passesOf, plainHandle, type RowLink } from './links.js';

/** Gives rows that need not go null, or their default, in place of the row that goes. */
export async function leaveBehind(
  { session, context, gone, tallyOf }: TakeBackInputs,
  link: RowLink,
): Promise<() => void> {
  if (link.then !== 'null') return () => undefined;
  const { from, column, fallback } = link;
  const type = from.table.columns.find(({ name }) => name === column)?.type.sql ?? 'text';
  const to = fallback === null ? 'null' : `${quoteText(fallback)}::${type}`;
  const owner = { schema: context.schema, run: context.handle.run, mapping: from.mapping.name };
  const rows = `(select t.tableoid as tab, t.ctid as at from ${gone.stayingSql(link)}) r
    where t.tableoid = r.tab and t.ctid = r.at`;
  await session.query(
    `${undoSql(owner, { handle: handleNames(from), names: [column] })} from ${tableRows(from.table)} t, ${rows}
       and t.xmin::text::bigint not in (${ownXidsSql(context.schema, `b.run = ${quoteText(owner.run)}`)})
     for no key update of t`,
  );
  const { count } = await session.query(
    `update ${tableRows(from.table)} t set ${quoteName(column)} = ${to} from ${rows}`,
  );
  if (count > 0) await session.query(wroteSql(owner));
  const tally = tallyOf(from.mapping.name);
  return () => {
    const outcome = fallback === null ? OUTCOME.missing : OUTCOME.defaulted;
    tally?.reference(column, link.to.mapping.name, OUTCOME.resolved, -count);
    tally?.reference(column, countedWith(link), outcome, count);
  };
}

/**
 * Takes rows that leave the target out of the counts of their other references. Of a column that may lead to several
 * mappings, a value counts with the first that has it.
 */
export async function uncountReferences(inputs: TakeBackInputs, mapping: string): Promise<() => void> {
  const { session, links, tallyOf, context } = inputs;
  const own = links.filter(({ from }) => from.mapping.name === mapping);
  const [first] = own;
  const tally = tallyOf(mapping);
  if (first === undefined || tally === null || tally === undefined) return () => undefined;
  const { from } = first;
  const filters = own.flatMap((link) => {
    const { column, fallback, place, resolver } = link;
    const value = `t.${quoteName(column)}`;
    const other = `g.via <> ${quoteText(column)}`;
    const isDefault = fallback === null ? 'false' : `${value}::text = ${quoteText(fallback)}`;
    const waits = `exists (select from ${context.schema}.second_pass p where ${passesOf(context.schema, from)}
      and p.column_name = ${quoteText(column)} and ${plainHandle(from, 'p.target_key')} = g.handle)`;
    const ways = own.filter((other) => other.column === column);
    const leads =
      resolver.parents.length === 1
        ? 'true'
        : [
            ...ways.slice(0, place).map((other) => `not ${holds(other, context.schema)}`),
            holds(link, context.schema),
          ].join(' and ');
    const isFirst = String(place === 0);
    return [
      `${value} is not null and not (${isDefault}) and ${leads}`,
      `${isDefault} and ${isFirst}`,
      `${value} is null and not ${waits} and ${isFirst}`,
    ].map((what) => `count(*) filter (where ${other} and ${what})`);
  });
  const { rows } = await session.query(
    `select ${filters.join(', ')} from pg_temp.etl_leaving g join ${tableRows(from.table)} t on ${isRow(from, 't', 'g.handle')}
     where g.mapping = ${quoteText(mapping)} and g.take`,
  );
  return () => {
    for (const [n, { column, to }] of own.entries()) {
      const [resolved, defaulted, none] = [0, 1, 2].map((k) => -Number(rows[0]?.[n * 3 + k] ?? 0));
      tally.reference(column, to.mapping.name, OUTCOME.resolved, resolved);
      tally.reference(column, undefined, OUTCOME.defaulted, defaulted);
      tally.reference(column, undefined, OUTCOME.null, none);
    }
  };
}

/** SQL: whether a row of the mapping that the link leads to has the value of a row `t`. */
function holds({ to, column, value, bound }: RowLink, schema: string): string {
  const { join, where } = keyOfRow(to, 'm', schema);
  return `exists (select from ${tableRows(to.table)} m ${join}
    where ${holdsValue(`t.${quoteName(column)}`, `m.${quoteName(value)}`, bound)} and ${where})`;
}
