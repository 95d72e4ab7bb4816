import type { Session } from '../contract/session.js';

/** Ids of a table's own sequence, taken in blocks, so that they are known before a row is sent. */
export class SequenceIds {
  private next = 0n;
  private last = -1n;
  private step = 1n;
  private list: string[] = [];
  private coming: Promise<void> | null = null;

  constructor(
    private readonly session: Session,
    private readonly sequence: string,
    /** Ids asked for at a time; doubles until `most`, so that a small table leaves a small gap. */
    private block: number,
    private readonly most: number,
  ) {}

  private get left(): number {
    return this.list.length + (this.last < this.next ? 0 : Number((this.last - this.next) / this.step) + 1);
  }

  /** Waits until ids are at hand, and gives their number: as many rows can be made before the next call. */
  async ensure(): Promise<number> {
    if (this.left < this.block) {
      this.coming ??= this.reserve();
      await this.coming;
      this.coming = null;
    }
    this.block = Math.min(this.most, this.block * 2);
    return this.left;
  }

  /** An id; {@link ensure} has made sure that there is one. */
  take(): string {
    const listed = this.list.pop();
    if (listed !== undefined) return listed;
    if (this.last < this.next) throw new Error('no id left in the block');
    const id = this.next;
    this.next += this.step;
    return String(id);
  }

  private async reserve(): Promise<void> {
    const { block } = this;
    const { rows } = await this.session.query(
      `select min(v), max(v), count(*), (select increment_by from pg_sequences
        where format('%I.%I', schemaname, sequencename)::regclass = $1::regclass)
       from (select nextval($1::regclass) v from generate_series(1, $2::int)) ids`,
      [this.sequence, block],
    );
    const [min, max, count, step] = (rows[0] ?? []).map((text) => BigInt(text ?? '1'));
    if (min === undefined || max === undefined || step === undefined || count === undefined) return;
    if (step > 0n && max - min === step * (count - 1n)) {
      // What is left of the block before stays in use.
      for (let id = this.last; id >= this.next; id -= this.step) this.list.push(String(id));
      this.next = min;
      this.last = max;
      this.step = step;
      return;
    }
    // Someone else took ids in between, or they count downwards: ask for each one.
    const each = await this.session.query(
      'select nextval($1::regclass)::text from generate_series(1, $2::int)',
      [this.sequence, block],
    );
    this.list.push(...each.rows.map(([id]) => id ?? '').reverse());
  }
}
