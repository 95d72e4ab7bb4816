import type { BatchOutcome, Reject } from '../../contract/batch.js';
import type { CompiledMapping } from '../../contract/compiled.js';
import type { Session } from '../../contract/session.js';
import { Row } from '../../compile/program/row.js';
import type { BatchBuilder } from '../rows/batch.js';
import type { ComparingMerge, LeftRow, RowPair, Taken, ValuePair } from './comparing-merge.js';
import type { Findings } from './findings.js';
import type { Notes } from './notes.js';
import { differ } from './types.js';

/** What stands for a loader where nothing is loaded. */
export interface LookerInputs {
  readonly compiled: CompiledMapping;
  readonly merge: ComparingMerge;
  /** Decides what is equal. */
  readonly session: Session;
  readonly findings: Findings;
  readonly notes: Notes;
  /** Source keys, as they are shown, of rows that runs have rejected and nothing has made good. */
  readonly known: ReadonlySet<string>;
  /** Columns whose made value is kept of rows that differ or are missing. */
  readonly keep: readonly number[];
}

const NOTHING_REFUSED = { inserts: new Map<number, never>(), updates: new Map<number, never>() };

/**
 * A loader that loads nothing: what a run would send to the target is what differs from it. So a comparison reads,
 * makes, rejects and merges rows by the very code of a load.
 */
export class Looker {
  /** Rejects whose row of the target, if there is one, may not have been left behind yet. */
  private last: ReadonlyMap<string, Reject | null> = new Map();
  private readonly line: Row;

  constructor(private readonly inputs: LookerInputs) {
    this.line = new Row(inputs.compiled.columns.length);
  }

  /** Looks at a batch. What is put aside is taken at once: rows of the next one come meanwhile. */
  load(batch: BatchBuilder): Promise<BatchOutcome> {
    return this.look(batch, this.inputs.merge.take());
  }

  /** Looks at what is left when all rows have come. */
  async end(): Promise<void> {
    await this.settle(this.inputs.merge.take(), this.last);
    this.last = new Map();
  }

  private async look(batch: BatchBuilder, taken: Taken): Promise<BatchOutcome> {
    const { findings } = this.inputs;
    findings.matched += batch.unchanged;
    this.missing(batch);
    const refusals = refusalsOf(batch.skipped, batch.rejects);
    const doubled = new Set(batch.rejects.flatMap(({ rule, key }) => (rule === 'duplicates' ? [key] : [])));
    for (const { key } of batch.rejects) if (key !== null) this.rejected(key);
    // Of rows of one key the first was compared before the second came.
    const pairs = taken.pairs.filter(({ key }) => !doubled.has(key));
    const ofDoubled = taken.pairs.filter(({ key }) => doubled.has(key));
    const all = new Map([...this.last, ...refusals]);
    await this.settle({ ...taken, pairs, refused: [...taken.refused, ...ofDoubled] }, all);
    this.last = refusalsOf(batch.skipped.slice(-1), batch.rejects.slice(-1));
    const { unchanged } = batch;
    return { inserted: 0, updated: 0, unchanged, refused: NOTHING_REFUSED };
  }

  private rejected(key: string): void {
    const { known, findings, notes } = this.inputs;
    if (!known.has(key)) findings.newRejects++;
    notes.rejectedKey(key);
  }

  /** Rows that the target does not have: known rejects, or missing. */
  private missing(batch: BatchBuilder): void {
    const { findings, known, notes, keep } = this.inputs;
    const keys = batch.insertKeys();
    if (keys.length === 0) return;
    this.line.open(batch.inserts.lines);
    for (const key of keys) {
      this.line.next();
      if (known.has(key)) {
        findings.knownRejects++;
        notes.rejectedKey(key);
        continue;
      }
      findings.rows++;
      findings.add({
        kind: 'missing',
        key,
        column: null,
        source: null,
        target: null,
        cause: null,
        handle: null,
      });
      notes.replace(
        null,
        keep.map((column) => this.line.ownText(column)),
      );
    }
  }

  private async settle(taken: Taken, refusals: ReadonlyMap<string, Reject | null>): Promise<void> {
    const { notes } = this.inputs;
    await this.changed(taken.pairs);
    for (const row of taken.refused) this.refused(row, refusals.get(row.key));
    for (const row of taken.unmet) notes.unmet(row);
    for (const handle of taken.seen) notes.seen(handle);
    await notes.flush();
  }

  private refused({ key, handle }: LeftRow, reject: Reject | null | undefined): void {
    const { findings, notes } = this.inputs;
    findings.rows++;
    const why =
      reject === null
        ? 'its source row is skipped'
        : reject === undefined
          ? 'its source row is not loaded'
          : `its source row is rejected (${reject.rule}: ${reject.reason})`;
    const isBroken = reject?.rule === 'references' && !this.inputs.known.has(key);
    findings.add({
      kind: isBroken ? 'broken' : 'refused',
      key,
      column: reject?.column ?? null,
      source: reject?.value ?? null,
      target: null,
      cause: null,
      note: why,
      handle,
    });
    notes.replace(handle, null);
  }

  /** Asks the target which of the values that have other bytes are other values. */
  private async changed(pairs: readonly RowPair[]): Promise<void> {
    const { compiled, session, findings, notes } = this.inputs;
    const byColumn = new Map<
      number,
      { readonly pair: RowPair; readonly made: string; readonly held: string }[]
    >();
    const differing = new Map<RowPair, ValuePair[]>();
    const note = (pair: RowPair, value: ValuePair): void => {
      differing.set(pair, [...(differing.get(pair) ?? []), value]);
    };
    for (const pair of pairs) {
      for (const value of pair.values) {
        const { column, made, held } = value;
        if (made === null || held === null) note(pair, value);
        else {
          const others = byColumn.get(column) ?? [];
          byColumn.set(column, others);
          others.push({ pair, made, held });
        }
      }
    }
    for (const [column, texts] of byColumn) {
      const type = compiled.columns[column]?.column.type;
      if (type === undefined) continue;
      const answers = await differ(
        session,
        type,
        texts.map(({ made, held }) => ({ made, held })),
      );
      for (const [n, { pair, made, held }] of texts.entries()) {
        if (answers[n] === true) note(pair, { column, made, held });
      }
    }
    for (const [pair, values] of differing) {
      const { key, handle } = pair;
      findings.rows++;
      for (const { column, made, held } of values) {
        const name = compiled.columns[column]?.column.name ?? '';
        findings.add({ kind: 'changed', key, column: name, source: made, target: held, cause: null, handle });
      }
      notes.replace(handle, pair.made);
    }
  }
}

/** By key: why a source row is not loaded; null where it is skipped. */
function refusalsOf(
  skipped: readonly { readonly key: string | null }[],
  rejects: readonly Reject[],
): ReadonlyMap<string, Reject | null> {
  const refusals = new Map<string, Reject | null>();
  for (const { key } of skipped) if (key !== null) refusals.set(key, null);
  for (const reject of rejects) if (reject.key !== null) refusals.set(reject.key, reject);
  return refusals;
}
