import { EXIT, EtlError } from '../contract/errors.js';
import type { Session } from '../contract/session.js';

/** At most $2 ids of the sequence $1, no more than it has left; one that begins anew at its end has no bound. */
const TAKE = `select nextval($1::regclass) v from pg_sequences s, generate_series(1, case when s.cycle then $2::bigint
    else least($2::bigint, div((case when s.increment_by > 0 then s.max_value else s.min_value end)::numeric
      - coalesce(s.last_value, s.start_value - s.increment_by), s.increment_by)) end)
  where format('%I.%I', s.schemaname, s.sequencename)::regclass = $1::regclass`;

/** Ids that follow each other, from `next` to `last`. */
interface Stretch {
  next: number;
  readonly last: number;
  readonly step: number;
}

export interface SequenceInputs {
  /** The sequence as SQL text. */
  readonly sequence: string;
  /** The session of the first block; it may be in a transaction later. */
  readonly first: Session;
  /** Opens the session of the others: they are asked for while rows are made and loaded. */
  readonly open: () => Promise<Session>;
  /** Rows that will come, more or less. */
  readonly expected: number;
  /** Ids asked for at a time, at the most. */
  readonly most: number;
}

/** Ids of a table's own sequence, taken in blocks ahead of the rows, so that they are known before a row is sent. */
export class SequenceIds {
  private readonly stretches: Stretch[] = [];
  /** Ids that are not a number of JavaScript's, or stand alone. */
  private readonly single: string[] = [];
  private coming: Promise<void> | null = null;
  private own: Session | null = null;
  private taken = 0;
  /** Ids to ask for; doubles until `most`, so that a small table leaves a small gap. */
  private block: number;

  constructor(private readonly inputs: SequenceInputs) {
    const { expected, most } = inputs;
    this.block = Math.min(most, Math.max(16, Math.ceil(expected)));
  }

  private get left(): number {
    let left = this.single.length;
    for (const { next, last, step } of this.stretches) left += (last - next) / step + 1;
    return left;
  }

  /**
   * Waits until ids are at hand, and gives their number: as many rows can be made before the next call.
   * Of a sequence at its end it gives 1: {@link give} says so when another row comes.
   */
  async ensure(): Promise<number> {
    if (this.coming !== null || this.left < this.block) await this.fill();
    const left = Math.max(1, this.left);
    this.block = Math.min(this.inputs.most, this.block * 2);
    if (this.taken + left < this.inputs.expected) {
      // The next block comes while the rows of this one are made; a failure is looked at when they are.
      this.coming = this.reserve();
      this.coming.catch(() => undefined);
    }
    return left;
  }

  private async fill(): Promise<void> {
    const coming = this.coming ?? this.reserve();
    this.coming = null;
    await coming;
  }

  /** Gives a row its id; {@link ensure} has made sure that there is one. */
  give(row: { id: string; idNumber: number }): void {
    this.taken++;
    const [stretch] = this.stretches;
    if (stretch !== undefined) {
      row.idNumber = stretch.next;
      stretch.next += stretch.step;
      if (stretch.next > stretch.last) this.stretches.shift();
      return;
    }
    const id = this.single.shift();
    if (id === undefined) {
      throw new EtlError(`the sequence ${this.inputs.sequence} has no id left`, {
        exitCode: EXIT.usage,
        help: 'give the identity a larger type and its sequence a larger maximum',
      });
    }
    row.id = id;
  }

  async close(): Promise<void> {
    await this.coming?.catch(() => undefined);
    await this.own?.close();
  }

  private async session(): Promise<Session> {
    const { first, open } = this.inputs;
    if (this.taken === 0 && this.left === 0) return first;
    this.own ??= await open();
    return this.own;
  }

  private async reserve(): Promise<void> {
    const { block } = this;
    const { sequence } = this.inputs;
    const session = await this.session();
    const { rows } = await session.query(
      `select min(v), max(v), count(*), (select increment_by from pg_sequences
        where format('%I.%I', schemaname, sequencename)::regclass = $1::regclass)
       from (${TAKE}) ids`,
      [sequence, block],
    );
    if (rows[0]?.[0] === null) return;
    const [min, max, count, step] = (rows[0] ?? []).map((text) => Number(text ?? 1));
    if (min === undefined || max === undefined || step === undefined || count === undefined) return;
    if (step > 0 && max - min === step * (count - 1) && Number.isSafeInteger(max)) {
      this.stretches.push({ next: min, last: max, step });
      return;
    }
    // Someone else took ids in between, they count downwards or beyond 2^53: ask for each one.
    const each = await session.query(`select v::text from (${TAKE}) ids`, [sequence, block]);
    this.single.push(...each.rows.map(([id]) => id ?? ''));
  }
}
