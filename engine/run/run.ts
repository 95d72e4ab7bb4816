import type { RunResult } from '../contract/result.js';
import type { Session } from '../contract/session.js';
import { exportSnapshot } from '../postgres/source.js';
import { StateStore, type RunFacts, type RunHandle } from '../state/store.js';
import { editsSince } from './edits.js';
import { mappingHashes, type MappingHash } from './hashes.js';
import type { RunInput } from './input.js';
import { RunUnderWay } from './under-way.js';

interface HashedFacts extends RunFacts {
  readonly hashes: Readonly<Record<string, MappingHash>>;
}

/** Carries out a plan: the snapshot, the steps, the checks. Whatever becomes of its mappings, it gives a result. */
export async function executeRun(input: RunInput): Promise<RunResult> {
  const { ports, project, emit, provenance } = input;
  const stateSession = await ports.open('target');
  const exporters = new Map<string, Session>();
  try {
    const store = await StateStore.open(stateSession, project.stateSchema, project.name);
    const unfinished = input.resume === null ? await store.unfinished() : null;
    if (unfinished !== null) {
      const message = `run ${unfinished.run} did not come to its end: etl resume goes on with it; this is a new run, which finds what that one has committed and compares it`;
      emit({ type: 'notice', level: 'warn', message });
    }
    const snapshots = await exportSnapshots(input, exporters);
    const [snapshot = ''] = snapshots.values();
    const { mappingsHash, operator, ...made } = provenance;
    const { jobs, failFast } = input.options;
    const loads = input.plan.steps.filter((step) => step.kind === 'load');
    const selection = loads.map(({ mapping }) => mapping).sort();
    const hashes = await mappingHashes(input.compiled.mappings);
    const estimates = Object.fromEntries(loads.map((step) => [step.mapping, step.estimatedRows]));
    const begun = { ...made, node: process.version, options: { jobs, failFast }, estimates };
    const kind = input.replay === undefined ? 'run' : 'replay';
    const facts: HashedFacts = {
      kind,
      mappingsHash,
      operator,
      snapshot,
      selection,
      hashes,
      provenance: begun,
    };
    const handle = input.resume === null ? await store.begin(facts) : await goOn(input, store, facts);
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

/** Goes on with a run, and says what was edited since. */
async function goOn({ resume, emit }: RunInput, store: StateStore, facts: HashedFacts): Promise<RunHandle> {
  const run = resume ?? '';
  const before = (await store.hashesOf(run)) as HashedFacts['hashes'] | null;
  for (const message of editsSince(run, before, facts.hashes))
    emit({ type: 'notice', level: 'warn', message });
  const handle = await store.resume(run, facts);
  const message = `run ${run} goes on under a new snapshot of the source: what it has loaded is compared with it, and counted anew`;
  emit({ type: 'notice', level: 'info', message });
  return handle;
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
