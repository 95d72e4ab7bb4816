import type { CompiledMapping } from '../../contract/compiled.js';
import type { ConstraintPlan, Deferred, OwnRows } from '../../contract/constraints.js';
import type { Session } from '../../contract/session.js';
import { keepsConnection } from '../../postgres/failure.js';
import { dropProven, type DropResult } from '../../postgres/rebuild.js';
import { readDeferred, recordSql } from '../../state/deferred.js';
import { StepBook } from '../../state/steps.js';
import type { RunContext } from '../context.js';
import { LateRejects } from '../late/late.js';
import { ownRows } from './own-rows.js';
import { putBack, type Failed, type PutBackInputs } from './put-back.js';
import { openTarget } from '../sessions/sessions.js';
import type { SteadySession } from '../sessions/steady-session.js';
import type { StreamInputs } from '../rows/stream.js';

/** What a mapping's table is without while its rows are loaded. */
export class BulkLoad {
  /** Null before the rows come; without it nothing of them can be in the way. */
  inputs: StreamInputs | null = null;
  private left: readonly Deferred[] = [];
  private ended = false;

  private constructor(
    private readonly context: RunContext,
    private readonly compiled: CompiledMapping,
    private readonly rows: OwnRows,
  ) {}

  /** Drops what the plan says, as far as it is proven that it comes back; the rest stays, and that is told. */
  static async begin(
    context: RunContext,
    compiled: CompiledMapping,
    plan: ConstraintPlan,
    target: SteadySession,
  ): Promise<BulkLoad> {
    const bulk = new BulkLoad(context, compiled, ownRows(compiled));
    if (plan.mode === 'rebuild') await bulk.drop(plan, target);
    else if (compiled.mapping.target.constraints.value === 'rebuild' && plan.again !== true)
      bulk.say('warn', `nothing is dropped: ${plan.reason ?? ''}`);
    return bulk;
  }

  private say(level: 'info' | 'warn' | 'error', message: string): void {
    this.context.emit({ type: 'notice', level, message: `${this.compiled.mapping.name}: ${message}` });
  }

  private async drop(plan: ConstraintPlan, target: SteadySession): Promise<void> {
    const { context, compiled, rows } = this;
    let isFirst = true;
    const work = async (): Promise<DropResult> => {
      // The answer to a commit may have been lost: what is dropped is written down.
      const dropped = isFirst ? [] : await this.droppedAlready(target);
      isFirst = false;
      if (dropped.length > 0) return { dropped, kept: [], refused: null };
      return context.ddl(() =>
        dropProven(target, {
          table: rows.table,
          names: plan.drop,
          empty: plan.reason === null,
          record: (list) => recordSql(context.schema, context.handle.run, rows, list),
        }),
      );
    };
    const { dropped, kept, refused } = await context
      .retriesOf(compiled.mapping.name)
      .run('constraints could not be dropped', work, () => target.renew());
    this.left = dropped;
    if (refused !== null) this.say('info', `constraints and indexes stay in place: ${refused}`);
    if (plan.reason !== null) this.say('info', plan.reason);
    for (const { name, reason } of kept) this.say('info', `${name} stays in place: ${reason}`);
  }

  private async droppedAlready(target: Session): Promise<readonly Deferred[]> {
    const { context, rows } = this;
    const all = await readDeferred(target, context.project.stateSchema, rows.project);
    return all.find((left) => left.rows.table === rows.table)?.deferred ?? [];
  }

  /** Brings everything back and says so to `changed`; rows that do not hold to it are decided about by the target, one by one. */
  async end(session: SteadySession, inputs: StreamInputs, changed: () => void): Promise<void> {
    if (this.left.length === 0) return;
    this.ended = true;
    this.context.emit({ type: 'stage', mapping: this.compiled.mapping.name, stage: 'constraints' });
    const { watch } = this.context.meterOf(this.compiled.mapping.name);
    const late = await watch.during('constraints', () => this.putBack(session, inputs));
    changed();
    await late?.offerAgain();
  }

  /**
   * Brings everything back after the load has failed or was stopped; what cannot come back is told, and stays written
   * down.
   * @returns whether all is back
   */
  async abandon(): Promise<boolean> {
    if (this.left.length === 0) return true;
    const names = this.left.map(({ object }) => object).join(', ');
    if (this.ended) {
      this.say('error', `${names} could not be put back, the next command tries again`);
      return false;
    }
    try {
      const { context, compiled } = this;
      const { name } = compiled.mapping;
      const book = new StepBook(context.schema, context.handle, name);
      const session = await openTarget(context, book, context.retriesOf(name));
      try {
        await this.putBack(session, this.inputs);
        return true;
      } finally {
        await session.close();
      }
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.say('error', `${names} could not be put back, the next command tries again: ${why}`);
      return false;
    }
  }

  private async putBack(session: SteadySession, inputs: StreamInputs | null): Promise<LateRejects | null> {
    const { context, rows } = this;
    const retries = context.retriesOf(this.compiled.mapping.name);
    const back: PutBackInputs = {
      session,
      schema: context.schema,
      rows,
      ddl: context.ddl,
      again: (work) =>
        retries.run('a constraint could not be put back', work, (error) =>
          keepsConnection(error) && !session.isLost ? Promise.resolve() : session.renew(),
        ),
    };
    let failed = await putBack(back, this.left);
    const late = inputs === null ? null : new LateRejects(context, inputs, back, session);
    // Every row goes where the constraint's own query has not found those that are in its way.
    for (const everyRow of [false, true]) {
      if (failed.length === 0 || late === null) break;
      await late.takeOut(failed, everyRow);
      failed = await putBack(
        back,
        failed.map(({ deferred }) => deferred),
      );
    }
    assertNone(failed);
    this.left = [];
    return late;
  }
}

function assertNone(failed: readonly Failed[]): void {
  const [first] = failed;
  if (first !== undefined) throw first.error;
}
