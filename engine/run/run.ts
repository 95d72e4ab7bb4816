import type { RunResult } from '../contract/result.js';
import type { Session } from '../contract/session.js';
import { OneTransaction } from '../postgres/one-transaction.js';
import { exportSnapshot } from '../postgres/source.js';
import { testPlan } from '../plan/test-modes.js';
import { StateStore, type RunFacts, type RunHandle } from '../state/store.js';
import { editsSince } from './edits.js';
import { mappingHashes, type MappingHash } from './hashes.js';
import type { RunInput } from './input.js';
import type { RunPorts } from './ports.js';
import { takeSample } from './sample.js';
import { RunUnderWay } from './under-way.js';

interface HashedFacts extends RunFacts {
  readonly hashes: Readonly<Record<string, MappingHash>>;
}

/** Carries out a plan: the snapshot, the steps, the checks. Whatever becomes of its mappings, it gives a result. */
export async function executeRun(input: RunInput): Promise<RunResult> {
  const { ports, options, plan } = input;
  if (options.dryRun !== true) return run(input, ports.open);
  const target = await OneTransaction.begin(await ports.open('target'));
  try {
    const open: RunPorts['open'] = (name) =>
      name === 'target' ? Promise.resolve(target.open()) : ports.open(name);
    const reason = 'a dry run leaves constraints and indexes in place';
    return await run(
      {
        ...input,
        ports: { ...ports, open },
        plan: testPlan(plan, { reason, rows: null }),
        options: { ...options, jobs: 1 },
      },
      ports.open,
    );
  } finally {
    await target.end();
  }
}

async function run(input: RunInput, openSource: RunPorts['open']): Promise<RunResult> {
  const { ports, project, emit, provenance, options } = input;
  const stateSession = await ports.open('target');
  const exporters = new Map<string, Session>();
  try {
    const store = await StateStore.open(stateSession, project.stateSchema, project.name);
    const unfinished = input.resume === null ? await store.unfinished() : null;
    if (unfinished !== null) {
      const message = `run ${unfinished.run} did not come to its end: etl resume goes on with it; this is a new run, which finds what that one has committed and compares it`;
      emit({ type: 'notice', level: 'warn', message });
    }
    const snapshots = await exportSnapshots(input, openSource, exporters);
    const [snapshot = ''] = snapshots.values();
    const reading = { openSource, snapshots };
    const { mappingsHash, operator } = provenance;
    const selection = input.plan.steps.flatMap((step) => (step.kind === 'load' ? [step.mapping] : [])).sort();
    const hashes = await mappingHashes(input.compiled.mappings);
    const limit = options.limit ?? null;
    const kind = limit === null ? ('run' as const) : ('limit' as const);
    const facts = { mappingsHash, operator, snapshot, kind, selection, hashes };
    const sample = limit === null ? null : await takeSample(input, limit, reading);
    const handle = input.resume === null ? await store.begin(facts) : await goOn(input, store, facts);
    const run = new RunUnderWay(input, store, { ...reading, sample }, handle);
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
  { compiled, tables }: RunInput,
  openSource: RunPorts['open'],
  exporters: Map<string, Session>,
): Promise<ReadonlyMap<string, string>> {
  const snapshots = new Map<string, string>();
  for (const { mapping } of compiled.mappings) {
    const name = mapping.source.connection.value;
    if (snapshots.has(name)) continue;
    const session = await openSource(name);
    exporters.set(name, session);
    snapshots.set(name, await exportSnapshot(session, tables.get(name) ?? []));
  }
  return snapshots;
}
