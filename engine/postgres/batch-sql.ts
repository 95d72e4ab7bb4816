import type { Batch, Refusals } from '../contract/batch.js';
import type { CompiledMapping } from '../contract/compiled.js';
import type { Measured } from '../contract/spent.js';
import { SUBTRANSACTIONS } from './apply.js';
import { quoteName, quoteTable, quoteText } from './identifier.js';
import { plain, type Part } from './message.js';
import { StagingSql } from './staging.js';

/** The run's row that every batch adds to. */
export interface Checkpoint {
  readonly run: string;
  readonly epoch: string;
  /** The key range, from 0; left out: the only one. */
  readonly partition?: number;
  /** What is measured, to be written down with a batch; left out: nothing. */
  readonly measure?: () => Measured;
}

/** What a batch's checkpoint is told of it. */
export interface Counted {
  readonly inserted: number;
  /** `here`: what {@link BatchSql.updateAll} has counted in the same transaction. */
  readonly updated: number | 'here';
  readonly refused: Refusals;
}

/**
 * Rows of a block when a batch is staged with care. With 1 % bad rows 8 and 16 cost 1.5–1.9 times the clean batch, 32
 * 1.9, 64 2.5; with 0.1 % 16 costs 1.3, 64 1.5.
 */
export const BLOCK = 16;

/** Where a transaction keeps the number of rows that it has updated. */
const UPDATED = "'crosswalk.updated'";

/** The statements of one mapping's batches. */
export class BatchSql {
  readonly staging: StagingSql;
  /** What only the commit would check is checked row by row. */
  readonly immediate = plain('set constraints all immediate');
  private readonly copySql: string;

  constructor(
    private readonly compiled: CompiledMapping,
    /** The state schema, quoted. */
    private readonly schema: string,
    private readonly checkpoint: Checkpoint,
  ) {
    const columns = compiled.columns.map((c) => quoteName(c.column.name)).join(', ');
    this.copySql = `copy ${quoteTable(compiled.table)} (${columns}) from stdin`;
    this.staging = new StagingSql(compiled, { schema, run: checkpoint.run, mapping: compiled.mapping.name });
  }

  /** Lines straight into the table. */
  copy(lines: Buffer): Part {
    return { sql: this.copySql, data: lines };
  }

  /** Inserts by staging, `size` rows a block; the last part answers what became of them. */
  insert(lines: Buffer, count: number, size: number): readonly Part[] {
    const { staging } = this;
    if (count === 0) return [];
    return [...this.stage(staging.copyInserts, lines), plain(`select ${staging.insert(count, size, false)}`)];
  }

  /** The batch's updates in the same way. */
  update({ updates: { lines, count } }: Batch, size: number): readonly Part[] {
    const { staging } = this;
    if (count === 0) return [];
    return [...this.stage(staging.copyUpdates, lines), plain(`select ${staging.update(count, size, false)}`)];
  }

  /** All inserts by staging; a row that is refused ends the transaction. */
  insertAll({ inserts: { lines, count } }: Batch): readonly Part[] {
    const { staging } = this;
    if (count === 0) return [];
    return [
      ...this.stage(staging.copyInserts, lines),
      plain(`select ${staging.insert(count, count, true)}->>'done'`),
    ];
  }

  /** All updates; a row that is refused ends the transaction. The last part answers how many rows have changed. */
  updateAll({ updates: { lines, count } }: Batch): readonly Part[] {
    const { staging } = this;
    if (count === 0) return [];
    const done = `${staging.update(count, count, true)}->>'done'`;
    return [...this.stage(staging.copyUpdates, lines), plain(`select set_config(${UPDATED}, ${done}, true)`)];
  }

  /**
   * Where the batch is a savepoint of the load's one transaction: learns the id that its rows carry.
   */
  mark(): readonly Part[] {
    return this.compiled.keyless ? [plain(`insert into ${SUBTRANSACTIONS} default values`)] : [];
  }

  /** What is kept beside the rows, the checkpoint, the commit. @param staged rows were written block by block */
  end(batch: Batch, counted: Counted, staged: boolean): readonly Part[] {
    const asides = batch.asides(counted.refused).map(({ table, columns, lines }) => ({
      sql: `copy ${this.schema}.${table} (${columns.map(quoteName).join(', ')}) from stdin`,
      data: lines,
    }));
    const blocks = staged || this.compiled.keyless ? [plain(this.blocksSql())] : [];
    return [...asides, ...blocks, plain(this.checkpointSql(batch, counted)), plain('commit')];
  }

  /** Writes down the subtransactions of the blocks: the rows that they wrote carry those. */
  private blocksSql(): string {
    const { run, partition = 0 } = this.checkpoint;
    const names = [run, this.compiled.mapping.name].map(quoteText).join(', ');
    return `insert into ${this.schema}.batches (run, mapping, partition, xids)
      select ${names}, ${String(partition)}, array_agg(distinct xmin::text::bigint) from ${SUBTRANSACTIONS} having count(*) > 0`;
  }

  private stage(copy: string, lines: Buffer): readonly Part[] {
    return [plain(this.staging.restart), { sql: copy, data: lines }];
  }

  private checkpointSql(batch: Batch, { inserted, updated, refused }: Counted): string {
    const { read, skipped, rejected, bytes, bytesRead } = batch.counts(refused);
    const { measure } = this.checkpoint;
    const changed = updated === 'here' ? `current_setting(${UPDATED})::bigint` : String(updated);
    const values = [
      quoteText(this.checkpoint.run),
      this.checkpoint.epoch,
      quoteText(this.compiled.mapping.name),
      String(this.checkpoint.partition ?? 0),
      batch.lastKey === null ? 'null' : quoteText(batch.lastKey),
      read,
      inserted,
      changed,
      `${String(batch.unchanged + batch.updates.count - refused.updates.size)} - ${changed}`,
      skipped,
      rejected,
      bytes,
      bytesRead,
      measure === undefined ? 'null' : quoteText(JSON.stringify(measure())),
    ];
    return `select ${this.schema}.checkpoint(${values.join(', ')})`;
  }
}
