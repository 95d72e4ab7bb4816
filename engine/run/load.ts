import type { CompiledMapping } from '../contract/compiled.js';
import { isCompletedLater } from '../contract/references.js';
import type { Step } from '../contract/plan.js';
import type { Session } from '../contract/session.js';
import { counted } from '../contract/counted.js';
import { quoteName, quoteTable, quoteText, tableRows } from '../postgres/identifier.js';
import { StepBook } from '../state/steps.js';
import { RejectedKeys } from '../resolve/rejected-keys.js';
import { BulkLoad } from './bulk/bulk.js';
import { settleBrought } from './confirm.js';
import type { RunContext } from './context.js';
import { openDelta, type DeltaLoad } from './delta/delta-load.js';
import { findExisting } from './rows/existing.js';
import { readFellows } from './rows/fellows.js';
import { KeyAccess } from './keys/key-access.js';
import { makeRoom, openLoading } from './rows/keyless.js';
import type { Unmatched } from './rows/merge.js';
import { rangeStream, streamRanges, type RangeParts, type RangeSessions } from './range-load.js';
import { emptiedRows, emptyingOf } from './replace/emptying.js';
import { findRanges, WHOLE } from './read/ranges.js';
import { uniqueWatch } from './unique/look-ahead.js';
import { knowRejected } from './late/rejected-before.js';
import { openSource } from './sessions/sessions.js';
import { StopSignal } from './stop.js';
import { Tally } from './rows/tally.js';
import { keyTypesOf } from './keys/pairs.js';

/** A mapping's rows are loaded, its sequence set, and an independent count of its source taken in the same snapshot. */
export interface Loaded {
  readonly tally: Tally;
  readonly counted: number;
  /** Rows of the target that no source row answers; null where only a part was read, or no merge passed them all. */
  readonly unmatched: Unmatched | null;
  /** Its rows that were in the target before, where only some were read, or none again; else null. */
  readonly before: number | null;
  /** What it read of its rows; null where it read all. */
  readonly delta: DeltaLoad | null;
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
      // Of one transaction nothing stays: not the counts either.
      if (compiled.keyless) begin(new Tally([]));
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
  const { watch } = context.meterOf(name);
  watch.enter('other');
  const reader = await openSource(context, source.connection.value, retries);
  try {
    const book = new StepBook(context.schema, context.handle, name);
    const loading = await openLoading(context, compiled, book, retries);
    const { target } = loading;
    const keys = new KeyAccess(context, target, retries);
    try {
      const delta = context.whole ? await openDelta(context, compiled, { reader, target }) : null;
      const bulk = await watch.during('constraints', () =>
        BulkLoad.begin(context, compiled, delta === null ? step.constraints : KEEP, target),
      );
      const sessions = { reader, target, book, keys, bulk, step, delta };
      const { tally, unmatched, before } = await loadRows(context, compiled, sessions, begin).catch(
        async (error: unknown) => {
          if (!(await watch.during('constraints', () => bulk.abandon()))) way.isOpen = false;
          throw error;
        },
      );
      context.emit({ type: 'stage', mapping: name, stage: 'count' });
      watch.enter('after');
      const counted = delta?.counted ?? (await countSource(reader, compiled));
      // No rollback takes a sequence back.
      if (!context.dryRun) {
        await retries.run(
          'the sequence could not be set',
          () => setSequence(compiled, target),
          () => target.renew(),
        );
      }
      await loading.commit();
      return { tally, counted, delta, unmatched, before: delta?.before ?? before };
    } finally {
      await keys.close();
      await loading.close();
    }
  } finally {
    await reader.close();
  }
}

/** An empty table has no row that no source row answers. */
const NO_ROWS: Unmatched = { count: 0, samples: [] };

const KEEP = {
  mode: 'keep',
  drop: [],
  reason: 'the rows of a delta run are few beside those that the table has',
  again: true,
  kept: [],
} as const;

async function countSource(reader: Session, compiled: CompiledMapping): Promise<number> {
  const { rows } = await reader.query(`select count(*) from (${compiled.rowsSql}\n) q`);
  return Number(rows[0]?.[0] ?? 0);
}

interface LoadSessions extends RangeSessions {
  readonly bulk: BulkLoad;
  readonly step: LoadStep;
  readonly delta: DeltaLoad | null;
}

/** Streams the rows, in key ranges where the plan says so, and brings back what was dropped for them. */
async function loadRows(
  context: RunContext,
  whole: CompiledMapping,
  { reader, target, book, keys, bulk, step, delta }: LoadSessions,
  begin: (tally: Tally) => void,
): Promise<Pick<Loaded, 'tally' | 'unmatched' | 'before'>> {
  const { watch } = context.meterOf(whole.mapping.name);
  watch.enter('resolution');
  const { compiled, before } = await makeRoom(context, whole, { reader, target });
  const estimatedRows = delta?.counted ?? step.estimatedRows;
  const wantsKeys = keepsKeys(context, compiled);
  const sessions = { target, reader };
  const retries = context.retriesOf(compiled.mapping.name);
  const load = { compiled, estimatedRows, wantsKeys, part: delta !== null };
  const rejected = rejectedKeys(context, compiled);
  await knowRejected(context, target, compiled);
  const emptying = await emptyingOf(context, compiled, target);
  const existing = await findExisting(
    context,
    { ...load, emptied: emptying !== null },
    sessions,
    keys,
    retries,
  );
  const fellows = await readFellows(target, compiled, context.schema);
  const isNew = delta === null && existing.known === null && existing.merge === null;
  const [range = WHOLE, ...others] = isNew ? await findRanges(reader, compiled, step.ranges) : [WHOLE];
  const parts: RangeParts = {
    context,
    compiled,
    existing,
    fellows,
    wantsKeys,
    expected: isNew ? estimatedRows / (others.length + 1) : 0,
    rejected,
    emptying,
    only: delta?.only ?? null,
    retries,
    stop: others.length === 0 ? context.stop : new StopSignal(context.stop),
  };
  const made = await rangeStream(parts, range, { ...sessions, keys, book }, null);
  const first = { ...made, uniques: await uniqueWatch(context, made, !isNew) };
  begin(first.tally);
  bulk.inputs = first;
  try {
    await streamRanges(parts, first, others);
    watch.enter('after');
    await first.loader.open();
    if (emptying !== null) await tellEmptied(context, compiled, target);
    const { brought } = existing;
    if (brought !== null) await settleBrought(context, compiled, brought, { target, tally: first.tally });
    await bulk.end(target, first, () => {
      first.loader.constraintsChanged();
    });
    keys.release(compiled);
    const all = delta === null && context.handle.resumes === 0;
    const unmatched = isNew ? NO_ROWS : (existing.merge?.unmatched ?? null);
    return { tally: first.tally, unmatched: all ? unmatched : null, before };
  } finally {
    await first.ids?.close();
  }
}

/** Says how many rows gave way: they are no part of the accounting. */
async function tellEmptied(context: RunContext, compiled: CompiledMapping, target: Session): Promise<void> {
  const { name } = compiled.mapping;
  const count = await emptiedRows(context, name, target);
  if (count === 0) return;
  const message = `${name}: ${counted(count, 'row')} of ${quoteTable(compiled.table)} gave way to the new ones (mode: replace); etl rollback can bring them back`;
  context.emit({ type: 'notice', level: 'info', message });
}

/** Whether somebody will ask for the keys of a mapping's rows. */
const keepsKeys = (context: RunContext, compiled: CompiledMapping): boolean =>
  context.isReferenced(compiled.mapping.name) ||
  compiled.found === 'key_map' ||
  compiled.columns.some(({ make }) => isCompletedLater(make));

/** Where others refer to the mapping, the keys of the rows that it rejects. */
function rejectedKeys(context: RunContext, compiled: CompiledMapping): RejectedKeys | null {
  const { name } = compiled.mapping;
  if (!context.isReferenced(name)) return null;
  const types = keyTypesOf(compiled);
  const rejected = new RejectedKeys(types);
  context.rejected.set(name, rejected);
  return rejected;
}

/** Sets the identity's own sequence behind the highest id that the mapping brought along. */
async function setSequence(compiled: CompiledMapping, target: Session): Promise<void> {
  for (const { column } of compiled.columns) {
    if (column.sequence === null || compiled.identity?.strategy === 'sequence') continue;
    const max = `(select max(${quoteName(column.name)}) from ${tableRows(compiled.table)})`;
    const sequence = quoteText(column.sequence);
    await target.query(
      `select setval(${sequence}::regclass, ${max}) where ${max} >
       coalesce((select last_value from pg_sequences where format('%I.%I', schemaname, sequencename)::regclass
                 = ${sequence}::regclass), 0)`,
    );
  }
}
