import type { Aside, Batch, BatchCounts, DatabaseRefusal, Refusals, Reject } from '../contract/batch.js';
import type { Position } from '../contract/problem.js';
import { Output } from '../compile/program/output.js';

/** A row that awaits the target's word: what must be known of it if it is refused, or when it is loaded. */
export interface LoadedRow {
  /** Canonical. */
  readonly key: string;
  /** What references to the row give, and how it is found again: its identity, or its target key. */
  readonly handle: string;
  /** Where the row's source line begins in the batch's copy of it. */
  readonly lineStart: number;
  readonly lineEnd: number;
  /** See OUTCOME; one a reference. */
  readonly outcomes: Uint8Array | null;
  /** Column → canonical key, for a second pass. */
  readonly pending: ReadonlyMap<string, string> | null;
}

export interface Skipped {
  readonly key: string | null;
  readonly rule: string;
  readonly at: Position;
}

interface BatchNames {
  readonly run: string;
  readonly mapping: string;
  readonly keepPairs: boolean;
}

/** How a refusal of the target becomes a reject of the mapping. */
export type Explain = (row: LoadedRow, line: Buffer, refusal: DatabaseRefusal) => Reject;

const REJECT_COLUMNS = [
  'run', 'mapping', 'source_key', 'column_name', 'rule', 'sqlstate', 'reason', 'value', 'row', 'file', 'line',
] as const; // prettier-ignore

/** Collects rows until the batch is full; then it is handed over and a new one begun. */
export class BatchBuilder implements Batch {
  readonly insertOutput = new Output();
  readonly updateOutput = new Output(1 << 10);
  private readonly lineOutput = new Output();
  readonly insertRows: LoadedRow[] = [];
  readonly updateRows: LoadedRow[] = [];
  readonly rejects: Reject[] = [];
  readonly warnings: Reject[] = [];
  readonly skipped: Skipped[] = [];
  /** The columns of references that rejected a row. */
  readonly missing: string[] = [];
  lastKey: string | null = null;
  read = 0;
  bytesRead = 0;

  constructor(
    private readonly names: BatchNames,
    private readonly explain: Explain,
  ) {}

  get rows(): number {
    return this.insertRows.length + this.updateRows.length + this.rejects.length + this.skipped.length;
  }

  /** Bytes held in memory. */
  get size(): number {
    return this.insertOutput.length + this.updateOutput.length + this.lineOutput.length;
  }

  get isEmpty(): boolean {
    return this.read === 0;
  }

  /** Keeps a row's source line, for the reject that it may become. */
  keepLine(buffer: Buffer, start: number, end: number): { readonly start: number; readonly end: number } {
    const at = this.lineOutput.length;
    this.lineOutput.copy(buffer, start, end);
    return { start: at, end: this.lineOutput.length };
  }

  /** A row's source line, as it came. */
  line(row: LoadedRow): Buffer {
    return this.lineOutput.bytes().subarray(row.lineStart, row.lineEnd);
  }

  get inserts(): Batch['inserts'] {
    return { lines: this.insertOutput.bytes(), count: this.insertRows.length };
  }

  get updates(): Batch['updates'] {
    return { lines: this.updateOutput.bytes(), count: this.updateRows.length };
  }

  counts(refused: Refusals): BatchCounts {
    return {
      read: this.read,
      skipped: this.skipped.length,
      rejected: this.rejects.length + refused.inserts.size + refused.updates.size,
      bytes: this.bytesRead,
    };
  }

  /** The batch's rejects, those of the target included. */
  allRejects(refused: Refusals): readonly Reject[] {
    const late = (rows: readonly LoadedRow[], map: ReadonlyMap<number, DatabaseRefusal>): readonly Reject[] =>
      [...map].flatMap(([n, refusal]) => {
        const row = rows[n];
        if (row === undefined) return [];
        return [this.explain(row, this.line(row), refusal)];
      });
    return [
      ...this.rejects,
      ...late(this.insertRows, refused.inserts),
      ...late(this.updateRows, refused.updates),
    ];
  }

  asides(refused: Refusals): readonly Aside[] {
    const { run, mapping, keepPairs } = this.names;
    const loaded = (
      rows: readonly LoadedRow[],
      map: ReadonlyMap<number, DatabaseRefusal>,
    ): readonly LoadedRow[] => (map.size === 0 ? rows : rows.filter((_, n) => !map.has(n)));
    const inserted = loaded(this.insertRows, refused.inserts);
    const found: Aside[] = [];
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
    if (keepPairs && inserted.length > 0) {
      const lines = copyLines(inserted.map((row) => [mapping, row.key, row.handle, run]));
      found.push({ table: 'key_map', columns: ['mapping', 'source_key', 'target_key', 'run'], lines });
    }
    const pending = [
      ...pendingRows(inserted, true, run, mapping),
      ...pendingRows(loaded(this.updateRows, refused.updates), false, run, mapping),
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

function pendingRows(
  rows: readonly LoadedRow[],
  inserted: boolean,
  run: string,
  mapping: string,
): readonly (readonly string[])[] {
  return rows.flatMap(
    (row) =>
    row.pending === null
      ? []
      : [...row.pending].map(([column, key]) => [
          run, mapping, column, row.key, row.handle, key, inserted ? 't' : 'f',
        ]), // prettier-ignore
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
  const out = new Output(1 << 12);
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
