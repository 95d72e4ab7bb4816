import pLimit from 'p-limit';
import type { CompiledMapping } from '../contract/compiled.js';
import { referencesOf } from '../contract/references.js';
import type { WantedKey } from '../compile/program/parts.js';
import { rowProgram, type RowProgram } from '../compile/program/program.js';
import { mappingNamespace } from '../compile/program/uuid.js';
import { quoteName } from '../postgres/identifier.js';
import type { Part } from '../postgres/message.js';
import { BatchedKeyMap } from '../resolve/batched-key-map.js';
import type { KeyMap } from '../resolve/key-map.js';
import type { RejectedKeys } from '../resolve/rejected-keys.js';
import type { RunContext } from './context.js';
import type { Existing } from './rows/existing.js';
import type { Fellows } from './rows/fellows.js';
import { SequenceIds } from './keys/ids.js';
import { KeyAccess } from './keys/key-access.js';
import { lookupsOf } from './lookups.js';
import { readerCopy, readingOf } from './read/reader-copy.js';
import type { Retries } from './sessions/retries.js';
import { openAsking, onSources, openSource, openTarget } from './sessions/sessions.js';
import { SteadyLoader } from './sessions/steady-loader.js';
import type { SteadySession } from './sessions/steady-session.js';
import { StepBook } from '../state/steps.js';
import { rangeCondition, type KeyRange } from './read/ranges.js';
import { Stopped, type StopSignal } from './stop.js';
import { SourceFaults } from './read/source-faults.js';
import { streamRows, type StreamInputs } from './rows/stream.js';
import { Tally } from './rows/tally.js';
import { needsHandles } from './rows/wrote.js';

/** What the ranges of one load share. */
export interface RangeParts {
  readonly context: RunContext;
  readonly compiled: CompiledMapping;
  readonly existing: Existing;
  readonly fellows: Fellows | null;
  readonly wantsKeys: boolean;
  /** New rows of a range, more or less; 0 where that cannot be told. */
  readonly expected: number;
  readonly rejected: RejectedKeys | null;
  readonly retries: Retries;
  readonly stop: StopSignal;
  /** Empties the table in the first batch's transaction; null where it is not to be emptied. */
  readonly emptying: readonly Part[] | null;
  /** A condition on `q` beside the range's; null for all rows. */
  readonly only: string | null;
}

export interface RangeSessions {
  readonly reader: SteadySession;
  readonly target: SteadySession;
  readonly book: StepBook;
  readonly keys: KeyAccess;
}

/** A range's stream, ready to run. */
export interface RangeStream extends StreamInputs {
  readonly loader: SteadyLoader;
}

/** Reads what a range's rows are made with. @param tally null for the first, which begins the load's tally */
export async function rangeStream(
  {
    context,
    compiled,
    existing,
    fellows,
    wantsKeys,
    expected,
    rejected,
    retries,
    stop,
    emptying,
    only: of,
  }: RangeParts,
  range: KeyRange,
  { reader, target, keys, book }: RangeSessions,
  tally: Tally | null,
): Promise<RangeStream> {
  const { ports, handle, project } = context;
  const { name } = compiled.mapping;
  const namespace = mappingNamespace(project.name, name);
  const program = rowProgram(compiled, {
    steps: ports.steps,
    rules: ports.rules,
    facts: { run: handle.run, startedAt: handle.startedAt, mapping: name, namespace },
    lookups: await lookupsOf(compiled, { reader, target, elsewhere: onSources(context, retries) }),
    keyMaps: await keyMapsOf(compiled, keys),
    rejected: context.rejected,
  });
  const faults = new SourceFaults();
  const counts = tally ?? new Tally(program.references);
  const key = `q.${quoteName(compiled.fields[compiled.key[0] ?? -1]?.name ?? '')}`;
  const conditions = [of, rangeCondition(range, key)].filter((part) => part !== null);
  const only = conditions.length === 0 ? undefined : conditions.join(' and ');
  return {
    compiled,
    program,
    known: existing.known,
    merge: existing.merge,
    fellows,
    brought: existing.brought,
    wanted: [...program.wanted, ...ownKeys(existing.known, program)],
    copy: readerCopy(compiled, existing.orders, only),
    reading: compiled.keyless
      ? null
      : {
          ...readingOf(compiled, existing.orders, only),
          session: reader,
          reopen: () => reader.renew(),
          faults,
        },
    faults,
    needs: {
      keys: wantsKeys || existing.brought !== null,
      handles: needsHandles(compiled),
      references: program.references.length,
    },
    rejected,
    uniques: null,
    ids: sequenceIds(context, compiled, expected, retries),
    namespace,
    tally: counts,
    reader,
    target,
    loader: new SteadyLoader(context, compiled, target, book, retries, emptying),
    run: handle.run,
    partition: range.partition,
    watch: context.meterOf(name).watchOf(range.partition),
    batchRows: project.batchRows,
    keyMap: context.isReferenced(name) ? existing.own : null,
    stop,
    onBatch: () => {
      context.emit({ type: 'batch', mapping: name, progress: counts.progress() });
    },
  };
}

/**
 * Streams the first range on the load's own sessions and each other one on sessions of its own, as many side by side as
 * the run has room for. One that fails stops the others; its error is told when all have ended.
 */
export async function streamRanges(
  parts: RangeParts,
  first: RangeStream,
  others: readonly KeyRange[],
): Promise<void> {
  const { stop, existing } = parts;
  const failures: Error[] = [];
  const limit = pLimit(parts.context.ranges);
  const works = [
    limit(() => streamRows(first).finally(() => existing.close())),
    ...others.map((range) =>
      limit(() => {
        if (stop.requested) throw new Stopped(stop.reason);
        return streamAlone(parts, range, first.tally);
      }),
    ),
  ];
  const meter = parts.context.meterOf(parts.compiled.mapping.name);
  const ended = works.map((work) =>
    work.catch((error: unknown) => {
      failures.push(error instanceof Error ? error : new Error('a key range failed', { cause: error }));
      if (others.length > 0) stop.request('another key range failed');
    }),
  );
  await ended[0];
  await meter.watch.beside(meter.others, () => Promise.all(ended));
  const told = failures.find((error) => !(error instanceof Stopped)) ?? failures[0];
  if (told !== undefined) throw told;
}

async function streamAlone(parts: RangeParts, range: KeyRange, tally: Tally): Promise<void> {
  const { context, compiled, retries } = parts;
  const { name, source } = compiled.mapping;
  const watch = context.meterOf(name).watchOf(range.partition);
  watch.enter('other');
  const reader = await openSource(context, source.connection.value, retries);
  try {
    const book = new StepBook(context.schema, context.handle, name, range.partition);
    const target = await openTarget(context, book, retries);
    const keys = new KeyAccess(context, target, retries);
    try {
      const inputs = await watch.during('resolution', () =>
        retries.run(
          'what the rows are made with could not be read',
          () => rangeStream(parts, range, { reader, target, keys, book }, tally),
          async () => {
            await Promise.all([reader.renew(), target.renew()]);
          },
        ),
      );
      await streamRows(inputs).finally(() => inputs.ids?.close());
    } finally {
      await keys.close();
      await target.close();
    }
  } finally {
    await reader.close();
    watch.enter(null);
  }
}

/** Where the keys of rows that are there are not in memory, each row asks for its own. */
const ownKeys = (known: KeyMap | null, program: RowProgram): readonly WantedKey[] =>
  known instanceof BatchedKeyMap ? [{ map: known, key: (row) => program.key(row) }] : [];

/** The key maps of the references of a mapping, by target column. */
async function keyMapsOf(
  compiled: CompiledMapping,
  keys: KeyAccess,
): Promise<ReadonlyMap<string, readonly KeyMap[]>> {
  const maps = new Map<string, readonly KeyMap[]>();
  for (const name of new Set(referencesOf(compiled).map(({ column }) => column.name))) {
    maps.set(name, await keys.referencedBy(compiled, name));
  }
  return maps;
}

function sequenceIds(
  context: RunContext,
  compiled: CompiledMapping,
  expected: number,
  retries: Retries,
): SequenceIds | null {
  const { identity } = compiled;
  if (identity?.strategy !== 'sequence' || identity.column.sequence === null) return null;
  return new SequenceIds({
    sequence: identity.column.sequence,
    open: () => openAsking(context, retries),
    expected,
    most: context.project.batchRows,
  });
}
