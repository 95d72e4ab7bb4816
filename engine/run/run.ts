import type { RunResult } from '../contract/result.js';
import type { Session } from '../contract/session.js';
import { exportSnapshot } from '../postgres/source.js';
import { StateStore } from '../state/store.js';
import type { RunInput } from './input.js';
import { RunUnderWay } from './under-way.js';

/** Carries out a plan: the snapshot, the steps, the checks. Whatever becomes of its mappings, it gives a result. */
export async function executeRun(input: RunInput): Promise<RunResult> {
  const { ports, project, emit, provenance } = input;
  const stateSession = await ports.open('target');
  const exporters = new Map<string, Session>();
  try {
    const store = await StateStore.open(stateSession, project.stateSchema, project.name);
    const unfinished = await store.unfinished();
    if (unfinished !== null) {
      const message = `run ${unfinished.run} did not come to its end: what it committed is kept, found again and compared`;
      emit({ type: 'notice', level: 'info', message });
    }
    const snapshots = await exportSnapshots(input, exporters);
    const [snapshot = ''] = snapshots.values();
    const { mappingsHash, operator } = provenance;
    const handle = await store.begin({ mappingsHash, operator, snapshot });
    const run = new RunUnderWay(input, store, snapshots, handle);
    await run.steps();
    const result = run.result(snapshot);
    await store.finish(handle, result);
    emit({ type: 'run_finished', result });
    return result;
  } finally {
    for (const session of exporters.values()) await session.close();
    await stateSession.close();
  }
}

async function exportSnapshots(
  { compiled, ports, tables }: RunInput,
  exporters: Map<string, Session>,
): Promise<ReadonlyMap<string, string>> {
  const snapshots = new Map<string, string>();
  for (const { mapping } of compiled.mappings) {
    const name = mapping.source.connection.value;
    if (snapshots.has(name)) continue;
    const session = await ports.open(name);
    exporters.set(name, session);
    snapshots.set(name, await exportSnapshot(session, tables.get(name) ?? []));
  }
  return snapshots;
}
