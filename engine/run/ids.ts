import { EXIT, EtlError } from '../contract/errors.js';
import type { Session } from '../contract/session.js';

/** At most $2 ids of the sequence $1, no more than it has left; one that begins anew at its end has no bound. */
const TAKE = `select nextval($1::regclass) v from pg_sequences s, generate_series(1, case when s.cycle then $2::bigint
    else least($2::bigint, div((case when s.increment_by > 0 then s.max_value else s.min_value end)::numeric
      - coalesce(s.last_value, s.start_value - s.increment_by), s.increment_by)) end)
  where format('%I.%I', s.schemaname, s.sequencename)::regclass = $1::regclass`;

/** Ids of a table's own sequence, taken in blocks, so that they are known before a row is sent. */
export class SequenceIds {
  private next = 0;
  private last = -1;
  private step = 1;
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
    return this.list.length + (this.last < this.next ? 0 : (this.last - this.next) / this.step + 1);
  }

  /**
   * Waits until ids are at hand, and gives their number: as many rows can be made before the next call.
   * Of a sequence at its end it gives 1: {@link take} says so when another row comes.
   */
  async ensure(): Promise<number> {
    if (this.left < this.block) {
      this.coming ??= this.reserve();
      await this.coming;
      this.coming = null;
    }
    this.block = Math.min(this.most, this.block * 2);
    return Math.max(1, this.left);
  }

  /** An id; {@link ensure} has made sure that there is one. */
  take(): string {
    const listed = this.list.pop();
    if (listed !== undefined) return listed;
    if (this.last < this.next) {
      throw new EtlError(`the sequence ${this.sequence} has no id left`, {
        exitCode: EXIT.usage,
        help: 'give the identity a larger type and its sequence a larger maximum',
      });
    }
    const id = this.next;
    this.next += this.step;
    return String(id);
  }

  private async reserve(): Promise<void> {
    const { block } = this;
    const { rows } = await this.session.query(
      `select min(v), max(v), count(*), (select increment_by from pg_sequences
        where format('%I.%I', schemaname, sequencename)::regclass = $1::regclass)
       from (${TAKE}) ids`,
      [this.sequence, block],
    );
    if (rows[0]?.[0] === null) return;
    const [min, max, count, step] = (rows[0] ?? []).map((text) => Number(text ?? 1));
    if (min === undefined || max === undefined || step === undefined || count === undefined) return;
    if (step > 0 && max - min === step * (count - 1) && Number.isSafeInteger(max)) {
      // What is left of the block before stays in use.
      for (let id = this.last; id >= this.next; id -= this.step) this.list.push(String(id));
      this.next = min;
      this.last = max;
      this.step = step;
      return;
    }
    // Someone else took ids in between, they count downwards or beyond 2^53: ask for each one.
    const each = await this.session.query(`select v::text from (${TAKE}) ids`, [this.sequence, block]);
    this.list.push(...each.rows.map(([id]) => id ?? '').reverse());
  }
}
