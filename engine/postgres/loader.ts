import type { Batch, BatchOutcome, Refusals } from '../contract/batch.js';
import type { CompiledMapping } from '../contract/compiled.js';
import type { Session } from '../contract/session.js';
import { readApplied } from './apply.js';
import { BatchSql, BLOCK, type Checkpoint } from './batch-sql.js';
import { readConstraintFacts } from './constraint-facts.js';
import { constraintOf, contextOf, isRowRefusal, isWrongStatement } from './failure.js';
import { withMakers } from './makers.js';
import { lastText, type Part } from './message.js';
import { asksFor, couldName, probeBatch, type Tried } from './probe-batch.js';
import { probeOf, type Probe } from './probe.js';
import { Transactions } from './transaction.js';

/** Clean batches after which a mapping whose rows were refused goes back to the straight way. */
const CAREFUL_BATCHES = 20;

const NONE: Refusals = { inserts: new Map(), updates: new Map() };

/** How the inserts of a careful batch go. */
type Way = 'probe' | 'staged';

/**
 * Brings one mapping's batches into the target, each in one transaction with its checkpoint and with what is
 * kept beside it. Three ways, all with the same rows and refusals in the end:
 *
 * - straight: the batch as one message, `begin; copy …; checkpoint; commit`;
 * - probe, once the target has refused a row: it names the rows that its constraints may refuse, the others are
 *   copied, and the named ones inserted one by one, so that the server itself says what is wrong with them;
 * - staged, where triggers refuse rows, and types before PostgreSQL 16: all by way of a temporary table of text, block
 *   by block. Where policies of row-level security judge what the role writes, it is the only way: COPY is refused.
 */
export class Loader {
  private readonly sql: BatchSql;
  private readonly transactions: Transactions;
  /** Batches that are still to be loaded with care. */
  private careful = 0;
  private way: Way = 'probe';
  private prepared = false;
  /** Undefined where the constraints must be read (again); null where they cannot be asked for. */
  private probe: Probe | null | undefined;
  /** Columns, by their places, whose type has refused a text. */
  private readonly refusing = new Set<number>();
  /** What the target has refused of the batch whose commit was sent last. */
  sent: Refusals = NONE;

  constructor(
    private readonly session: Session,
    private readonly compiled: CompiledMapping,
    /** The state schema, quoted. */
    private readonly schema: string,
    checkpoint: Checkpoint,
    /** Statements that the first batch's transaction begins with. */
    opening: readonly Part[] = [],
  ) {
    this.sql = new BatchSql(compiled, schema, checkpoint);
    this.transactions = new Transactions(session, opening, this.sql.mark());
    this.constraintsChanged();
  }

  /** To be told when the table's constraints were dropped or put back. */
  constraintsChanged(): void {
    this.probe = this.compiled.table.rowSecurity === null ? undefined : null;
  }

  /** @throws EtlError where the target refuses more than single rows; the batch has then left nothing */
  async load(batch: Batch): Promise<BatchOutcome> {
    try {
      const outcome = this.careful === 0 ? await this.straight(batch) : null;
      return outcome ?? (await this.withCare(batch));
    } catch (error) {
      await this.transactions.rollback().catch(() => undefined);
      throw error;
    }
  }

  /** @returns null where a row was refused */
  private async straight(batch: Batch): Promise<BatchOutcome | null> {
    const { sql, transactions } = this;
    const { maySwallow, rowSecurity } = this.compiled.table;
    const noCopy = maySwallow || rowSecurity !== null;
    const staged = noCopy || batch.updates.count > 0;
    if (staged || this.compiled.keyless) await this.prepare();
    const updates = sql.updateAll(batch);
    const copy = batch.inserts.count > 0 && !noCopy ? sql.copy(batch.inserts.lines) : null;
    const counted = {
      inserted: batch.inserts.count,
      updated: updates.length > 0 ? ('here' as const) : 0,
      refused: NONE,
    };
    const inserts = copy === null ? sql.insertAll(batch) : [copy];
    this.sent = NONE;
    try {
      const answer = await transactions.begin([...updates, ...inserts, ...sql.end(batch, counted, staged)]);
      transactions.ended();
      const updated = Number(lastText(answer, updates) ?? 0);
      // COPY's own tag is the truth of what is in the table.
      const inserted = copy === null ? counted.inserted : answer.of(copy).count;
      return { inserted, updated, unchanged: batch.unchanged + batch.updates.count - updated, refused: NONE };
    } catch (error) {
      if (!isRowRefusal(error)) throw error;
      this.careful = CAREFUL_BATCHES;
      const column = this.learn(error);
      const probe = await this.readProbe();
      const asked = asksFor(probe, constraintOf(error)) || (column !== null && probe?.typed.has(column));
      this.way = asked ? 'probe' : 'staged';
      return null;
    }
  }

  private async withCare(batch: Batch): Promise<BatchOutcome> {
    await this.prepare();
    const probe = this.way === 'probe' && batch.inserts.count > 0 ? await this.readProbe() : null;
    const outcome = (probe === null ? null : await this.probed(batch, probe)) ?? (await this.staged(batch));
    const { inserts, updates } = outcome.refused;
    this.careful = inserts.size + updates.size === 0 ? this.careful - 1 : CAREFUL_BATCHES;
    return outcome;
  }

  /** @returns null where the batch must go the staged way after all; its transaction is open then */
  private async probed(batch: Batch, probe: Probe): Promise<BatchOutcome | null> {
    const { sql, transactions } = this;
    try {
      const tried = await probeBatch(transactions, sql, probe, batch);
      if (tried !== null) return await this.finish(batch, tried);
    } catch (error) {
      // An expression that only holds for the table itself, a right that is missing: not to be tried again.
      if (isWrongStatement(error)) this.probe = null;
      else if (!isRowRefusal(error)) throw error;
      else this.learn(error);
    }
    this.way = 'staged';
    return null;
  }

  /** Has the next probe ask about the column whose text the target could not read; null where it is none, or known. */
  private learn(error: unknown): number | null {
    const context = contextOf(error) ?? '';
    const place = this.compiled.columns.findIndex(({ column }) =>
      context.includes(`, column ${column.name}: "`),
    );
    if (place < 0 || this.refusing.has(place)) return null;
    this.refusing.add(place);
    this.constraintsChanged();
    return place;
  }

  private async staged(batch: Batch): Promise<BatchOutcome> {
    const { sql } = this;
    const updates = sql.update(batch, BLOCK);
    const inserts = sql.insert(batch.inserts.lines, batch.inserts.count, BLOCK);
    const answer = await this.transactions.begin([sql.immediate, ...updates, ...inserts]);
    const [updated, inserted] = [
      readApplied(lastText(answer, updates)),
      readApplied(lastText(answer, inserts)),
    ];
    const refused = [...inserted.refused.values()];
    if (refused.length > 0) {
      const { probe } = this;
      const asked = probe === undefined || refused.every((one) => couldName(probe, one));
      this.way = asked ? 'probe' : 'staged';
    }
    return this.finish(batch, { inserted, updated, copy: null });
  }

  /** Commits a batch whose refused rows are known. */
  private async finish(batch: Batch, { inserted, updated, copy }: Tried): Promise<BatchOutcome> {
    const refused = await withMakers(this.transactions, this.compiled, this.schema, batch, {
      inserts: inserted.refused,
      updates: updated.refused,
    });
    batch.assertAllowed(refused);
    this.sent = refused;
    const counted = {
      inserted: copy === null ? inserted.done : batch.inserts.count,
      updated: updated.done,
      refused,
    };
    const answer = await this.transactions.next([
      ...(copy === null ? [] : [copy]),
      ...this.sql.end(batch, counted, true),
    ]);
    this.transactions.ended();
    return {
      ...counted,
      inserted: copy === null ? inserted.done : answer.of(copy).count,
      unchanged: batch.unchanged + batch.updates.count - updated.done - refused.updates.size,
    };
  }

  /** Makes the session's tables and functions, once. */
  private async prepare(): Promise<void> {
    if (this.prepared) return;
    await this.transactions.rollback();
    await this.session.query(this.sql.staging.create);
    this.prepared = true;
  }

  /** The probe for the constraints as they stand. */
  private async readProbe(): Promise<Probe | null> {
    if (this.probe !== undefined) return this.probe;
    await this.transactions.rollback();
    const facts = await readConstraintFacts(this.session, this.compiled.table.oid);
    const probe = probeOf(this.compiled, facts, this.refusing);
    if (probe !== null) await this.session.query(probe.create);
    this.probe = probe;
    return probe;
  }
}
