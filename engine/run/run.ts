import type { RunResult } from '../contract/result.js';
import type { RunMarks, Watermark } from '../contract/watermark.js';
import type { Session } from '../contract/session.js';
import { exportSnapshot } from '../postgres/source.js';
import { readWatermark } from '../postgres/watermark.js';
import { StateStore, type RunFacts, type RunHandle } from '../state/store.js';
import { endLeftBackends } from '../state/steps.js';
import { editsSince } from './edits.js';
import { mappingHashes } from './hashes.js';
import { Keeper } from './keeper.js';
import { assertReplaceable } from './replace/preflight.js';
import { PATIENCE, patiently } from './retries.js';
import type { RunInput } from './input.js';
import { RunUnderWay } from './under-way.js';

interface HashedFacts extends RunFacts {
  readonly hashes: RunMarks['hashes'];
}

/** Carries out a plan: the snapshot, the steps, the checks. Whatever becomes of its mappings, it gives a result. */
export async function executeRun(input: RunInput): Promise<RunResult> {
  const { ports, project, emit, provenance } = input;
  const { patience = PATIENCE } = input.options;
  const keeper = await Keeper.open({
    ports,
    schema: project.stateSchema,
    project: project.name,
    emit,
    stop: input.stop,
    patience,
  });
  const exporters = new Map<string, Session>();
  try {
    const store = await StateStore.open(keeper.session, project.stateSchema, project.name);
    await endLeftBackends(keeper.session, store.schema, project.name);
    const unfinished = input.resume === null ? await store.unfinished() : null;
    if (unfinished !== null) {
      const message = `run ${unfinished.run} did not come to its end: etl resume goes on with it; this is a new run, which finds what that one has committed and compares it`;
      emit({ type: 'notice', level: 'warn', message });
    }
    const force =
      input.resume === null ? (input.options.force ?? false) : await store.wasForced(input.resume);
    if (input.replay === undefined) {
      const planned = new Set(input.plan.steps.map(({ mapping }) => mapping));
      const emptier = { schema: store.schema, run: input.resume ?? '' };
      await assertReplaceable(keeper.session, { compiled: input.compiled, planned, emptier, force });
    }
    const { snapshots, watermarks } = await exportSnapshots(input, exporters);
    const hashes = await mappingHashes(input.compiled.mappings);
    const [snapshot = ''] = snapshots.values();
    const { mappingsHash, operator, ...made } = provenance;
    const { jobs, failFast } = input.options;
    const loads = input.plan.steps.filter((step) => step.kind === 'load');
    const selection = loads.map(({ mapping }) => mapping).sort();
    const estimates = Object.fromEntries(loads.map((step) => [step.mapping, step.estimatedRows]));
    const begun = { ...made, node: process.version, options: { jobs, failFast, force }, estimates };
    const kind = input.replay === undefined ? ('run' as const) : ('replay' as const);
    const facts = {
      kind,
      mappingsHash,
      operator,
      snapshot,
      selection,
      hashes,
      provenance: begun,
      watermarks: kind === 'run' ? watermarks : {},
    };
    const handle = input.resume === null ? await store.begin(facts) : await goOn(input, store, facts);
    keeper.watch(handle);
    const run = new RunUnderWay(input, store, { snapshots, hashes, force }, handle);
    await run.steps();
    keeper.assertKept();
    const result = run.result(snapshot);
    await store.finish(handle, result);
    emit({ type: 'run_finished', result });
    return result;
  } finally {
    for (const session of exporters.values()) await session.close();
    await keeper.close();
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
  { compiled, ports, tables, emit, stop, options }: RunInput,
  exporters: Map<string, Session>,
): Promise<{ snapshots: ReadonlyMap<string, string>; watermarks: RunMarks['watermarks'] }> {
  const open = patiently(ports.open, { emit, stop, patience: options.patience ?? PATIENCE });
  const snapshots = new Map<string, string>();
  const watermarks: Record<string, Watermark> = {};
  for (const { mapping } of compiled.mappings) {
    const name = mapping.source.connection.value;
    if (snapshots.has(name)) continue;
    const session = await open(name);
    exporters.set(name, session);
    // Before the snapshot: what it does not see is in flight now, or begins later.
    const watermark = await readWatermark(session);
    if (watermark !== null) watermarks[name] = watermark;
    snapshots.set(name, await exportSnapshot(session, tables.get(name) ?? []));
  }
  return { snapshots, watermarks };
}
