import type { CompiledMapping } from '../../contract/compiled.js';
import type { BatchOutcome, Reject } from '../../contract/batch.js';
import { EXIT, EtlError } from '../../contract/errors.js';
import type { Session } from '../../contract/session.js';
import { count, counted } from '../../contract/counted.js';
import { Output } from '../../compile/program/output.js';
import type { WantedKey } from '../../compile/program/parts.js';
import { Row } from '../../compile/program/row.js';
import type { KeyMap } from '../../resolve/key-map.js';
import { BatchBuilder } from './batch.js';
import { faultlessRows, type Reading } from '../read/faultless.js';
import { withKeys } from '../keys/prefetch.js';
import type { ReaderCopy } from '../read/reader-copy.js';
import { RowMaker, type RowTools } from './rows.js';
import type { Stopwatch } from '../stopwatch.js';
import type { Tally } from './tally.js';
import { Stopped, type StopSignal } from '../stop.js';
import { mustStop, thresholdText } from './threshold.js';

/** Bytes of a batch at the most: wide rows make small batches. */
const BATCH_BYTES = 8 << 20;

/** Rejects that the message of a run that stops names. */
const EXAMPLES = 3;

/** Rows between checkpoints at the most, where few of them are sent. */
const CHECKPOINT_ROWS = 50_000;

export interface StreamInputs extends RowTools {
  readonly reader: Session;
  /** The loader's session: free until the first batch. */
  readonly target: Session;
  /** See {@link readerCopy}. */
  readonly copy: ReaderCopy;
  /** How rows are read that the source may not be able to compute; null where it has computed them before. */
  readonly reading: Reading | null;
  readonly loader: { load(batch: BatchBuilder): Promise<BatchOutcome> };
  readonly tally: Tally;
  readonly run: string;
  /** The key range, from 0. */
  readonly partition: number;
  readonly batchRows: number;
  /** Filled with what is loaded, for the references to this mapping; null where nothing asks. */
  readonly keyMap: KeyMap | null;
  /** Keys that are asked for before the rows that name them are made; empty where all are in memory. */
  readonly wanted: readonly WantedKey[];
  readonly stop: StopSignal;
  /** After each committed batch. */
  readonly onBatch: () => void;
  /** Is told where the stream's time goes; left out: nobody asks. */
  readonly watch?: Stopwatch | null;
}

/**
 * Streams one mapping's rows from the source to the target: while the target takes one batch, the next is
 * read and made. Memory holds two batches and what the socket has delivered.
 * @throws Stopped where the run was asked to stop; what is committed stays
 * @throws EtlError exit 4 where `stop_at` is reached
 */
export async function streamRows(inputs: StreamInputs): Promise<void> {
  const { compiled, watch = null } = inputs;
  const row = new Row(compiled.fields.length);
  const maker = new RowMaker(inputs, row);
  const batches = new BatchQueue(inputs, maker);
  const before = watch?.enter('source') ?? null;
  try {
    try {
      await readRows(inputs, row, maker, batches);
    } catch (error) {
      // What is under way may be committed yet: it is counted before the load ends.
      await batches.settle().catch(() => undefined);
      throw error;
    }
    await batches.flush();
    await batches.settle();
  } finally {
    watch?.enter(before);
  }
}

async function readRows(
  { reader, target, copy, reading, stop, merge, ids, wanted, watch = null }: StreamInputs,
  row: Row,
  maker: RowMaker,
  batches: BatchQueue,
): Promise<void> {
  const chunks = reading === null ? reader.copyOut(copy.sql, copy.ordered) : faultlessRows(reading);
  for await (const chunk of wanted.length === 0 ? chunks : withKeys(chunks, row.width, wanted, watch)) {
    watch?.enter('program');
    row.open(chunk);
    batches.batch.open(chunk);
    while (row.next()) {
      if (batches.isFull && !maker.continuesKey()) {
        await batches.flush();
        if (stop.requested) throw await batches.stopped(stop.reason);
        batches.batch.open(chunk);
      }
      const wait = merge?.seek(row);
      if (wait !== null && wait !== undefined) await batches.waits(wait);
      if (ids?.isEmpty === true && merge?.matched !== true) {
        await batches.waits(ids.ensure(batches.isIdle ? target : null));
      }
      maker.make(batches.batch);
    }
    if (stop.requested) throw await batches.stopped(stop.reason);
    watch?.enter('source');
  }
  watch?.enter('target');
  await merge?.end();
}

/** The batch at hand and the one under way. */
class BatchQueue {
  batch: BatchBuilder;
  /** No batch has been handed over yet. */
  isIdle = true;
  private underWay: Promise<void> = Promise.resolve();
  /** Memory of batches that are loaded: 2 MB that need not be asked for, touched and collected again. */
  private readonly free: Output[] = [];

  constructor(
    private readonly inputs: StreamInputs,
    private readonly maker: RowMaker,
  ) {
    this.batch = this.builder();
  }

  private builder(): BatchBuilder {
    const { compiled, run } = this.inputs;
    const names = {
      project: compiled.project,
      run,
      mapping: compiled.mapping.name,
      partition: this.inputs.partition,
      keepPairs: compiled.found === 'key_map',
    };
    const output = (): Output => this.free.pop() ?? new Output();
    return new BatchBuilder(names, this.inputs.needs, this.maker, this.allow, output(), output());
  }

  get isFull(): boolean {
    const { rows, size, read } = this.batch;
    return rows >= this.inputs.batchRows || size >= BATCH_BYTES || read >= CHECKPOINT_ROWS;
  }

  /** Hands the batch over to the target, when it has taken the one before, and begins a new one. */
  async flush(): Promise<void> {
    if (this.batch.isEmpty) return;
    const full = this.batch;
    full.ids = this.inputs.ids?.takeGiven() ?? [];
    await this.settle();
    this.allow(full, full.rejects);
    this.isIdle = false;
    this.underWay = this.load(full);
    // A failure is looked at by the next settle(); until then it must not count as unhandled.
    this.underWay.catch(() => undefined);
    this.batch = this.builder();
  }

  /** Waits for the batch that is under way. */
  async settle(): Promise<void> {
    await this.waits(this.underWay);
  }

  /** Waits for the target: meanwhile no row is made. */
  async waits(work: Promise<void>): Promise<void> {
    const { watch = null } = this.inputs;
    const before = watch?.enter('target') ?? null;
    try {
      await work;
    } finally {
      watch?.enter(before);
    }
  }

  /** Commits what is under way and what is at hand. */
  async stopped(reason: string): Promise<Stopped> {
    await this.flush();
    await this.settle();
    return new Stopped(reason);
  }

  /** A batch that goes too far leaves nothing; batches of other key ranges that are under way count, too. */
  private readonly allow = (batch: BatchBuilder, rejects: readonly Reject[]): void => {
    const { compiled, tally } = this.inputs;
    const { rejected, read } = tally.expect(batch, rejects.length);
    breakCircuit(compiled, rejected, read, firstOf(rejects));
  };

  private async load(batch: BatchBuilder): Promise<void> {
    const { loader, keyMap, onBatch, tally, brought } = this.inputs;
    const outcome = await loader.load(batch).finally(() => {
      tally.settled(batch);
    });
    tally.commit(batch, outcome);
    if (keyMap !== null) {
      const { keys, handles } = batch.insertRows;
      for (let n = 0; n < keys.length; n++) {
        const refusal = outcome.refused.inserts.get(n);
        if (refusal === undefined) keyMap.set(keys[n] ?? '', handles[n] ?? '');
        else this.inputs.rejected?.add(keys[n] ?? '', this.maker.causeOf(refusal));
      }
    }
    for (const n of batch.merged) {
      const { keys, handles } = batch.updateRows;
      if (!outcome.refused.updates.has(n)) keyMap?.set(keys[n] ?? '', handles[n] ?? '');
    }
    // What the run has brought and the target will not have as it is now is to go.
    for (const [n, done] of batch.done) {
      const { keys, handles } = batch.updateRows;
      if (outcome.refused.updates.has(n)) brought?.refuse(handles[n] ?? '', keys[n] ?? '', done);
    }
    for (const output of [batch.insertOutput, batch.updateOutput]) {
      output.clear();
      this.free.push(output);
    }
    onBatch();
  }
}

/** The first of some rejects in words, for the message of a run that stops. */
export function firstOf(
  rejects: readonly Pick<Reject, 'key' | 'column' | 'rule' | 'reason' | 'at'>[],
): string {
  const shown = rejects.slice(0, EXAMPLES).map(({ key, column, rule, reason, at }) => {
    const place = `${at.file}:${String(at.line)}`;
    return `key ${key ?? 'null'} (${column ?? 'the row'}, ${rule}: ${reason}; ${place})`;
  });
  return shown.length === 0 ? '' : `; the last batch began with ${shown.join('; ')}`;
}

/** @throws EtlError exit 4 where so many rejects are more than `stop_at` allows */
export function breakCircuit(compiled: CompiledMapping, rejected: number, read: number, cause: string): void {
  const { stopAt } = compiled.mapping;
  if (!mustStop(stopAt, rejected, read)) return;
  throw new EtlError(
    `${count(rejected)} of ${counted(read, 'row')} rejected: more than stop_at (${thresholdText(stopAt)}) allows${cause}`,
    {
      exitCode: EXIT.rejects,
      help: 'mend the mapping or the source; the batch that went too far left nothing',
    },
  );
}
