import type { CompiledMapping } from '../../contract/compiled.js';
import type { Session } from '../../contract/session.js';
import type { Output } from '../../compile/program/output.js';
import { Row } from '../../compile/program/row.js';
import { Merge, type MergeNeeds, type TargetSide } from '../rows/merge.js';

/** A value that the target holds in other bytes than the mapping makes; what is null is null. */
export interface ValuePair {
  /** Index into the mapping's columns. */
  readonly column: number;
  readonly made: string | null;
  readonly held: string | null;
}

/** A row of both sides whose lines differ. */
export interface RowPair {
  /** The source key as it is shown. */
  readonly key: string;
  readonly handle: string;
  readonly values: readonly ValuePair[];
  /** What the mapping makes of the columns that were asked for. */
  readonly made: readonly (string | null)[];
}

/** A row of the target whose source row is gone, or is not loaded: its key as the target tells it, or the source. */
export interface LeftRow {
  readonly key: string;
  readonly handle: string;
}

export interface Compared {
  /** Columns that are compared: not those that differ from run to run. */
  readonly columns: readonly number[];
  /** Columns whose made value is kept of each row that differs. */
  readonly keep: readonly number[];
  /** Only some rows of the source come: rows that none of them meets are not spoken of. */
  readonly part: boolean;
  /** The key of a source row as it is shown. */
  readonly keyText: (row: Row) => string;
}

/**
 * A merge that looks: every row that was made and found counts as unchanged, and what differs is put aside. What it
 * has put aside is taken away batch by batch, so that little of it is in memory.
 */
export class ComparingMerge extends Merge {
  private pairs: RowPair[] = [];
  private unmet: LeftRow[] = [];
  private refused: LeftRow[] = [];
  private seen: string[] = [];
  private accepted = false;
  private sourceKey = '';
  private readonly made: Row;

  constructor(
    compiled: CompiledMapping,
    session: Session,
    needs: MergeNeeds,
    side: TargetSide | null,
    private readonly compared: Compared,
  ) {
    super(compiled, session, needs, side ?? undefined);
    this.made = new Row(compiled.columns.length);
  }

  override seek(source: Row): Promise<void> | null {
    const wait = super.seek(source);
    if (wait !== null) return wait.then(() => this.note(source));
    this.note(source);
    return null;
  }

  private note(source: Row): void {
    if (this.matched) this.sourceKey = this.compared.keyText(source);
  }

  protected override arrive(): void {
    super.arrive();
    this.accepted = false;
  }

  /** A row of the target is left behind. */
  protected override pass(): void {
    super.pass();
    if (!this.met) {
      if (!this.compared.part) this.unmet.push({ key: this.ownKey(), handle: this.handle() });
    } else if (!this.accepted) {
      this.refused.push({ key: this.sourceKey, handle: this.handle() });
    } else if (this.compared.part) {
      this.seen.push(this.handle());
    }
  }

  /** The key columns' texts, of a row that no source row tells of. */
  private ownKey(): string {
    const texts = this.side.key.map((field) => this.row.ownText(field));
    return texts.length === 1 ? (texts[0] ?? '') : JSON.stringify(texts);
  }

  override isSame(out: Output, start: number): boolean {
    this.accepted = true;
    if (super.isSame(out, start)) return true;
    const { made, row, first, compared } = this;
    made.open(out.since(start));
    made.next();
    const values = compared.columns.flatMap((column): ValuePair[] => {
      const [begin, end] = [made.starts[column] ?? 0, made.ends[column] ?? 0];
      const [from, to] = [row.starts[first + column] ?? 0, row.ends[first + column] ?? 0];
      if (end - begin === to - from && made.buffer.compare(row.buffer, from, to, begin, end) === 0) return [];
      return [{ column, made: made.ownText(column), held: row.ownText(first + column) }];
    });
    if (values.length > 0) {
      const keep = compared.keep.map((column) => made.ownText(column));
      this.pairs.push({ key: this.sourceKey, handle: this.handle(), values, made: keep });
    }
    return true;
  }

  override async end(): Promise<void> {
    if (this.compared.part && this.has) this.pass();
    await super.end();
  }

  /** What was put aside since it was asked last. A row that has not been left behind yet comes the next time. */
  take(): Taken {
    const { pairs, unmet, refused, seen } = this;
    [this.pairs, this.unmet, this.refused, this.seen] = [[], [], [], []];
    return { pairs, unmet, refused, seen };
  }
}

export interface Taken {
  readonly pairs: readonly RowPair[];
  /** No source row has their key. */
  readonly unmet: readonly LeftRow[];
  /** Their source row is skipped or rejected. */
  readonly refused: readonly LeftRow[];
  /** Handles of rows that are as they should be or differ, where only some rows of the source come. */
  readonly seen: readonly string[];
}
