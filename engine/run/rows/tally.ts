import type { Progress } from '../../contract/events.js';
import type { ReferenceCount, RejectGroup } from '../../contract/result.js';
import type { BatchOutcome, Reject } from '../../contract/batch.js';
import type { BatchBuilder } from './batch.js';
import type { RowBook } from './row-book.js';
import { OUTCOME, OUTCOMES } from '../../compile/program/resolver.js';
import { slotOf, type OutcomeSlot } from '../../compile/program/slots.js';

const SAMPLES = 5;

interface Group {
  readonly first: Reject;
  count: number;
  readonly samples: { key: string; reason: string; value: string | null }[];
}

/** Rows that were counted as loaded and are rejects after all. */
export interface Taken {
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
}

/** The counts of one mapping while it runs. */
export class Tally {
  read = 0;
  inserted = 0;
  updated = 0;
  unchanged = 0;
  rejected = 0;
  bytes = 0;
  bytesSent = 0;
  batches = 0;
  secondPass = 0;
  readonly skippedBy = new Map<string, number>();
  readonly warnings = new Map<string, number>();
  /** Batches that are under way. */
  private readonly coming = new Map<BatchBuilder, { readonly rejected: number; readonly read: number }>();
  private readonly groups = new Map<string, Group>();
  private readonly references: { resolved: number; null: number; defaulted: number; missing: number }[];

  constructor(private readonly names: readonly OutcomeSlot[]) {
    this.references = names.map(() => ({ resolved: 0, null: 0, defaulted: 0, missing: 0 }));
  }

  get skipped(): number {
    return [...this.skippedBy.values()].reduce((sum, count) => sum + count, 0);
  }

  progress(): Progress {
    const { read, inserted, updated, unchanged, skipped, rejected, bytes } = this;
    return { read, inserted, updated, unchanged, skipped, rejected, bytes };
  }

  /** What there will be with a batch, and with those of other key ranges that are under way. */
  expect(batch: BatchBuilder, rejected: number): { readonly rejected: number; readonly read: number } {
    this.coming.set(batch, { rejected, read: batch.read });
    const all = [...this.coming.values()];
    const sum = (what: 'rejected' | 'read'): number =>
      all.reduce((total, one) => total + one[what], this[what]);
    return { rejected: sum('rejected'), read: sum('read') };
  }

  /** The batch is committed, or will not be. */
  settled(batch: BatchBuilder): void {
    this.coming.delete(batch);
  }

  /** Counts a batch that the target has committed. */
  commit(batch: BatchBuilder, outcome: BatchOutcome): void {
    this.read += batch.read;
    this.bytes += batch.bytesRead;
    this.bytesSent += batch.bytesSent;
    this.batches++;
    this.inserted += outcome.inserted;
    this.updated += outcome.updated;
    this.unchanged += outcome.unchanged;
    for (const { rule } of batch.skipped) this.skippedBy.set(rule, (this.skippedBy.get(rule) ?? 0) + 1);
    for (const { rule } of batch.warnings) this.warnings.set(rule, (this.warnings.get(rule) ?? 0) + 1);
    for (const slot of batch.missing) this.count(slot, OUTCOME.missing);
    for (const reject of batch.allRejects(outcome.refused)) this.reject(reject);
    for (const [n, count] of batch.unchangedOutcomes.entries()) {
      this.count(Math.floor(n / OUTCOMES), n % OUTCOMES, count);
    }
    this.countReferences(batch.insertRows, outcome.refused.inserts);
    this.countReferences(batch.updateRows, outcome.refused.updates);
  }

  /** Says of rows that were counted as updated or unchanged what they are to the run as a whole. */
  confirm(inserted: number, updated: number): void {
    this.inserted += inserted;
    this.updated += updated;
    this.unchanged -= inserted + updated;
  }

  private countReferences(rows: RowBook, refused: ReadonlyMap<number, unknown>): void {
    for (let at = 0; at < this.names.length; at++) {
      for (let n = 0; n < rows.count; n++) if (!refused.has(n)) this.count(at, rows.outcome(n, at));
    }
  }

  reject(reject: Reject): void {
    this.rejected++;
    const { column, rule, sqlstate, at, because } = reject;
    // Not by the row that it follows from: there may be as many as rejects.
    const first = because === null ? null : [because.mapping, because.column, because.rule];
    const id = JSON.stringify([column, rule, sqlstate, at.line, first]);
    let group = this.groups.get(id);
    if (group === undefined) this.groups.set(id, (group = { first: reject, count: 0, samples: [] }));
    group.count++;
    if (group.samples.length < SAMPLES) {
      group.samples.push({ key: reject.key ?? 'null', reason: reject.reason, value: reject.value });
    }
  }

  /** How rows were counted that are rejects after all: new ones, then ones that were there before. */
  taken(fresh: number, existing: number): Taken {
    const inserted = Math.min(this.inserted, fresh);
    const updated = Math.min(this.updated, fresh - inserted + existing);
    return { inserted, updated, unchanged: fresh - inserted + existing - updated };
  }

  takeBack({ inserted, updated, unchanged }: Taken): void {
    this.inserted -= inserted;
    this.updated -= updated;
    this.unchanged -= unchanged;
  }

  /**
   * Takes rows out of the count that were inserted and are read again.
   * @param again what they count when they are made once more
   * @param pending by slot, references that `again` counts as resolved and that had waited for a second pass
   * @param warned rows by the name of the `warn` rule
   */
  uncount(again: Tally, rows: number, pending: ReadonlyMap<number, number>, warned: readonly string[]): void {
    this.read -= rows;
    this.inserted -= rows;
    this.bytes -= again.bytes;
    for (const rule of warned) this.warnings.set(rule, (this.warnings.get(rule) ?? 0) - 1);
    for (const [n, counts] of this.references.entries()) {
      const other = again.references[n];
      if (other === undefined) continue;
      counts.resolved -= other.resolved - (pending.get(n) ?? 0);
      counts.null -= other.null;
      counts.defaulted -= other.defaulted;
      counts.missing -= other.missing;
    }
  }

  /** Counts what became of references outside of a batch; of no mapping in particular, with the column's first. */
  reference(column: string, mapping: string | undefined, outcome: number, by = 1): void {
    this.count(slotOf(this.names, column, mapping), outcome, by);
  }

  private count(n: number, outcome: number, by = 1): void {
    const counts = this.references[n];
    if (counts === undefined) return;
    if (outcome === OUTCOME.resolved) counts.resolved += by;
    else if (outcome === OUTCOME.null) counts.null += by;
    else if (outcome === OUTCOME.defaulted) counts.defaulted += by;
    else if (outcome === OUTCOME.missing) counts.missing += by;
  }

  referenceCounts(): readonly ReferenceCount[] {
    return this.names.map((name, n) => ({
      ...name,
      ...(this.references[n] ?? { resolved: 0, null: 0, defaulted: 0, missing: 0 }),
    }));
  }

  rejectGroups(): readonly RejectGroup[] {
    return [...this.groups.values()]
      .sort((a, b) => b.count - a.count)
      .map(({ first, count, samples }) => ({
        column: first.column,
        rule: first.rule,
        sqlstate: first.sqlstate,
        count,
        file: first.at.file,
        line: first.at.line,
        because:
          first.because === null
            ? null
            : `${first.because.mapping}: ${first.because.column ?? 'the row'}, ${first.because.rule}`,
        samples,
      }));
  }
}
