import type { DatabaseRefusal } from '../../contract/batch.js';
import type { CompiledColumn, CompiledMapping } from '../../contract/compiled.js';
import type { Session } from '../../contract/session.js';
import { applyFunction, CREATE_SUBTRANSACTIONS, readApplied, SUBTRANSACTIONS } from '../../postgres/apply.js';
import { BLOCK } from '../../postgres/batch-sql.js';
import { isRowRefusal } from '../../postgres/failure.js';
import { quoteName, quoteText, tableRows } from '../../postgres/identifier.js';
import { undoSql, type UndoOwner } from '../../postgres/undo.js';
import { copyLines } from '../rows/batch.js';
import { passesOf, provisionalSql } from './links.js';
import { untouchedSql } from '../keys/brought.js';
import { handleNames } from '../keys/pairs.js';

/** Rows that are completed in one transaction. */
const ROWS = 10_000;

/** A row whose reference was not there when it came. */
export interface Waiting {
  /** The entry in `second_pass`. */
  readonly id: string;
  readonly key: string;
  readonly handle: string;
  readonly reference: string;
  readonly inserted: boolean;
  /** Inserted by this run, or by one that ended before its second pass: no whole row of it was ever there. */
  readonly provisional: boolean;
}

/** What a row's column is to hold. */
export interface Completed {
  readonly waiting: Waiting;
  readonly value: string | null;
}

/** What became of rows that were completed. */
export interface Completion {
  /** By their place, from 0. */
  readonly refused: ReadonlyMap<number, DatabaseRefusal>;
  /** Rows that were counted as unchanged and that are changed now. */
  readonly moved: number;
}

/** The entries of one column's second pass, and its rows in the target. */
export class SecondPassRows {
  private readonly owner: UndoOwner;
  private readonly which: string;
  private readonly ofColumn: string;

  constructor(
    private readonly session: Session,
    private readonly compiled: CompiledMapping,
    private readonly column: CompiledColumn,
    /** The state schema, quoted. */
    private readonly schema: string,
    run: string,
  ) {
    this.owner = { schema, run, mapping: compiled.mapping.name };
    this.ofColumn = `${passesOf(schema, compiled)} and p.column_name = ${quoteText(column.column.name)}`;
    this.which = `${this.ofColumn} and p.run = ${quoteText(run)}`;
  }

  /** Makes the session's table and function, and has the entries counted: joins of as many as wait must be planned for. */
  async prepare(): Promise<void> {
    const { compiled, column } = this;
    const handles = compiled.handle.map((_, n) => `h${String(n)} text`).join(', ');
    const type = column.column.type.sql;
    const name = quoteName(column.column.name);
    const rows = `pg_temp.etl_second s where s.ordinal between etl.low and etl.high and ${this.isStaged()}
      and t.${name} is distinct from s.v::${type}`;
    const update = `update ${tableRows(compiled.table)} t set ${name} = s.v::${type} from ${rows}`;
    const undo = `${undoSql(this.owner, { handle: handleNames(compiled), names: [column.column.name] })}
      from ${tableRows(compiled.table)} t, ${rows} and s.existing for no key update of t;`;
    const wanted = `select count(*) into wanted from ${tableRows(compiled.table)} t, ${rows};`;
    await this.session.query(
      `analyze (skip_locked) ${this.schema}.second_pass; ${CREATE_SUBTRANSACTIONS};
       create temp table if not exists etl_second (ordinal bigint generated always as identity primary key,
         id bigint, ${handles}, v text, existing boolean);
       ${applyFunction('etl_complete_rows', update, `${undo} ${wanted}`, compiled.table)}`,
    );
  }

  /** SQL: a row `t` is the one that a staged row `s` names. */
  private isStaged(): string {
    const { compiled } = this;
    const same = compiled.handle.map((index, n) => {
      const found = compiled.columns[index]?.column;
      return `t.${quoteName(found?.name ?? '')} = s.h${String(n)}::${found?.type.sql ?? 'text'}`;
    });
    return same.join(' and ');
  }

  /** The rows that wait, some at a time, in the order in which they came. */
  async *pages(): AsyncIterable<readonly Waiting[]> {
    const provisional = provisionalSql(this.schema, this.compiled);
    for (let last = '0'; ;) {
      const { rows } = await this.session.query(
        `select p.id, p.source_key, p.target_key, p.reference_key, p.inserted, ${provisional}
         from ${this.schema}.second_pass p where ${this.which} and p.id > ${last} order by p.id limit ${String(ROWS)}`,
      );
      if (rows.length === 0) return;
      const page = rows.map(([id, key, handle, reference, inserted, isProvisional]) => ({
        id: id ?? '',
        key: key ?? '',
        handle: handle ?? '',
        reference: reference ?? '',
        inserted: inserted === 't',
        provisional: isProvisional === 't',
      }));
      yield page;
      last = page.at(-1)?.id ?? last;
    }
  }

  /**
   * Begins a transaction in which rows get their references; the caller ends it. A row that the target refuses
   * stays as it is.
   */
  async complete(batch: readonly Completed[]): Promise<Completion> {
    const count = String(batch.length);
    const mayMove = batch.some(({ waiting }) => !waiting.inserted);
    const moving = await this.begin(batch, mayMove ? this.movingSql() : 'select where false');
    try {
      await this.session.query(
        `select pg_temp.etl_complete_rows(1, ${count}, ${count}, true); ${this.blocksSql()}`,
      );
      return { refused: new Map(), moved: moving.length };
    } catch (error) {
      if (!isRowRefusal(error)) throw error;
    }
    await this.session.query('rollback');
    const careful = `select pg_temp.etl_complete_rows(1, ${count}, ${String(BLOCK)}, false)`;
    const [answer] = await this.begin(batch, careful);
    await this.session.query(this.blocksSql());
    const { refused } = readApplied(answer);
    return { refused, moved: moving.filter((ordinal) => !refused.has(Number(ordinal) - 1)).length };
  }

  /** Writes down the subtransactions of the blocks: the rows that they wrote carry those. */
  private blocksSql(): string {
    const { schema, run, mapping } = this.owner;
    return `insert into ${schema}.batches (run, mapping, xids)
      select ${quoteText(run)}, ${quoteText(mapping)}, array_agg(distinct xmin::text::bigint)
      from ${SUBTRANSACTIONS} having count(*) > 0`;
  }

  /** Stages rows in a new transaction, and gives what a query over them answers. */
  private async begin(batch: readonly Completed[], sql: string): Promise<readonly string[]> {
    const { compiled, session } = this;
    const lines = copyLines(
      batch.map(({ waiting, value }) => [
        waiting.id,
        ...partsOf(compiled, waiting.handle),
        value,
        waiting.inserted ? 'f' : 't',
      ]),
    );
    const list = ['id', ...compiled.handle.map((_, n) => `h${String(n)}`), 'v', 'existing'].join(', ');
    const tags = await session.script(
      `begin; set constraints all immediate; truncate pg_temp.etl_second restart identity;
       copy pg_temp.etl_second (${list}) from stdin; ${sql}`,
      [lines],
    );
    return (tags.at(-1)?.rows ?? []).map(([text]) => text ?? '');
  }

  /** Rows that change and that are counted unchanged. */
  private movingSql(): string {
    const { column, compiled, schema, owner } = this;
    const name = quoteName(column.column.name);
    return `select s.ordinal from pg_temp.etl_second s join ${schema}.second_pass p on p.id = s.id
      join ${tableRows(compiled.table)} t on ${this.isStaged()}
      where not p.inserted and ${untouchedSql({ schema, run: owner.run, compiled })}
        and t.${name} is distinct from s.v::${column.column.type.sql}`;
  }

  /** SQL that forgets entries that are dealt with, those of earlier runs for the same rows included. */
  forgetSql(batch: readonly Waiting[]): string {
    const [first, last] = [batch[0]?.id ?? '0', batch.at(-1)?.id ?? '0'];
    const dealt = `p.id between ${first} and ${last}`;
    const { schema, which, ofColumn } = this;
    return `delete from ${schema}.second_pass p where ${ofColumn} and p.id < ${first} and p.target_key in (
        select p.target_key from ${schema}.second_pass p where ${which} and ${dealt});
      delete from ${schema}.second_pass p where ${which} and ${dealt}`;
  }

  /** Forgets what is left: entries of rows that earlier runs had not completed, and that this one found complete. */
  async forgetAll(): Promise<void> {
    await this.session.query(`delete from ${this.schema}.second_pass p where ${this.ofColumn}`);
  }
}

const partsOf = (compiled: CompiledMapping, handle: string): readonly string[] =>
  compiled.handle.length === 1 ? [handle] : (JSON.parse(handle) as string[]);
