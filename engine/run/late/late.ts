import type { BatchOutcome } from '../../contract/batch.js';
import type { CompiledMapping } from '../../contract/compiled.js';
import { referencesOf } from '../../contract/references.js';
import type { QueryRows } from '../../contract/session.js';
import { quoteText } from '../../postgres/identifier.js';
import { slotOf } from '../../compile/program/slots.js';
import { keysOfWaiting } from '../../compile/program/waiting.js';
import { BatchedKeyMap } from '../../resolve/batched-key-map.js';
import { canonicalKey } from '../../resolve/key-map.js';
import type { BatchBuilder } from '../rows/batch.js';
import type { RunContext } from '../context.js';
import { keysCondition, sourceKeyParts, type Keys } from '../keys/key-condition.js';
import { holdLate, notOurs, takeAway, type Waited } from './late-rows.js';
import type { Failed, PutBackInputs } from '../bulk/put-back.js';
import { readerCopy } from '../read/reader-copy.js';
import type { Retries } from '../sessions/retries.js';
import { openSource } from '../sessions/sessions.js';
import type { SteadySession } from '../sessions/steady-session.js';
import { SteadyWork } from '../sessions/steady-work.js';
import { StopSignal } from '../stop.js';
import { streamRows, type StreamInputs } from '../rows/stream.js';
import { Tally } from '../rows/tally.js';
import { keyTypesOf } from '../keys/pairs.js';

/** The key by which a row waits for one of its own mapping, where it does. */
function ownKeys(
  compiled: CompiledMapping,
  column: string,
  reference: string,
): readonly { readonly column: string; readonly key: string }[] {
  const ways = referencesOf(compiled).filter((way) => way.column.name === column);
  const keys = keysOfWaiting(reference, ways.length);
  const place = ways.findIndex(({ parent }) => parent.mapping.value === compiled.mapping.name);
  const key = keys[place] ?? null;
  return place < 0 || key === null ? [] : [{ column, key }];
}

const NONE = { inserts: new Map(), updates: new Map() };

/**
 * The rows of one mapping that were loaded while constraints were away and that do not hold to them: they are
 * taken out of target and counts, and offered again one after the other when the constraints stand. So the
 * target decides about each as it would have done, in the source's order and with its own words.
 */
export class LateRejects {
  private readonly keys: (readonly string[])[] = [];

  constructor(
    private readonly context: RunContext,
    private readonly inputs: StreamInputs,
    private readonly back: Pick<PutBackInputs, 'schema' | 'rows'>,
    private readonly session: SteadySession,
  ) {}

  /**
   * Takes the rows in the way of some objects out of the target and of every count.
   * @throws EtlError exit 3 where connections are lost again and again, exit 5 where some of the rows are not the mapping's
   */
  async takeOut(failed: readonly Failed[], everyRow: boolean): Promise<void> {
    const { schema, rows } = this.back;
    const { session } = this;
    const { compiled, tally, run } = this.inputs;
    const work = new SteadyWork(session, this.retries, 'late rejects could not be taken out');
    let done = (): Promise<void> => Promise.resolve();
    await work.once(async () => {
      const late = await holdLate(session, schema, rows, failed, everyRow);
      const again = await this.makeAgain(late.keys);
      if (again.tally.read !== late.count) {
        const strange = `${String(late.count - again.tally.read)} of them are not in the source`;
        throw notOurs(rows, failed, strange);
      }
      const waited = await takeAway(session, schema, rows, failed);
      const warned = await this.forgetWarnings(again.shownKeys);
      done = async () => {
        tally.uncount(again.tally, late.count, await this.foundSince(waited), warned);
        this.forgetKeys(late.keys);
        this.keys.push(...late.keys);
      };
      const n = String(-late.count);
      await work.commit(
        `select ${schema}.checkpoint(${quoteText(run)}, ${this.context.handle.epoch}, ${quoteText(compiled.mapping.name)},
         0, null, ${n}, ${n}, 0, 0, 0, 0, 0, ${String(-again.tally.bytes)})`,
        () => undefined,
      );
    });
    await done();
  }

  private get retries(): Retries {
    return this.context.retriesOf(this.inputs.compiled.mapping.name);
  }

  /** Reads the rows again that were taken out, and loads what the target takes. @throws EtlError exit 4 at `stop_at` */
  async offerAgain(): Promise<void> {
    const { compiled, run } = this.inputs;
    const { schema, handle } = this.context;
    if (this.keys.length === 0) return;
    const mapping = quoteText(compiled.mapping.name);
    const step = `from ${schema}.steps where run = ${quoteText(run)} and mapping = ${mapping}`;
    const [last] = (await this.asked(`select last_key ${step}`)).rows;
    await this.read(this.keys, this.inputs);
    const key = last?.[0];
    if (key !== null && key !== undefined) {
      await this.asked(
        `select ${schema}.checkpoint(${quoteText(run)}, ${handle.epoch}, ${mapping}, 0, ${quoteText(key)}, 0, 0, 0, 0, 0, 0, 0)`,
      );
    }
  }

  /** What may be asked twice. */
  private asked(sql: string): Promise<QueryRows> {
    const { session } = this;
    return this.retries.run(
      'late rejects could not be read again',
      () => session.query(sql),
      () => session.renew(),
    );
  }

  /** What the rows count, and their keys as they are shown; nothing is loaded. */
  private async makeAgain(keys: Keys): Promise<{ tally: Tally; shownKeys: readonly string[] }> {
    const tally = new Tally(this.inputs.program.references);
    const shownKeys: string[] = [];
    const load = (batch: BatchBuilder): Promise<BatchOutcome> => {
      for (const key of batch.insertKeys()) shownKeys.push(key);
      return Promise.resolve({ inserted: batch.inserts.count, updated: 0, unchanged: 0, refused: NONE });
    };
    await this.read(keys, {
      ...this.inputs,
      tally,
      loader: { load },
      ids: null,
      keyMap: null,
      rejected: null,
      stop: new StopSignal(),
      onBatch: () => undefined,
    });
    return { tally, shownKeys };
  }

  private async read(keys: Keys, inputs: StreamInputs): Promise<void> {
    const { compiled } = inputs;
    const reader = await openSource(this.context, compiled.mapping.source.connection.value, this.retries);
    try {
      const copy = readerCopy(compiled, [], keysCondition(sourceKeyParts(compiled), keys));
      await streamRows({
        ...inputs,
        uniques: inputs.uniques?.again() ?? null,
        reader,
        known: null,
        merge: null,
        brought: null,
        copy,
        reading: null,
        // The time is that of what comes after the rows.
        watch: null,
      });
    } finally {
      await reader.close();
    }
  }

  /** By slot, the references that waited and whose row has come since: only the mapping's own rows have. */
  private async foundSince(waited: readonly Waited[]): Promise<ReadonlyMap<number, number>> {
    const { keyMap, compiled, program } = this.inputs;
    const found = new Map<number, number>();
    const own = waited.flatMap(({ column, reference }) => ownKeys(compiled, column, reference));
    if (keyMap instanceof BatchedKeyMap) await keyMap.prefetch(new Set(own.map(({ key }) => key)));
    for (const { column, key } of own) {
      if (keyMap?.get(key) === undefined) continue;
      const slot = slotOf(program.references, column, compiled.mapping.name);
      found.set(slot, (found.get(slot) ?? 0) + 1);
    }
    return found;
  }

  private forgetKeys(keys: Keys): void {
    const { compiled, keyMap } = this.inputs;
    if (keyMap === null) return;
    const types = keyTypesOf(compiled);
    for (const key of keys) keyMap.delete(canonicalKey(key, types));
  }

  /** Takes back what `warn` rules said of the rows; gives the rules' names. */
  private async forgetWarnings(shown: readonly string[]): Promise<readonly string[]> {
    const { compiled, tally, run } = this.inputs;
    if (tally.warnings.size === 0) return [];
    const { rows } = await this.session.query(
      `delete from ${this.context.schema}.warnings where run = $1 and mapping = $2
       and source_key in (select json_array_elements_text($3)) returning rule`,
      [run, compiled.mapping.name, JSON.stringify(shown)],
    );
    return rows.map(([rule]) => rule ?? '');
  }
}
