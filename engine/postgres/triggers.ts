import type { Deferred } from '../contract/constraints.js';
import type { Session } from '../contract/session.js';
import { quoteName } from './identifier.js';
import { QUALIFIED } from './rebuild.js';

/** Behind constraints and indexes of the same table. */
const FIRST_ORDINAL = 1000;

/** Triggers that fire in an ordinary session; a replica's and those that are off stay as they are. */
const FIRING_SQL = `select tgname, tgenabled from pg_trigger
  where tgrelid = $1::regclass and not tgisinternal and tgenabled in ('O', 'A') order by tgname`;

/**
 * Disables the user triggers of a table that would fire, in one transaction with what writes them down. Foreign keys
 * are enforced by internal triggers, which stay.
 * @param table schema and table, quoted
 * @returns what was disabled, each with the SQL that gives it back the state that it had
 */
export async function disableTriggers(
  session: Session,
  table: string,
  record: (disabled: readonly Deferred[]) => string,
): Promise<readonly Deferred[]> {
  try {
    await session.query(`begin; ${QUALIFIED}; lock table only ${table} in share row exclusive mode`);
    const { rows } = await session.query(FIRING_SQL, [table]);
    const disabled = rows.map(([name, state], n): Deferred => {
      const trigger = quoteName(name ?? '');
      const enable = state === 'A' ? 'enable always' : 'enable';
      return {
        object: name ?? '',
        kind: 'trigger',
        ordinal: FIRST_ORDINAL + n,
        dropSql: `alter table ${table} disable trigger ${trigger}`,
        createSql: [`alter table ${table} ${enable} trigger ${trigger}`],
        validateSql: null,
        violatorsSql: null,
      };
    });
    const statements = disabled.map(({ dropSql }) => dropSql);
    if (disabled.length > 0) await session.query([...statements, record(disabled)].join('; '));
    await session.query('commit');
    return disabled;
  } catch (error) {
    await session.query('rollback').catch(() => undefined);
    throw error;
  }
}
