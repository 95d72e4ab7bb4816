import pLimit from 'p-limit';
import { EXIT, EtlError, type ExitCode } from '../contract/errors.js';
import type { Hooks } from '../contract/mapping.js';
import type { Step } from '../contract/plan.js';
import type { MappingResult, RunResult } from '../contract/result.js';
import { count, counted } from '../contract/counted.js';
import { quoteText } from '../postgres/identifier.js';
import { KEY_MAP_BYTES } from '../resolve/choose.js';
import { StepBook } from '../state/steps.js';
import type { SideBySide } from '../plan/side-by-side.js';
import type { StateStore } from '../state/store.js';
import type { RunContext } from './context.js';
import { finalChecks } from './final-checks.js';
import { runHooks, type HookOwner } from './hooks.js';
import type { RunInput } from './input.js';
import { settleDeletions } from './vanished/deletions.js';
import { KeyAccess } from './keys/key-access.js';
import { loadMapping } from './load.js';
import { chainedMappings } from './keys/keys-by.js';
import { metersOf } from './meter.js';
import { needsOf } from './needs.js';
import { ownRows, refersTo } from './bulk/own-rows.js';
import { MappingState, exitCodeOf } from './results.js';
import { PATIENCE, Retries } from './sessions/retries.js';
import { ofReplay } from './delta/replay.js';
import { type InTheWay, schedule } from './schedule.js';
import { secondPass } from './late/second-pass.js';
import { openTarget } from './sessions/sessions.js';
import { settingsOf } from './settings.js';
import { StopSignal, Stopped } from './stop.js';
import { TableTriggers } from './bulk/triggers.js';

/** One run under way. */
export class RunUnderWay {
  private readonly states: ReadonlyMap<string, MappingState>;
  private readonly context: RunContext;
  private readonly startedAt = Date.now();
  private interrupted = false;
  /** What has failed of the run itself, not of a mapping. */
  private failure: { readonly reason: string; readonly exitCode: ExitCode } | null = null;
  private readonly retries = new Map<string, Retries>();
  /** The last second pass of each mapping, settled when it has ended. */
  private readonly passes = new Map<string, Promise<void>>();

  constructor(
    private readonly input: RunInput,
    private readonly store: StateStore,
    reading: Pick<RunContext, 'onceSource' | 'snapshots' | 'sample' | 'hashes' | 'force'>,
    private readonly sideBySide: SideBySide,
    handle: RunContext['handle'],
  ) {
    const { compiled, plan, ports, project, stop, emit, options } = input;
    const byName = new Map(compiled.mappings.map((c) => [c.mapping.name, c]));
    const loads = plan.steps.filter((step) => step.kind === 'load');
    this.states = new Map(
      loads.flatMap(({ mapping }) => {
        const found = byName.get(mapping);
        return found === undefined
          ? []
          : [[mapping, new MappingState(ofReplay(found, input.replay))] as const];
      }),
    );
    const referenced = new Set(compiled.dependencies.filter((d) => d.column !== null).map((d) => d.to));
    const chained = chainedMappings(compiled.mappings);
    this.context = {
      project,
      compiled: byName,
      ports,
      once: ports.open,
      retriesOf: (mapping) => this.retriesOf(mapping),
      meterOf: metersOf((mapping) => this.retriesOf(mapping)),
      handle,
      schema: store.schema,
      ...reading,
      ranges: sideBySide.ranges,
      dryRun: options.dryRun === true,
      readsOnly: false,
      fresh: options.fresh ?? false,
      whole: input.replay === undefined && reading.sample === null,
      keyMaps: new Map(),
      given: options.given ?? new Map(),
      rejected: new Map(),
      keyMapBytes: options.keyMapBytes ?? KEY_MAP_BYTES,
      isChained: (mapping) => chained.has(mapping),
      isReferenced: (mapping) => referenced.has(mapping),
      planned: new Set(this.states.keys()),
      begun: new Set(),
      triggers: new TableTriggers(),
      ddl: pLimit(1),
      stop,
      emit,
    };
    emit({
      type: 'run_started',
      run: handle.run,
      project: project.name,
      mappings: loads.map(({ mapping, phase, estimatedRows }) => ({ name: mapping, phase, estimatedRows })),
    });
  }

  /** What is tried again for a mapping; counted in its result. */
  private retriesOf(mapping: string): Retries {
    const { emit, stop, options } = this.input;
    const { patience = PATIENCE } = options;
    let retries = this.retries.get(mapping);
    if (retries === undefined)
      this.retries.set(mapping, (retries = new Retries({ name: mapping, emit, stop, patience })));
    return retries;
  }

  /** All steps, then the checks of what was loaded. */
  async steps(): Promise<void> {
    const { plan } = this.input;
    const { jobs } = this.sideBySide;
    const ready = await this.ownHooks('before');
    if (!ready) {
      const hooks = 'hooks before the run';
      for (const step of plan.steps) this.skip(step, { step: hooks, cause: hooks });
    }
    await schedule(
      ready ? plan.steps : [],
      jobs,
      async (step) => {
        const succeeded = await this.step(step);
        this.context.emit({ type: 'step_finished', mapping: step.mapping, succeeded });
        this.settled(step);
        return succeeded;
      },
      (step, because) => {
        this.skip(step, because);
      },
    );
    if (this.context.whole) await settleDeletions(this.context, [...this.states.values()]);
    await this.checks();
    // What came after the load has changed the status of some.
    for (const [mapping, { startedAt, status }] of this.states) {
      if (startedAt > 0) await this.endStep(mapping, status).catch(() => undefined);
    }
    if (ready) await this.ownHooks('after');
  }

  /** Tells of a step that cannot run, since what it needs has not succeeded. */
  private skip(step: Step, { step: needed, cause }: InTheWay): void {
    const state = this.state(step.mapping);
    const failed = `"${cause}" did not succeed`;
    const because = needed === cause ? failed : `"${needed}" did not run, for ${failed}`;
    if (step.kind === 'load') {
      state.fail(because, EXIT.done, 'not_run');
    } else if (state.status === 'succeeded') {
      const status = this.context.stop.requested ? 'interrupted' : 'failed';
      state.fail(`the ${step.id} did not run: ${because}`, EXIT.done, status);
    }
    this.settled(step);
  }

  private state(mapping: string): MappingState {
    const state = this.states.get(mapping);
    if (state === undefined) throw new Error(`mapping ${mapping} is not part of the run`);
    return state;
  }

  /** Does one step and puts what goes wrong into the mapping's state. */
  private async step(step: Step): Promise<boolean> {
    const state = this.state(step.mapping);
    const { stop, emit } = this.context;
    if (stop.requested) {
      this.interrupted ||= stop.reason !== 'fail-fast';
      const status = step.kind === 'load' ? 'not_run' : 'interrupted';
      state.fail(`the run was stopped: ${stop.reason}`, EXIT.done, status);
      return false;
    }
    const { watch } = this.context.meterOf(step.mapping);
    try {
      if (step.kind === 'load') await watch.during('other', () => this.load(step, state));
      else if (step.kind === 'second_pass') await this.oneAfterTheOther(step, state);
      else
        await watch.during('other', () => this.hooks(step.after, { mapping: step.mapping, when: 'after' }));
      state.endedAt = Date.now();
      return state.status === 'succeeded';
    } catch (error) {
      state.endedAt = Date.now();
      if (error instanceof Stopped) {
        this.interrupted ||= stop.reason !== 'fail-fast';
        state.status = 'interrupted';
        state.reason = error.message;
      } else {
        state.status = 'not_run';
        const exitCode = error instanceof EtlError ? error.exitCode : EXIT.internal;
        state.fail(error instanceof Error ? error.message : String(error), exitCode);
        const help = error instanceof EtlError && error.help !== undefined ? `\n  = help: ${error.help}` : '';
        emit({ type: 'notice', level: 'error', message: `${step.mapping}: ${state.reason ?? ''}${help}` });
        if (exitCode === EXIT.internal && error instanceof Error) {
          emit({ type: 'notice', level: 'error', message: error.stack ?? '' });
        }
        if (this.input.options.failFast) stop.request('fail-fast');
      }
      await this.endStep(step.mapping, state.status).catch(() => undefined);
      return false;
    }
  }

  private async load(step: Extract<Step, { kind: 'load' }>, state: MappingState): Promise<void> {
    const { context, store } = this;
    state.startedAt = Date.now();
    context.emit({ type: 'mapping_started', mapping: step.mapping });
    context.begun.add(step.mapping);
    state.settings = settingsOf(step, state.compiled, context.project.batchRows);
    await store.beginStep(context.handle, ownRows(state.compiled), {
      refersTo: refersTo(state.compiled),
      settings: state.settings,
    });
    await this.hooks(step.before, { mapping: step.mapping, when: 'before' });
    const loaded = await context.triggers.without(context, state.compiled, () =>
      loadMapping(context, state.compiled, step, (tally) => {
        state.tally = tally;
      }),
    );
    state.counted = loaded.counted;
    state.unmatched = loaded.unmatched;
    state.readFrom = loaded.delta?.from ?? null;
    state.before = loaded.before;
    state.status = 'succeeded';
    if (state.unexplained !== 0) {
      const what = `the accounting does not close: the source has ${counted(loaded.counted, 'row')}, ${count(state.unexplained)} unexplained`;
      state.fail(what, EXIT.checks);
    }
    await this.endStep(step.mapping, state.status);
  }

  /** Writes down what became of a mapping so far, with all that is measured of it. */
  private endStep(mapping: string, status: string): Promise<void> {
    const { handle, meterOf } = this.context;
    return this.store.endStep(handle, mapping, status, meterOf(mapping).last());
  }

  private hooks(hooks: Hooks['before'], owner: HookOwner): Promise<void> {
    const { context } = this;
    const { mapping, when } = owner;
    if (hooks.length === 0) return Promise.resolve();
    if (mapping !== null) context.emit({ type: 'stage', mapping, stage: `hooks ${when}` });
    return runHooks(context, hooks, owner, this.retriesOf(mapping ?? 'etl.yaml'));
  }

  /**
   * The hooks of etl.yaml: those after the run only where all of it has succeeded.
   * @returns false where one has failed
   */
  private async ownHooks(when: keyof Hooks): Promise<boolean> {
    const { context, states } = this;
    const { [when]: hooks } = context.project.hooks;
    if (hooks.length === 0 || context.stop.requested) return true;
    const exitCode = exitCodeOf([...states.values()], this.interrupted);
    if (when === 'after' && exitCode !== EXIT.done && exitCode !== EXIT.rejects) {
      const message = 'the hooks of etl.yaml after the run are left out: not all of it has succeeded';
      context.emit({ type: 'notice', level: 'warn', message });
      return true;
    }
    try {
      await this.hooks(hooks, { mapping: null, when });
      return true;
    } catch (error) {
      this.failure = {
        reason: error instanceof Error ? error.message : String(error),
        exitCode: error instanceof EtlError ? error.exitCode : EXIT.internal,
      };
      const help = error instanceof EtlError && error.help !== undefined ? `\n  = help: ${error.help}` : '';
      context.emit({ type: 'notice', level: 'error', message: `etl.yaml: ${this.failure.reason}${help}` });
      return false;
    }
  }

  /** Second passes of one mapping: each may take rows away that the other would complete. */
  private oneAfterTheOther(step: Extract<Step, { kind: 'second_pass' }>, state: MappingState): Promise<void> {
    const before = this.passes.get(step.mapping) ?? Promise.resolve();
    const { context } = this;
    const pass = before.then(() =>
      context
        .meterOf(step.mapping)
        .watch.during('after', () =>
          context.triggers.without(context, state.compiled, () => this.secondPass(step, state)),
        ),
    );
    this.passes.set(
      step.mapping,
      pass.catch(() => undefined),
    );
    return pass;
  }

  private async secondPass(step: Extract<Step, { kind: 'second_pass' }>, state: MappingState): Promise<void> {
    const { context } = this;
    const { tally } = state;
    const { schema, handle } = context;
    // Not the replay's: second passes tell a mapping's links by what all of the run have in common.
    const compiled = context.compiled.get(step.mapping) ?? state.compiled;
    const column = compiled.columns.find((c) => c.column.name === step.column);
    if (column === undefined) return;
    context.emit({ type: 'stage', mapping: step.mapping, stage: `second pass ${step.column}` });
    const retries = context.retriesOf(step.mapping);
    const book = new StepBook(context.schema, handle, step.mapping);
    const session = await openTarget(context, book, retries);
    const keys = new KeyAccess(context, session, retries, context.dryRun ? session : null);
    try {
      await secondPass({
        context,
        compiled,
        column,
        keyMaps: await retries.run(
          'keys could not be read',
          () => keys.referencedBy(compiled, step.column),
          () => session.renew(),
        ),
        tally,
        session,
        tallyOf: (mapping) => {
          const other = this.states.get(mapping);
          return other === undefined ? undefined : other.startedAt === 0 ? null : other.tally;
        },
        checkpoint: (mapping, { inserted, updated, unchanged }, rejected) =>
          `select ${schema}.checkpoint(${quoteText(handle.run)}, ${handle.epoch}, ${quoteText(mapping)}, 0, null,
           0, ${String(-inserted)}, ${String(-updated)}, ${String(-unchanged)}, 0, ${String(rejected)}, 0)`,
      });
    } finally {
      await keys.close();
      await session.close();
    }
  }

  private async checks(): Promise<void> {
    const { options, emit, replay } = this.input;
    const { patience = PATIENCE } = options;
    const { jobs } = this.sideBySide;
    // Of a run that was stopped, too, what is loaded is checked.
    const retries = new Retries({ name: 'checks', emit, stop: new StopSignal(), patience });
    const done = [...this.states.values()].filter((state) => state.status === 'succeeded');
    const needs = { jobs, replayed: replay !== undefined, retries };
    await finalChecks(this.context, done, needs);
  }

  /** Tells of a mapping whose last step this was; the checks of all mappings come later. */
  private settled(step: Step): void {
    const last = this.input.plan.steps.findLast((other) => other.mapping === step.mapping);
    if (last?.id !== step.id) return;
    const state = this.state(step.mapping);
    if (state.endedAt === 0) state.endedAt = state.startedAt;
    this.context.emit({ type: 'mapping_finished', result: this.resultOf(state) });
  }

  private resultOf(state: MappingState): MappingResult {
    const { name } = state.compiled.mapping;
    return {
      ...state.result(this.startedAt),
      needs: needsOf(this.input.compiled, name).filter((other) => this.states.has(other)),
      retries: this.retries.get(name)?.count ?? 0,
      spent: state.startedAt === 0 ? null : this.context.meterOf(name).spent,
    };
  }

  result(snapshot: string): RunResult {
    const states = [...this.states.values()];
    const { stop, handle, project, dryRun } = this.context;
    const failure = this.interrupted ? null : this.failure;
    const exitCode = failure?.exitCode ?? exitCodeOf(states, this.interrupted);
    const over = states.flatMap((state) => {
      const words = state.status === 'succeeded' ? state.overThreshold() : null;
      return words === null ? [] : [words];
    });
    return {
      run: handle.run,
      project: project.name,
      status: this.interrupted
        ? 'interrupted'
        : exitCode === EXIT.done || exitCode === EXIT.rejects
          ? 'succeeded'
          : 'failed',
      exitCode,
      dryRun,
      limit: this.input.options.limit ?? null,
      reasons: [
        ...(stop.requested ? [`stopped: ${stop.reason}`] : []),
        ...(failure === null ? [] : [failure.reason]),
        ...over,
      ],
      startedAt: new Date(this.startedAt),
      duration_ms: Date.now() - this.startedAt,
      mappings: states.map((state) => this.resultOf(state)),
      resumes: handle.resumes,
      memory: process.resourceUsage().maxRSS * 1024,
      provenance: { ...this.input.provenance, node: process.version, snapshot },
    };
  }
}
