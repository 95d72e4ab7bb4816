import { EXIT, EtlError } from '../contract/errors.js';
import type { RunResult } from '../contract/result.js';
import type { RunMarks } from '../contract/watermark.js';
import type { Session } from '../contract/session.js';
import { counted } from '../contract/counted.js';
import { StateStore, type RunFacts, type RunHandle } from '../state/store.js';
import { endLeftBackends } from '../state/steps.js';
import { adoptRows } from './adopt.js';
import { inOneTransaction } from './dry-run.js';
import { editsSince } from './delta/edits.js';
import { mappingHashes } from './delta/hashes.js';
import { defaultJobs } from './schedule.js';
import { keptPlan } from '../plan/kept.js';
import { Keeper } from './sessions/keeper.js';
import { assertReplaceable, isReplaced } from './replace/preflight.js';
import { PATIENCE } from './sessions/retries.js';
import type { RunInput } from './input.js';
import type { RunPorts } from './ports.js';
import { obeying } from './row-security.js';
import { onSample, takeSample } from './sample/sample.js';
import { askRoom, budgetOf } from './sessions/session-budget.js';
import { exportSnapshots } from './sessions/snapshots.js';
import { RunUnderWay } from './under-way.js';

interface HashedFacts extends RunFacts {
  readonly hashes: RunMarks['hashes'];
}

/** Carries out a plan: the snapshot, the steps, the checks. Whatever becomes of its mappings, it gives a result. */
export async function executeRun(given: RunInput): Promise<RunResult> {
  if (given.options.dryRun === true) return rehearse(given, (play) => play());
  const input = withPolicies(given);
  const { options, ports } = input;
  const { limit = null, patience = PATIENCE } = options;
  // Only a whole run is gone on with.
  const resumable = patience.resumable && limit === null;
  return run({ ...input, options: { ...options, patience: { ...patience, resumable } } }, ports.open);
}

/**
 * A dry run whose caller works in the same transaction of the target, before and after it.
 * @param work given the run itself, and what opens sessions in the transaction; then all is taken back
 */
export async function rehearse<T>(
  given: RunInput,
  work: (play: () => Promise<RunResult>, target: () => Promise<Session>) => Promise<T>,
): Promise<T> {
  const input = withPolicies(given);
  const { options, ports } = input;
  const patience = { ...(options.patience ?? PATIENCE), resumable: false };
  const patient = { ...input, options: { ...options, dryRun: true, patience } };
  return inOneTransaction(patient, (inside) =>
    work(
      () => run(inside, ports.open),
      () => inside.ports.open('target'),
    ),
  );
}

const withPolicies = (input: RunInput): RunInput => ({
  ...input,
  ports: { ...input.ports, open: obeying(input.ports.open, input.compiled.mappings) },
});

/** @param onceSource see `RunContext` */
async function run(input: RunInput, onceSource: RunPorts['open']): Promise<RunResult> {
  const { ports, project, emit, stop, options } = input;
  const { dryRun = false, limit = null, patience = PATIENCE } = options;
  const { name, stateSchema: schema } = project;
  const keeper = await Keeper.open({ ports, schema, project: name, emit, stop, patience });
  const exporters = new Map<string, Session>();
  try {
    const store = await StateStore.open(keeper.session, schema, name);
    if (!dryRun) await endLeftBackends(keeper.session, store.schema, name);
    const unfinished = input.resume === null ? await store.unfinished() : null;
    if (unfinished !== null) {
      const message = `run ${unfinished.run} did not come to its end: etl resume goes on with it; this is a new run, which finds what that one has committed and compares it`;
      emit({ type: 'notice', level: 'warn', message });
    }
    const force =
      input.resume === null ? (input.options.force ?? false) : await store.wasForced(input.resume);
    await assertReplacing(input, { session: keeper.session, schema: store.schema, force });
    const { snapshots, watermarks, rooms } = await exportSnapshots(input, onceSource, exporters);
    // Of all rows: what a sample is restricted to is no edit.
    const hashes = await mappingHashes(input.compiled.mappings);
    const [snapshot = ''] = snapshots.values();
    const sample = limit === null ? null : await takeSample(input, limit, { onceSource, snapshots });
    const read = sample === null ? input : onSample(input, sample);
    const facts = factsOf(read, { snapshot, hashes, watermarks, force });
    const handle = input.resume === null ? await store.begin(facts) : await goOn(input, store, facts);
    for (const { mapping, rows } of await adoptRows(keeper.session, input.compiled.mappings, store.schema)) {
      const message = `${mapping}: its ${counted(rows, 'row')} of earlier runs ${rows === 1 ? 'is known by its key' : 'are known by their keys'}, now that other mappings load the table too`;
      emit({ type: 'notice', level: 'info', message });
    }
    // A dry run's connection is its transaction: nothing comes after its loss.
    if (!dryRun) keeper.watch(handle);
    const own = dryRun ? [] : [['target', await askRoom(keeper.session)] as const];
    const sideBySide = await budgetOf(input, new Map([...rooms, ...own]), onceSource);
    const reading = { onceSource, snapshots, sample, hashes, force };
    const underWay = new RunUnderWay(read, store, reading, sideBySide, handle);
    await underWay.steps();
    keeper.assertKept();
    const result = underWay.result(snapshot);
    await store.finish(handle, result);
    emit({ type: 'run_finished', result });
    return result;
  } finally {
    for (const session of exporters.values()) await session.close();
    await keeper.close();
  }
}

/** @throws EtlError exit 2 where a table that the run replaces must not be emptied */
async function assertReplacing(
  { compiled, plan, resume, replay, options }: RunInput,
  { session, schema, force }: { readonly session: Session; readonly schema: string; readonly force: boolean },
): Promise<void> {
  if (replay !== undefined) return;
  const planned = new Set(plan.steps.map(({ mapping }) => mapping));
  const replaced = compiled.mappings.find((one) => planned.has(one.mapping.name) && isReplaced(one));
  if (replaced !== undefined && typeof options.limit === 'number' && options.dryRun !== true) {
    throw new EtlError(
      `mapping ${replaced.mapping.name} replaces its table: a sample would take the place of all rows`,
      {
        exitCode: EXIT.usage,
        help: `leave it out (--exclude ${replaced.mapping.name}), or add --dry-run: then nothing of it stays`,
      },
    );
  }
  await assertReplaceable(session, { compiled, planned, emptier: { schema, run: resume ?? '' }, force });
}

/** What is written down of a run at its begin. */
function factsOf(
  { project, plan, provenance, options, replay }: RunInput,
  {
    watermarks,
    force,
    ...read
  }: Pick<HashedFacts, 'snapshot' | 'hashes' | 'watermarks'> & { readonly force: boolean },
): HashedFacts {
  const { mappingsHash, operator, ...made } = provenance;
  const { jobs, failFast, limit = null } = options;
  const loads = plan.steps.filter((step) => step.kind === 'load');
  const estimates = Object.fromEntries(loads.map((step) => [step.mapping, step.estimatedRows]));
  const kind = replay !== undefined ? 'replay' : limit !== null ? 'limit' : 'run';
  return {
    ...read,
    kind,
    mappingsHash,
    operator,
    selection: loads.map(({ mapping }) => mapping).sort(),
    provenance: { ...made, node: process.version, options: { jobs, failFast, force }, estimates },
    plan: keptPlan(plan, project.phases, jobs ?? defaultJobs()),
    watermarks: kind === 'run' ? watermarks : {},
  };
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
