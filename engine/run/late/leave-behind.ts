import { OUTCOME } from '../../compile/program/resolver.js';
import { quoteName, quoteText, tableRows } from '../../postgres/identifier.js';
import { ownXidsSql, undoSql, wroteSql } from '../../postgres/undo.js';
import { handleNames } from '../keys/pairs.js';
import type { TakeBackInputs } from './leaving.js';
import { countedWith, type RowLink } from './links.js';

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
