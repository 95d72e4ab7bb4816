import { quoteText } from '../../postgres/identifier.js';
import { Closure } from '../closure/closure.js';
import { keyEdge, type ForeignKey } from '../closure/foreign-keys.js';
import type { Undoing } from './find.js';

/**
 * Keeps every created row that a row which stays refers to, and what that one refers to, until nothing more is found.
 * What an ON DELETE CASCADE, SET NULL or SET DEFAULT could reach is then gone itself. The rows that go are held first, so that
 * nobody can refer to them from now on.
 * @param incoming the foreign keys to the tables of what is undone
 */
export async function keepReferred(
  { session, mappings }: Undoing,
  incoming: readonly ForeignKey[],
): Promise<void> {
  for (const { n, from } of mappings) {
    await session.query(
      `select count(*) from (select from ${from} t join pg_temp.etl_gone g on g.tab = t.tableoid and g.at = t.ctid
       where g.m = ${String(n)} and g.keep is null for update of t) held`,
    );
  }
  const closure = new Closure(
    session,
    incoming.map((key) => keyEdge(key)),
  );
  await closure.open();
  await closure.propose(0, 'select tab, at from pg_temp.etl_gone where keep is null');
  if ((await closure.hold()) > 0) {
    const labels = incoming.map(({ shown, name }) => quoteText(`${shown} (${name})`));
    await session.query(
      `update pg_temp.etl_gone g set keep = (array[${labels.join(', ')}])[c.edge + 1]
       from pg_temp.etl_closure c where c.at = g.at and c.tab = g.tab`,
    );
  }
  // Nor can a row come back in whose place the new one stays.
  await session.query(
    `update pg_temp.etl_back b set action = 'keep', changed = true from pg_temp.etl_gone g
     where b.action = 'insert' and g.tab = b.tab and g.at = b.at and g.keep is not null`,
  );
}
