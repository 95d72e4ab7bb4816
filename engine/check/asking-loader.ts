import type { BatchOutcome, DatabaseRefusal } from '../contract/batch.js';
import { unescapeCopy } from '../contract/copy-text.js';
import type { Session } from '../contract/session.js';
import { isRowRefusal, sqlstateOf } from '../postgres/failure.js';
import type { BatchBuilder } from '../run/rows/batch.js';
import type { RowBook } from '../run/rows/row-book.js';
import type { Question } from './question.js';
import { SeenValues, duplicateRefusal, uniqueValue, type PlainUnique } from './uniques.js';

type Values = readonly (string | null)[];

/** Takes what a row must not share with others: by the mapping's rules, or by the target's unique indexes. */
export type OnClaims = (key: string, by: 'rules' | 'indexes', claims: readonly (string | null)[]) => void;

/** What a made row looks like to whoever comes after it. */
export interface MadeRow {
  /** The canonical source key. */
  readonly key: string;
  /** In the order of the mapping's columns. */
  readonly values: Values;
}

export interface AskingInputs {
  readonly target: Session;
  readonly question: Question | null;
  readonly uniques: readonly (PlainUnique & { readonly seen: SeenValues })[];
  /** Places of the target key's columns, where rows of the target are told by it. */
  readonly owner: readonly number[];
  /** Is told of rows that would be loaded; null where nobody asks for their values. */
  readonly onRow: ((row: MadeRow) => void) | null;
  /** Columns before a row's own in an update: what it is found by. */
  readonly handle: number;
  /** Of a row's own. */
  readonly width: number;
  /**
   * Is told, for each row, of what it must not share: the values of `uniques`, then those that the target computes. Nothing
   * is refused for them then. Null where the loader decides.
   */
  readonly onClaims: OnClaims | null;
  /** Is told of references that wait for a second pass. */
  readonly onPending: (column: string, key: string, reference: string) => void;
}

/** Stands where a loader stands, and asks the target what it would refuse instead of loading: nothing is written. */
export class AskingLoader {
  /** Of unique indexes whose values only the target can compute. */
  private readonly computed: readonly SeenValues[];

  constructor(private readonly inputs: AskingInputs) {
    this.computed = (inputs.question?.uniques ?? []).map(() => new SeenValues());
  }

  async load(batch: BatchBuilder): Promise<BatchOutcome> {
    const { handle, width } = this.inputs;
    const { insertRows, updateRows } = batch;
    // As a loader sends them: rows that are there come first.
    const updates = await this.judge(updateRows, () =>
      linesOf(batch.updates.lines).map((values) => values.slice(handle, handle + width)),
    );
    const inserts = await this.judge(insertRows, () => linesOf(batch.inserts.lines));
    return {
      inserted: insertRows.count - inserts.size,
      updated: updateRows.count - updates.size,
      unchanged: 0,
      refused: { inserts, updates },
    };
  }

  /** What the target says of some rows, by their place. */
  private async judge(
    book: RowBook,
    lines: () => readonly Values[],
  ): Promise<ReadonlyMap<number, DatabaseRefusal>> {
    const refused = new Map<number, DatabaseRefusal>();
    const { question, uniques, onRow, onPending } = this.inputs;
    if (book.count > 0 && (question !== null || uniques.length > 0 || onRow !== null)) {
      await this.look(book.keys, lines(), refused);
    }
    for (const [n, pending] of book.pending) {
      if (refused.has(n)) continue;
      for (const [column, reference] of pending) onPending(column, book.keys[n] ?? '', reference);
    }
    return refused;
  }

  private async look(
    keys: readonly string[],
    rows: readonly Values[],
    refused: Map<number, DatabaseRefusal>,
  ): Promise<void> {
    const { question, uniques, owner, onRow, onClaims } = this.inputs;
    const answers = question === null ? new Map<number, Values>() : await this.ask(question, rows, refused);
    for (const [n, values] of rows.entries()) {
      if (refused.has(n)) continue;
      const answer = answers.get(n);
      if (onClaims !== null) {
        const computed = this.computed.map((_, u) => answer?.[u + 2] ?? null);
        onClaims(keys[n] ?? '', 'indexes', [
          ...uniques.map((unique) => uniqueValue(unique, values)),
          ...computed,
        ]);
        continue;
      }
      const own = owner.length === 0 ? null : JSON.stringify(owner.map((field) => values[field] ?? null));
      const taken =
        uniques.find((unique) => {
          const value = uniqueValue(unique, values);
          return value !== null && unique.seen.isTaken(value, own);
        }) ?? null;
      if (taken !== null) {
        refused.set(
          n,
          duplicateRefusal(
            taken.name,
            taken.columns,
            taken.fields.map((field) => values[field] ?? null),
          ),
        );
        continue;
      }
      const computed = this.computed.findIndex((seen, u) => {
        const value = answer?.[u + 2] ?? null;
        return value !== null && seen.isTaken(value, own);
      });
      if (computed >= 0) {
        refused.set(
          n,
          duplicateRefusal(question?.uniques[computed] ?? '', [], [answer?.[computed + 2] ?? null]),
        );
        continue;
      }
      onRow?.({ key: keys[n] ?? '', values });
    }
  }

  /** The target's answers by row; rows that it refuses are noted. */
  private async ask(
    question: Question,
    rows: readonly Values[],
    refused: Map<number, DatabaseRefusal>,
  ): Promise<Map<number, Values>> {
    const answers = new Map<number, Values>();
    await this.askSome(
      question,
      rows,
      0,
      rows.length,
      (n, answer) => {
        const [constraint = null, sqlstate = null] = answer;
        if (constraint === null) {
          answers.set(n, answer);
          return;
        }
        const word = sqlstate === '23503' ? 'the foreign key' : 'the check';
        const shown = question.fields.map((field) => rows[n]?.[field] ?? 'null').join(', ');
        refused.set(n, {
          sqlstate: sqlstate ?? '23514',
          reason: `${word} ${constraint} refuses it (values)=(${shown})`,
          column: question.columnOf.get(constraint) ?? null,
          constraint,
        });
      },
      refused,
    );
    return answers;
  }

  /** A value that its type does not take fails the whole question: then halves are asked, down to the row. */
  private async askSome(
    question: Question,
    rows: readonly Values[],
    from: number,
    to: number,
    take: (n: number, answer: Values) => void,
    refused: Map<number, DatabaseRefusal>,
  ): Promise<void> {
    const sent = rows.slice(from, to).map((values) => question.fields.map((field) => values[field] ?? null));
    try {
      const { rows: answers } = await this.inputs.target.query(question.sql, [JSON.stringify(sent)]);
      for (const [number, ...answer] of answers) take(from + Number(number) - 1, answer);
    } catch (error) {
      if (!isRowRefusal(error)) throw error;
      if (to - from === 1) {
        const reason =
          error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
        const [only = null, second] = question.opaque;
        const column = second === undefined ? only : null;
        refused.set(from, { sqlstate: sqlstateOf(error) ?? '22000', reason, column, constraint: null });
        return;
      }
      const middle = (from + to) >> 1;
      await this.askSome(question, rows, from, middle, take, refused);
      await this.askSome(question, rows, middle, to, take, refused);
    }
  }
}

const linesOf = (bytes: Buffer): readonly Values[] =>
  bytes
    .toString('utf8', 0, bytes.length - 1)
    .split('\n')
    .map((line) => line.split('\t').map((field) => (field === '\\N' ? null : unescapeCopy(field))));
