import type { CompiledMapping } from '../contract/compiled.js';
import type { Step } from '../contract/plan.js';
import type { Session } from '../contract/session.js';
import { quoteName, quoteTable, quoteText } from '../postgres/identifier.js';
import { StepBook } from '../state/steps.js';
import { RejectedKeys } from '../resolve/rejected-keys.js';
import { BulkLoad } from './bulk.js';
import { settleBrought } from './confirm.js';
import type { RunContext } from './context.js';
import { findExisting } from './existing.js';
import { KeyAccess } from './key-access.js';
import { rangeStream, streamRanges, type RangeParts, type RangeSessions } from './range-load.js';
import { findRanges, WHOLE } from './ranges.js';
import { knowRejected } from './rejected-before.js';
import { openSource, openTarget } from './sessions.js';
import { StopSignal } from './stop.js';
import type { Tally } from './tally.js';

/** A mapping's rows are loaded, its sequence set, and an independent count of its source taken in the same snapshot. */
export interface Loaded {
  readonly tally: Tally;
  readonly counted: number;
}

type LoadStep = Extract<Step, { kind: 'load' }>;

/**
 * Loads one mapping: `tally` is filled as batches are committed, whatever way the load ends. What is lost before the
 * first row is made is begun again from the start.
 */
export async function loadMapping(
  context: RunContext,
  compiled: CompiledMapping,
  step: LoadStep,
  begin: (tally: Tally) => void,
): Promise<Loaded> {
  const streak = context.retriesOf(compiled.mapping.name).streak('the load could not begin');
  for (;;) {
    const way = { isOpen: true };
    try {
      return await loadOnce(
        context,
        compiled,
        step,
        (tally) => {
          way.isOpen = false;
          begin(tally);
        },
        way,
      );
    } catch (error) {
      if (!way.isOpen) throw error;
      await streak.failed(error);
    }
  }
}

/** @param way whether the load may begin again from its start */
async function loadOnce(
  context: RunContext,
  compiled: CompiledMapping,
  step: LoadStep,
  begin: (tally: Tally) => void,
  way: { isOpen: boolean },
): Promise<Loaded> {
  const { name, source } = compiled.mapping;
  const retries = context.retriesOf(name);
  const reader = await openSource(context, source.connection.value, retries);
  try {
    const book = new StepBook(context.schema, context.handle, name);
    const target = await openTarget(context, book, retries);
    const keys = new KeyAccess(context, target, retries);
    try {
      // Whether what was dropped is dropped nobody knows where the answer is lost: the next command finds out.
      way.isOpen = step.constraints.mode !== 'rebuild';
      const bulk = await BulkLoad.begin(context, compiled, step.constraints, target);
      way.isOpen = true;
      const sessions = { reader, target, book, keys, bulk, step };
      const tally = await loadRows(context, compiled, sessions, begin).catch(async (error: unknown) => {
        if (!(await bulk.abandon())) way.isOpen = false;
        throw error;
      });
      context.emit({ type: 'stage', mapping: name, stage: 'count' });
      const { rows } = await reader.query(`select count(*) from (${compiled.rowsSql}\n) q`);
      await retries.run(
        'the sequence could not be set',
        () => setSequence(compiled, target),
        () => target.renew(),
      );
      return { tally, counted: Number(rows[0]?.[0] ?? 0) };
    } finally {
      await keys.close();
      await target.close();
    }
  } finally {
    await reader.close();
  }
}

interface LoadSessions extends RangeSessions {
  readonly bulk: BulkLoad;
  readonly step: LoadStep;
}

/** Streams the rows, in key ranges where the plan says so, and brings back what was dropped for them. */
async function loadRows(
  context: RunContext,
  compiled: CompiledMapping,
  { reader, target, book, keys, bulk, step }: LoadSessions,
  begin: (tally: Tally) => void,
): Promise<Tally> {
  const { estimatedRows } = step;
  const wantsKeys = keepsKeys(context, compiled);
  const sessions = { target, reader };
  const retries = context.retriesOf(compiled.mapping.name);
  const load = { compiled, estimatedRows, wantsKeys };
  const rejected = rejectedKeys(context, compiled);
  await knowRejected(context, target, compiled);
  const existing = await findExisting(context, load, sessions, keys, retries);
  const isNew = existing.known === null && existing.merge === null;
  const [range = WHOLE, ...others] = isNew ? await findRanges(reader, compiled, step.ranges) : [WHOLE];
  const parts: RangeParts = {
    context,
    compiled,
    existing,
    wantsKeys,
    expected: isNew ? estimatedRows / (others.length + 1) : 0,
    rejected,
    retries,
    stop: others.length === 0 ? context.stop : new StopSignal(context.stop),
  };
  const first = await rangeStream(parts, range, { ...sessions, keys, book }, null);
  begin(first.tally);
  bulk.inputs = first;
  try {
    await streamRanges(parts, first, others);
    const { brought } = existing;
    if (brought !== null) await settleBrought(context, compiled, brought, { target, tally: first.tally });
    await bulk.end(target, first, () => {
      first.loader.constraintsChanged();
    });
    keys.release(compiled);
    return first.tally;
  } finally {
    await first.ids?.close();
  }
}

/** Whether somebody will ask for the keys of a mapping's rows. */
const keepsKeys = (context: RunContext, compiled: CompiledMapping): boolean =>
  context.isReferenced(compiled.mapping.name) ||
  compiled.found === 'key_map' ||
  compiled.columns.some(({ make }) => make.kind === 'value' && make.secondPass);

/** Where others refer to the mapping, the keys of the rows that it rejects. */
function rejectedKeys(context: RunContext, compiled: CompiledMapping): RejectedKeys | null {
  const { name } = compiled.mapping;
  if (!context.isReferenced(name)) return null;
  const types = compiled.key.map((field) => compiled.fields[field]?.type.base ?? 'text');
  const rejected = new RejectedKeys(types);
  context.rejected.set(name, rejected);
  return rejected;
}

/** Sets the identity's own sequence behind the highest id that the mapping brought along. */
async function setSequence(compiled: CompiledMapping, target: Session): Promise<void> {
  for (const { column } of compiled.columns) {
    if (column.sequence === null || compiled.identity?.strategy === 'sequence') continue;
    const max = `(select max(${quoteName(column.name)}) from ${quoteTable(compiled.table)})`;
    const sequence = quoteText(column.sequence);
    await target.query(
      `select setval(${sequence}::regclass, ${max}) where ${max} >
       coalesce((select last_value from pg_sequences where format('%I.%I', schemaname, sequencename)::regclass
                 = ${sequence}::regclass), 0)`,
    );
  }
}
