import type { Batch, DatabaseRefusal } from '../contract/batch.js';
import { NOTHING_APPLIED, readApplied, type Applied } from './apply.js';
import { BLOCK, type BatchSql } from './batch-sql.js';
import { CopyLines } from './copy-lines.js';
import { lastText, plain, type Part } from './message.js';
import type { Probe } from './probe.js';
import type { Transactions } from './transaction.js';

/** A batch that wants nothing but its commit. */
export interface Tried {
  readonly inserted: Applied;
  readonly updated: Applied;
  /** The inserts all at once, still to be sent; null where they are in. */
  readonly copy: Part | null;
}

/** Whether a constraint is one of those that the probe asks for. */
export const asksFor = (probe: Probe | null, constraint: string | null): boolean =>
  constraint !== null && (probe?.names.has(constraint) ?? false);

/** Whether a row that was refused staged could have been named by the probe: its columns' types are asked, or a constraint. */
export const couldName = (probe: Probe | null, { sqlstate, constraint }: DatabaseRefusal): boolean =>
  asksFor(probe, constraint) || ((probe?.typed.size ?? 0) > 0 && sqlstate.startsWith('22'));

/**
 * Begins a batch's transaction: updates by staging, then the rows that the probe is sure of by COPY, and its suspects
 * one by one in their order.
 * @returns null where a suspect was refused for something that the order of the rows may have decided
 * @throws EtlError where the target refuses a row that the probe was sure of, or the probe itself
 */
export async function probeBatch(
  transactions: Transactions,
  sql: BatchSql,
  probe: Probe,
  batch: Batch,
): Promise<Tried | null> {
  const lines = new CopyLines(batch.inserts.lines, batch.inserts.count);
  const [updates, query] = [sql.update(batch, BLOCK), plain(probe.query)];
  const answer = await transactions.begin([
    sql.immediate,
    ...updates,
    ...probe.before.map(plain),
    { sql: probe.copy, data: lines.pick(probe.fields) },
    query,
    ...probe.after.map(plain),
  ]);
  const updated = readApplied(lastText(answer, updates));
  const suspects = (answer.text(query) ?? '').split(',').flatMap((n) => (n === '' ? [] : [Number(n) - 1]));
  if (suspects.length === 0)
    return { inserted: NOTHING_APPLIED, updated, copy: sql.copy(batch.inserts.lines) };
  const { those, others } = lines.split(suspects);
  const [copy, staged] = [sql.copy(others), sql.insert(those, suspects.length, 1)];
  const second = await transactions.next([copy, ...staged]);
  const { done, refused } = readApplied(lastText(second, staged));
  if (![...refused.values()].every((refusal) => standsAlone(probe, refusal))) return null;
  const places = [...refused].map(([n, refusal]) => [suspects[n] ?? 0, refusal] as const);
  return { inserted: { done: done + second.of(copy).count, refused: new Map(places) }, updated, copy: null };
}

/** Whether a suspect would have been refused just so before the rows behind it were in. */
const standsAlone = (probe: Probe, { sqlstate, constraint }: DatabaseRefusal): boolean =>
  /^(22|23502|23503|23514)/.test(sqlstate) || asksFor(probe, constraint);
