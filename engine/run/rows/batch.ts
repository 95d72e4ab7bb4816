import type { Aside, Batch, BatchCounts, DatabaseRefusal, Refusals, Reject } from '../../contract/batch.js';
import type { Position } from '../../contract/problem.js';
import { Output } from '../../compile/program/output.js';
import { OUTCOMES } from '../../compile/program/resolver.js';
import { RowBook, type BookNeeds } from './row-book.js';
import { WROTE_COLUMNS, wroteRow } from './wrote.js';

export interface Skipped {
  readonly key: string | null;
  readonly rule: string;
  readonly at: Position;
}

interface BatchNames {
  readonly project: string;
  readonly run: string;
  readonly mapping: string;
  /** The key range, from 0. */
  readonly partition: number;
  readonly keepPairs: boolean;
}

/** A source line as it lies in what came, with the words for it. */
export interface LineReader {
  /** A refusal of the target as a reject of the mapping. */
  explain(line: Buffer, refusal: DatabaseRefusal): Reject;
  /** The key of a line as it is shown. */
  keyText(line: Buffer): string;
}

const REJECT_COLUMNS = [
  'run', 'mapping', 'source_key', 'column_name', 'rule', 'sqlstate', 'reason', 'value', 'row', 'file', 'line',
] as const; // prettier-ignore

/** Collects rows until the batch is full; then it is handed over and a new one begun. */
export class BatchBuilder implements Batch {
  readonly insertRows: RowBook;
  readonly updateRows: RowBook;
  readonly rejects: Reject[] = [];
  readonly warnings: Reject[] = [];
  readonly skipped: Skipped[] = [];
  /** The slots of references that rejected a row. */
  readonly missing: number[] = [];
  private lastBuffer: Buffer | null = null;
  private lastStart = 0;
  private lastEnd = 0;
  read = 0;
  bytesRead = 0;
  /** Rows that the target has as they are, and what became of their references: see {@link countUnchanged}. */
  unchanged = 0;
  readonly unchangedOutcomes: Int32Array;
  /** What an interrupted part of the run has done about rows that exist already, by their place in `updateRows`. */
  readonly done = new Map<number, 'brought' | 'changed'>();
  /** Rows of other mappings that the mapping fills from now on, by their place in `updateRows`. */
  readonly merged = new Set<number>();
  /** The ids that a sequence gave to the batch's rows: see SequenceIds. */
  ids: readonly string[] = [];

  constructor(
    private readonly names: BatchNames,
    private readonly needs: BookNeeds,
    private readonly reader: LineReader,
    /** Looks at the batch's rejects; see {@link Batch.assertAllowed}. */
    private readonly allow: (batch: BatchBuilder, rejects: readonly Reject[]) => void,
    /** Both empty; free again when the batch is loaded. */
    readonly insertOutput: Output,
    readonly updateOutput: Output,
  ) {
    this.unchangedOutcomes = new Int32Array(needs.references * OUTCOMES);
    this.insertRows = new RowBook(needs);
    this.updateRows = new RowBook(needs);
  }

  /** Makes the bytes of the chunk whose rows come now cheap to copy. */
  open(chunk: Buffer): void {
    this.insertOutput.take(chunk);
    this.updateOutput.take(chunk);
  }

  get rows(): number {
    return this.insertRows.count + this.updateRows.count + this.rejects.length + this.skipped.length;
  }

  /** Bytes held in memory. */
  get size(): number {
    return this.insertOutput.size + this.updateOutput.size + this.insertRows.bytes + this.updateRows.bytes;
  }

  /** Bytes of the rows that the target is sent. */
  get bytesSent(): number {
    return this.insertOutput.size + this.updateOutput.size;
  }

  get isEmpty(): boolean {
    return this.read === 0;
  }

  /** Counts a row that need not be sent; with -1 takes it back. */
  countUnchanged(outcomes: Uint8Array, by: 1 | -1): void {
    this.unchanged += by;
    const { unchangedOutcomes: counts } = this;
    for (let n = 0; n < outcomes.length; n++) {
      const at = n * OUTCOMES + (outcomes[n] ?? 0);
      counts[at] = (counts[at] ?? 0) + by;
    }
  }

  noteDone(n: number, done: 'brought' | 'changed'): void {
    this.done.set(n, done);
  }

  /** The last row was taken out of `updateRows` again. */
  forgetDone(): void {
    this.done.delete(this.updateRows.count - 1);
  }

  /** Remembers the row that is being made: the checkpoint's key. */
  noteLast(buffer: Buffer, start: number, end: number): void {
    this.lastBuffer = buffer;
    this.lastStart = start;
    this.lastEnd = end;
  }

  get lastKey(): string | null {
    if (this.lastBuffer === null) return null;
    return this.reader.keyText(this.lastBuffer.subarray(this.lastStart, this.lastEnd));
  }

  /** The keys of the new rows, as they are shown. */
  insertKeys(): readonly string[] {
    const { insertRows, reader } = this;
    return Array.from({ length: insertRows.count }, (_, n) => reader.keyText(insertRows.line(n)));
  }

  get inserts(): Batch['inserts'] {
    return { lines: this.insertOutput.bytes(), count: this.insertRows.count };
  }

  get updates(): Batch['updates'] {
    return { lines: this.updateOutput.bytes(), count: this.updateRows.count };
  }

  counts(refused: Refusals): BatchCounts {
    return {
      read: this.read,
      skipped: this.skipped.length,
      rejected: this.rejects.length + refused.inserts.size + refused.updates.size,
      bytes: this.bytesSent,
      bytesRead: this.bytesRead,
    };
  }

  assertAllowed(refused: Refusals): void {
    this.allow(this, this.allRejects(refused));
  }

  /** The batch's rejects, those of the target included. */
  allRejects(refused: Refusals): readonly Reject[] {
    const late = (rows: RowBook, map: ReadonlyMap<number, DatabaseRefusal>): readonly Reject[] =>
      [...map].map(([n, refusal]) => this.reader.explain(rows.line(n), refusal));
    return [
      ...this.rejects,
      ...late(this.insertRows, refused.inserts),
      ...late(this.updateRows, refused.updates),
    ];
  }

  private wrote(refused: Refusals): Aside[] {
    const { insertRows, updateRows, names, needs } = this;
    if (insertRows.count + updateRows.count === 0) return [];
    const ids = names.keepPairs ? [] : this.ids;
    const handles = needs.handles ? insertRows.handles.filter((_, n) => !refused.inserts.has(n)) : [];
    return [
      { table: 'batches', columns: WROTE_COLUMNS, lines: copyLines([wroteRow(names, { ids, handles })]) },
    ];
  }

  asides(refused: Refusals): readonly Aside[] {
    const { project, run, mapping, keepPairs } = this.names;
    const found: Aside[] = this.wrote(refused);
    const rejects = this.allRejects(refused);
    if (rejects.length > 0) {
      found.push({ table: 'rejects', columns: REJECT_COLUMNS, lines: rejectLines(rejects, run, mapping) });
    }
    if (this.warnings.length > 0) {
      const lines = rejectLines(this.warnings, run, mapping);
      found.push({ table: 'warnings', columns: REJECT_COLUMNS, lines });
    }
    if (this.skipped.length > 0) {
      const lines = copyLines(
        this.skipped.map(({ key, rule, at }) => [run, mapping, key, rule, at.file, String(at.line)]),
      );
      found.push({
        table: 'skipped',
        columns: ['run', 'mapping', 'source_key', 'rule', 'file', 'line'],
        lines,
      });
    }
    const pairs = keepPairs ? pairRows(this.insertRows, refused.inserts, [project, mapping], run) : [];
    if (pairs.length > 0) {
      const lines = copyLines(pairs);
      found.push({
        table: 'key_map',
        columns: ['project', 'mapping', 'source_key', 'target_key', 'run'],
        lines,
      });
    }
    const merged = [...this.merged].filter((n) => !refused.updates.has(n));
    if (merged.length > 0) {
      const { keys, handles } = this.updateRows;
      found.push({
        table: 'key_map',
        columns: ['project', 'mapping', 'source_key', 'target_key', 'run', 'merged'],
        lines: copyLines(merged.map((n) => [project, mapping, keys[n] ?? '', handles[n] ?? '', run, 't'])),
      });
    }
    const pending = [
      ...pendingRows(this.insertRows, refused.inserts, () => true, run, mapping),
      ...pendingRows(this.updateRows, refused.updates, (n) => this.done.get(n) === 'brought', run, mapping),
    ];
    if (pending.length > 0) {
      const columns = [
        'run',
        'mapping',
        'column_name',
        'source_key',
        'target_key',
        'reference_key',
        'inserted',
      ];
      found.push({ table: 'second_pass', columns, lines: copyLines(pending) });
    }
    return found;
  }
}

function pairRows(
  rows: RowBook,
  refused: ReadonlyMap<number, unknown>,
  owner: readonly [project: string, mapping: string],
  run: string,
): readonly (readonly string[])[] {
  const pairs = rows.keys.map((key, n) => [...owner, key, rows.handles[n] ?? '', run]);
  return refused.size === 0 ? pairs : pairs.filter((_, n) => !refused.has(n));
}

function pendingRows(
  rows: RowBook,
  refused: ReadonlyMap<number, unknown>,
  inserted: (n: number) => boolean,
  run: string,
  mapping: string,
): readonly (readonly string[])[] {
  return [...rows.pending].flatMap(([n, pending]) =>
    refused.has(n)
      ? []
      : [...pending].map(([column, key]) => {
          const [own = '', handle = ''] = [rows.keys[n], rows.handles[n]];
          return [run, mapping, column, own, handle, key, inserted(n) ? 't' : 'f'];
        }),
  );
}

/** Rejects as lines for the state schema. */
export function rejectLines(rejects: readonly Reject[], run: string, mapping: string): Buffer {
  return copyLines(
    rejects.map((r) => [
      run, mapping, r.key, r.column, r.rule, r.sqlstate, r.reason, r.value, r.row, r.at.file, String(r.at.line),
    ]), // prettier-ignore
  );
}

/** Rows of values as COPY's text; what no UTF-8 database can hold is shown as `�`. */
export function copyLines(rows: readonly (readonly (string | null)[])[]): Buffer {
  const out = new Output(1 << 12, 0);
  for (const row of rows) {
    for (const [n, value] of row.entries()) {
      if (n > 0) out.tab();
      if (value === null) out.null();
      else if (!out.text(value)) out.text(value.replaceAll('\0', '�').toWellFormed());
    }
    out.newline();
  }
  return out.bytes();
}
