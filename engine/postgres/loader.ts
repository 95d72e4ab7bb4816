import type {
  Aside,
  Batch,
  BatchCounts,
  BatchOutcome,
  DatabaseRefusal,
  Refusals,
} from '../contract/batch.js';
import type { CompiledMapping } from '../contract/compiled.js';
import type { CommandTag, Session } from '../contract/session.js';
import { isRowRefusal } from './failure.js';
import { quoteName, quoteTable, quoteText } from './identifier.js';
import { StagingSql } from './staging.js';

/** Clean batches after which a mapping whose rows were refused goes back to the straight way. */
const CAREFUL_BATCHES = 20;

/** Rows of a block when a batch is inserted with care. */
const BLOCK = 16;

const NONE: Refusals = { inserts: new Map(), updates: new Map() };

export interface Checkpoint {
  readonly run: string;
  readonly epoch: string;
}

interface Applied {
  readonly done: number;
  readonly refused: ReadonlyMap<number, DatabaseRefusal>;
}

/**
 * Brings one mapping's batches into the target, each in one transaction with its checkpoint and with what is
 * kept beside it. A clean batch of new rows goes as one message: `begin; copy …; checkpoint; commit`. When the
 * target refuses a row the batch is taken back and goes by way of staging, where the row alone is refused.
 */
export class Loader {
  private readonly copySql: string;
  private readonly staging: StagingSql;
  private careful = 0;
  private staged = false;

  constructor(
    private readonly session: Session,
    private readonly compiled: CompiledMapping,
    /** The state schema, quoted. */
    private readonly schema: string,
    private readonly checkpoint: Checkpoint,
  ) {
    const columns = compiled.columns.map((c) => quoteName(c.column.name)).join(', ');
    this.copySql = `copy ${quoteTable(compiled.table)} (${columns}) from stdin`;
    this.staging = new StagingSql(compiled);
  }

  /** @throws EtlError where the target refuses more than single rows; the batch has then left nothing */
  async load(batch: Batch): Promise<BatchOutcome> {
    const straight = batch.updates.count === 0 && !this.compiled.table.maySwallow && this.careful === 0;
    if (straight) {
      try {
        return await this.loadStraight(batch);
      } catch (error) {
        if (!isRowRefusal(error)) throw error;
        await this.session.query('rollback');
        this.careful = CAREFUL_BATCHES;
      }
    }
    try {
      return await this.loadStaged(batch);
    } catch (error) {
      await this.session.query('rollback').catch(() => undefined);
      throw error;
    }
  }

  private async loadStraight(batch: Batch): Promise<BatchOutcome> {
    const { inserts } = batch;
    const asides = batch.asides(NONE);
    const outcome = { inserted: inserts.count, updated: 0, unchanged: batch.unchanged, refused: NONE };
    const statements = [
      ...(inserts.count > 0 ? [this.copySql] : []),
      ...asides.map((aside) => this.asideSql(aside)),
      this.checkpointSql(batch, outcome),
    ];
    const data = [...(inserts.count > 0 ? [inserts.lines] : []), ...asides.map((aside) => aside.lines)];
    const tags = await this.session.script(`begin; ${statements.join('; ')}; commit`, data);
    // COPY's own tag is the truth of what is in the table; nothing but a trigger could make it differ.
    const copied = inserts.count > 0 ? (tags.find(isCopy)?.count ?? 0) : 0;
    return { ...outcome, inserted: copied };
  }

  private async loadStaged(batch: Batch): Promise<BatchOutcome> {
    const { session, staging } = this;
    if (!this.staged) await session.query(staging.create);
    this.staged = true;
    await session.query('begin');
    let inserted: Applied = { done: 0, refused: new Map() };
    let updated: Applied = { done: 0, refused: new Map() };
    if (batch.updates.count > 0) {
      await session.script(`${staging.clearUpdates}; ${staging.copyUpdates}`, [batch.updates.lines]);
      updated = await this.apply(staging.update, batch.updates.count, batch.updates.count, false);
    }
    if (batch.inserts.count > 0) {
      await session.script(`${staging.clearInserts}; ${staging.copyInserts}`, [batch.inserts.lines]);
      const block = this.careful > 0 ? BLOCK : batch.inserts.count;
      inserted = await this.apply(staging.insert, batch.inserts.count, block, true);
    }
    const refused = { inserts: inserted.refused, updates: updated.refused };
    const outcome = {
      inserted: inserted.done,
      updated: updated.done,
      unchanged: batch.unchanged + batch.updates.count - updated.done - updated.refused.size,
      refused,
    };
    const asides = batch.asides(refused);
    const statements = [...asides.map((aside) => this.asideSql(aside)), this.checkpointSql(batch, outcome)];
    await session.script(
      `${statements.join('; ')}; commit`,
      asides.map((aside) => aside.lines),
    );
    const clean = refused.inserts.size === 0 && refused.updates.size === 0;
    this.careful = clean ? Math.max(0, this.careful - 1) : CAREFUL_BATCHES;
    return outcome;
  }

  /** Runs a statement over the staged rows; see `apply_rows` of the state schema. */
  private async apply(statement: string, count: number, block: number, exact: boolean): Promise<Applied> {
    const { rows } = await this.session.query(`select ${this.schema}.apply_rows($1, 1, $2, $3, $4)`, [
      statement,
      count,
      Math.max(block, 1),
      exact ? 't' : 'f',
    ]);
    const answer = JSON.parse(rows[0]?.[0] ?? '{}') as {
      done: number;
      refused: {
        ordinal: number;
        sqlstate: string;
        message: string;
        detail: string | null;
        column: string | null;
        constraint: string | null;
      }[];
    };
    const refused = answer.refused.map((r): [number, DatabaseRefusal] => [
      r.ordinal - 1,
      {
        sqlstate: r.sqlstate,
        reason: r.detail === null || r.detail === '' ? r.message : `${r.message} (${r.detail})`,
        column: (r.column === '' ? null : r.column) ?? keyColumn(r.detail),
        constraint: r.constraint === '' ? null : r.constraint,
      },
    ]);
    return { done: answer.done, refused: new Map(refused) };
  }

  private asideSql(aside: Aside): string {
    return `copy ${this.schema}.${aside.table} (${aside.columns.map(quoteName).join(', ')}) from stdin`;
  }

  private checkpointSql(batch: Batch, outcome: BatchOutcome): string {
    const counts: BatchCounts = batch.counts(outcome.refused);
    const { run, epoch } = this.checkpoint;
    const values = [
      quoteText(run),
      epoch,
      quoteText(this.compiled.mapping.name),
      '0',
      batch.lastKey === null ? 'null' : quoteText(batch.lastKey),
      ...[counts.read, outcome.inserted, outcome.updated, outcome.unchanged].map(String),
      ...[counts.skipped, counts.rejected, counts.bytes].map(String),
    ];
    return `select ${this.schema}.checkpoint(${values.join(', ')})`;
  }
}

const isCopy = (tag: CommandTag): boolean => tag.command === 'COPY';

/** The one column that the server's detail names, `Key (email)=(…)`, in whatever language it speaks. */
const keyColumn = (detail: string | null): string | null =>
  /\(([^(),]+)\)=\(/.exec(detail ?? '')?.[1] ?? null;
