import type { DashboardRuns } from '../../contract/dashboard.js';
import { readRunsBefore, readWorker } from '../../state/status.js';
import type { Desk } from '../desk.js';
import { runLine } from './run-line.js';

/** @param before a run; null for the newest ones */
export async function answerRuns(desk: Desk, before: string | null, limit: number): Promise<DashboardRuns> {
  const { name, stateSchema } = desk.site.project;
  const read = await desk.read(async (session, schema) => {
    const found = await readRunsBefore(session, schema, name, before, limit + 1);
    const alive = (await readWorker(session, stateSchema, name)) !== null;
    const lines = [];
    for (const run of found.slice(0, limit)) {
      lines.push(runLine(run, alive, await desk.verdicts.of(session, schema, run)));
    }
    return { runs: lines, next: found.length > limit ? (found[limit - 1]?.run ?? null) : null };
  });
  return read?.value ?? { runs: [], next: null };
}
