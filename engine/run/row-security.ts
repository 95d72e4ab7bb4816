import type { CompiledMapping } from '../contract/compiled.js';
import type { Session } from '../contract/session.js';

/** Whether policies judge what the target role does with a table that is loaded; they hide nothing of it from the role. */
export const obeysPolicies = (mappings: readonly CompiledMapping[]): boolean =>
  mappings.some(({ table }) => table.rowSecurity !== null);

/** SQL for a session of the target in a project of which {@link obeysPolicies} holds. */
export const OBEY_POLICIES = 'set row_security = on';

/**
 * Opens sessions so that those of the target may work on tables whose policies judge rows. Every session raises an error
 * instead of obeying a policy (`row_security = off`), so that nothing is hidden without a word: binding has made sure
 * that the policies of these tables hide nothing.
 */
export function obeying<S extends Session>(
  open: (connection: string) => Promise<S>,
  mappings: readonly CompiledMapping[],
): (connection: string) => Promise<S> {
  if (!obeysPolicies(mappings)) return open;
  return async (connection) => {
    const session = await open(connection);
    if (connection === 'target') await session.query(OBEY_POLICIES);
    return session;
  };
}
