import { EXIT, EtlError } from '../../contract/errors.js';
import type { Session } from '../../contract/session.js';

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

/** The range of one id; behind the greatest of all there is none to end it. */
const single = (id: string): string => `[${id},${id === '9223372036854775807' ? '' : id}]`;

export interface SequenceInputs {
  /** The sequence as SQL text. */
  readonly sequence: string;
  /** Opens the session that asks for ids while rows are made and loaded. */
  readonly open: () => Promise<Session>;
  /** New rows that will come, more or less; 0 where that cannot be told. */
  readonly expected: number;
  /** Ids asked for at a time, at the most. */
  readonly most: number;
}

/** What a load needs of the ids that it gives to new rows. */
export type RowIds = Pick<SequenceIds, 'isEmpty' | 'ensure' | 'give' | 'takeGiven' | 'close'>;

/**
 * Ids of a table's own sequence, known before a row is sent. They are taken in blocks, for new rows alone, and where
 * many will come ahead of them, so that nobody waits.
 */
export class SequenceIds {
  private readonly stretches: Stretch[] = [];
  /** Ids that are no safe numbers, or stand alone. */
  private readonly single: string[] = [];
  /** Since {@link takeGiven}: stretches [from, behind the last), or single ids. */
  private given: string[] = [];
  /** Where what the first stretch has given since then begins. */
  private givenFrom: number | null = null;
  private coming: Promise<void> | null = null;
  private session: Session | null = null;
  private left = 0;
  private taken = 0;
  /** Ids to ask for; doubles until `most`, so that few rows leave a small gap. */
  private block: number;

  constructor(private readonly inputs: SequenceInputs) {
    const { expected, most } = inputs;
    this.block = Math.min(most, Math.max(16, Math.ceil(expected)));
  }

  /** Whether {@link ensure} must be awaited before the next new row. */
  get isEmpty(): boolean {
    return this.left === 0;
  }

  /**
   * Waits until ids are at hand. Of a sequence at its end there are none: {@link give} says so.
   * @param idle a session that may be asked, where one has nothing to do: small tables need no other
   */
  async ensure(idle: Session | null): Promise<void> {
    await this.coming;
    if (this.left === 0) await this.reserve(idle);
  }

  /** Gives a row its id; {@link ensure} has made sure that there is one. */
  give(row: { id: string; idNumber: number }): void {
    const [stretch] = this.stretches;
    if (stretch !== undefined) {
      row.idNumber = stretch.next;
      this.givenFrom ??= stretch.next;
      stretch.next += stretch.step;
      if (stretch.next > stretch.last) {
        this.noteStretch(stretch);
        this.stretches.shift();
      }
    } else {
      row.id = this.takeSingle();
    }
    this.taken++;
    this.left--;
    if (
      this.left < this.block >> 2 &&
      this.coming === null &&
      this.taken + this.left < this.inputs.expected
    ) {
      this.coming = this.reserve(null).then(() => {
        this.coming = null;
      });
      // Looked at when the ids are needed.
      this.coming.catch(() => undefined);
    }
  }

  /** The ids that were given to rows since it was asked last, as PostgreSQL's ranges of int8. */
  takeGiven(): readonly string[] {
    const [stretch] = this.stretches;
    if (stretch !== undefined) this.noteStretch(stretch);
    const { given } = this;
    this.given = [];
    return given;
  }

  /** Ids between the steps are not the sequence's, and may be another's rows. */
  private noteStretch({ next, step }: Stretch): void {
    const from = this.givenFrom;
    this.givenFrom = null;
    if (from === null) return;
    if (step === 1) this.given.push(`[${String(from)},${String(next)})`);
    else for (let id = from; id < next; id += step) this.given.push(single(String(id)));
  }

  private takeSingle(): string {
    const id = this.single.shift();
    if (id !== undefined) {
      this.given.push(single(id));
      return id;
    }
    throw new EtlError(`the sequence ${this.inputs.sequence} has no id left`, {
      exitCode: EXIT.usage,
      help: 'give the identity a larger type and its sequence a larger maximum',
    });
  }

  async close(): Promise<void> {
    await this.coming?.catch(() => undefined);
    await this.session?.close();
  }

  private async reserve(idle: Session | null): Promise<void> {
    const { block } = this;
    const { sequence, most, open } = this.inputs;
    this.block = Math.min(most, block * 2);
    const session = idle?.isLost === false ? idle : (this.session ??= await open());
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
      this.left += count;
      return;
    }
    // Someone else took ids in between, they count downwards or beyond 2^53: ask for each one.
    const each = await session.query(`select v::text from (${TAKE}) ids`, [sequence, block]);
    this.single.push(...each.rows.map(([id]) => id ?? ''));
    this.left += each.rows.length;
  }
}
