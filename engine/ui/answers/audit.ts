import type { DashboardAudit } from '../../contract/dashboard.js';
import { readAudit, verifyChain } from '../../state/audit.js';
import type { Desk } from '../desk.js';
import { Refused } from '../reply.js';

/** @param before an entry's id; null for the newest ones */
export async function answerAudit(desk: Desk, before: string | null, limit: number): Promise<DashboardAudit> {
  if (before !== null && !/^\d{1,15}$/.test(before)) throw new Refused(400, 'before is the id of an entry');
  const project = desk.site.project.name;
  const read = await desk.read(async (session, schema) => ({
    found: await readAudit(session, schema, { project, run: null, limit: limit + 1, before }),
    chain: await verifyChain(session, schema),
  }));
  if (read === null) return { entries: [], next: null, chain: { holds: true, reason: null, entries: 0 } };
  const { found, chain } = read.value;
  const shown = [...found].reverse().slice(0, limit);
  return {
    entries: shown.map(({ id, at, run, operator, databaseUser, event, details }) => ({
      ...{ id, at, run, operator, event },
      database_user: databaseUser,
      details: { ...details },
    })),
    next: found.length > limit ? String(shown.at(-1)?.id ?? '') : null,
    chain: {
      holds: chain.broken === null,
      reason: chain.broken === null ? null : `entry ${String(chain.broken.id)}: ${chain.broken.reason}`,
      entries: chain.entries,
    },
  };
}
