import type { KeptPlan } from '../contract/plan.js';
import type { Session } from '../contract/session.js';

/** What a run was to do; null for a run of an older version. @param schema quoted */
export async function readPlan(session: Session, schema: string, run: string): Promise<KeptPlan | null> {
  const { rows } = await session.query(`select plan from ${schema}.runs where run = $1`, [run]);
  return JSON.parse(rows[0]?.[0] ?? 'null') as KeptPlan | null;
}
