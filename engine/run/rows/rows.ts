import type { DatabaseRefusal, Reject } from '../../contract/batch.js';
import { DUPLICATE, type CompiledMapping } from '../../contract/compiled.js';
import { EXIT, EtlError } from '../../contract/errors.js';
import type { Position } from '../../contract/problem.js';
import type { RowProgram } from '../../compile/program/program.js';
import { Refusal } from '../../compile/program/refusal.js';
import { OUTCOME } from '../../compile/program/resolver.js';
import { Row } from '../../compile/program/row.js';
import { fieldsOf } from '../../compile/program/origin.js';
import { uuid5, uuid7 } from '../../compile/program/uuid.js';
import type { KeyMap } from '../../resolve/key-map.js';
import type { RejectedKeys, Rejection } from '../../resolve/rejected-keys.js';
import { waitingColumns } from '../../postgres/staging.js';
import type { BatchBuilder, LineReader } from './batch.js';
import type { Brought, Done } from '../keys/brought.js';
import type { Fellows } from './fellows.js';
import type { Merge } from './merge.js';
import type { BookNeeds } from './row-book.js';
import type { Fault, SourceFaults } from '../read/source-faults.js';
import type { RowIds } from '../keys/ids.js';
import type { UniqueWatch } from '../unique/watch.js';

/** What the rows of one mapping are made with. */
export interface RowTools {
  readonly compiled: CompiledMapping;
  readonly program: RowProgram;
  /** Rows that the target had at the start: canonical key → handle; null where it had none. */
  readonly known: KeyMap | null;
  /** The target's rows beside the source's, sought for the row at hand; instead of `known`. */
  readonly merge: Merge | null;
  /** Rows that others have made and that the mapping fills too; null where there are none. */
  readonly fellows: Fellows | null;
  /** What an interrupted part of the run has brought; null for a run that nobody interrupted. */
  readonly brought: Brought | null;
  readonly needs: BookNeeds;
  /** Takes the keys of rejected rows; null where nobody refers to them. */
  readonly rejected: RejectedKeys | null;
  readonly ids: RowIds | null;
  /** Decides the rules over all rows; null where there are none. */
  readonly uniques: UniqueWatch | null;
  /** Rows that the source cannot compute. */
  readonly faults: SourceFaults;
  readonly namespace: string;
}

/** Makes rows one after the other into the batch at hand, and decides which are rejected or skipped. */
export class RowMaker implements LineReader {
  private lastKey: string | null = null;
  /** Of the last row that was not skipped: what is not loaded is no duplicate. */
  private lastMade: string | null = null;
  /** How the row before can be taken back, if the next one turns out to have the same key. */
  private retract: (() => void) | null = null;
  private readonly spare: Row;
  private readonly warned: Refusal[] = [];
  private readonly warn = (refusal: Refusal): void => {
    this.warned.push(refusal);
  };
  /** Columns that a second pass completes. */
  private readonly waiting: readonly string[];
  /** A row's key is made only where something asks for it. */
  private readonly wantsKeys: boolean;
  /** Nobody else has seen to it that no two rows have one key. */
  private readonly isChecked: boolean;

  constructor(
    private readonly tools: RowTools,
    readonly row: Row,
  ) {
    this.spare = new Row(row.width);
    const { compiled, known, needs } = tools;
    this.waiting = waitingColumns(compiled).map((index) => compiled.columns[index]?.column.name ?? '');
    this.isChecked = !compiled.keyUnique && compiled.kept === null;
    this.wantsKeys =
      needs.keys || known !== null || !compiled.keyUnique || compiled.identity?.strategy === 'uuid5';
  }

  /** Whether the row at hand has the key of the row before, so that both must be in one batch. */
  continuesKey(): boolean {
    if (this.tools.compiled.keyUnique) return false;
    return this.tools.program.key(this.row) === this.lastKey && this.lastKey !== null;
  }

  /** Takes the row at hand into the batch. @throws EtlError where a rule or reference says `fail` */
  make(batch: BatchBuilder): void {
    const { compiled, program } = this.tools;
    const { row } = this;
    batch.read++;
    batch.bytesRead += row.end - row.start;
    batch.noteLast(row.buffer, row.start, row.end);
    const key = this.wantsKeys ? program.key(row) : program.hasKey(row) ? '' : null;
    this.lastKey = key;
    const skip = program.skipped(row);
    if (skip > 0) {
      this.skip(batch, skip, key);
      return;
    }
    const again = this.isChecked && key !== null && key === this.lastMade;
    if (again) this.retract?.();
    this.retract = null;
    this.lastMade = key;
    if (key === null) {
      this.reject(batch, new Refusal(null, 'key', 'the source key is null', null, keyPlace(compiled)));
      return;
    }
    if (again) {
      this.reject(batch, duplicate(compiled, program.keyText(row)));
      return;
    }
    if (compiled.kept !== null && !row.isNull(compiled.kept.field)) {
      this.leaveOut(batch, compiled.kept.field);
      return;
    }
    const fault = this.tools.faults.isEmpty ? undefined : this.tools.faults.get(program.keyText(row));
    if (fault !== undefined) {
      this.reject(batch, faultRefusal(compiled, fault), fault.sqlstate);
      return;
    }
    this.write(batch, key);
  }

  /** Of several rows with one key this is not the one that is kept. */
  private leaveOut(batch: BatchBuilder, field: number): void {
    const { compiled, program } = this.tools;
    const key = program.keyText(this.row);
    const { duplicates } = compiled.mapping.source;
    if (this.row.integer(field) === DUPLICATE.other || duplicates.kind !== 'keep') {
      batch.skipped.push({ key, rule: 'duplicate', at: duplicates.at });
      return;
    }
    const { which, by } = duplicates;
    const reason = `several source rows have the key ${key}, and "${by.value}" does not tell which is the ${which}`;
    this.reject(batch, new Refusal(null, 'duplicates', reason, null, by.at));
  }

  private skip(batch: BatchBuilder, number: number, key: string | null): void {
    const { compiled, program } = this.tools;
    const rejected = compiled.skip?.rejected?.get(program.keyText(this.row));
    if (rejected !== undefined) {
      batch.rejects.push(rejected);
      return;
    }
    const rule = compiled.skip?.names[number - 1] ?? '';
    const at = compiled.mapping.source.skipWhen[number - 1]?.sql.at ?? compiled.mapping.at;
    batch.skipped.push({ key: key === null ? null : program.keyText(this.row), rule, at });
  }

  private reject(batch: BatchBuilder, refusal: Refusal, sqlstate: string | null = null): void {
    const { program } = this.tools;
    const reject = { ...this.asReject(refusal), sqlstate };
    if (refusal.severity === 'fail') {
      const where = `${refusal.at.file}:${String(refusal.at.line)}`;
      throw new EtlError(
        `row ${program.keyText(this.row)}: ${refusal.column ?? refusal.rule}: ${refusal.reason} (${where})`,
        { exitCode: EXIT.checks, help: 'the mapping says "fail" there: mend the source, or let it reject' },
      );
    }
    batch.rejects.push(reject);
    this.noteKey(refusal);
  }

  /** Remembers the row at hand as rejected, for those that refer to it. */
  private noteKey({ column, rule, because }: Refusal): void {
    const { rejected, compiled, program } = this.tools;
    const key = rejected === null ? null : program.key(this.row);
    if (key === null) return;
    rejected?.add(key, { mapping: compiled.mapping.name, column, rule, parent: because?.parent ?? null });
  }

  private asReject(refusal: Refusal): Reject {
    const { program } = this.tools;
    return {
      key: program.keyText(this.row),
      column: refusal.column,
      rule: refusal.rule,
      sqlstate: null,
      reason: refusal.reason,
      value: refusal.value,
      row: program.json(this.row),
      at: refusal.at,
      because: refusal.because?.first ?? null,
    };
  }

  private write(batch: BatchBuilder, key: string): void {
    const { compiled, merge, known } = this.tools;
    const { row } = this;
    row.key = key;
    const exists = merge === null ? known?.get(key) : merge.matched ? merge.handle() : undefined;
    if (exists === undefined) {
      this.giveId(key);
      this.writeRow(batch, key, undefined, batch.insertOutput.length);
      return;
    }
    if (compiled.mapping.target.mode.value === 'insert' && this.done(exists) === null) {
      const { at } = compiled.mapping.target.mode;
      this.reject(batch, new Refusal(null, 'insert', 'the target has this row already', null, at));
      return;
    }
    if (compiled.identity !== null) row.id = exists;
    const start = batch.updateOutput.length;
    this.writeHandle(batch, exists);
    this.writeRow(batch, key, exists, start);
  }

  /** Makes the row at hand into an update of one that another mapping has made. */
  private fill(batch: BatchBuilder, key: string, handle: string): void {
    if (this.tools.compiled.identity !== null) this.row.id = handle;
    const { length } = batch.updateOutput;
    const { count } = batch.updateRows;
    this.writeHandle(batch, handle);
    this.writeRow(batch, key, handle, length);
    if (batch.updateRows.count > count) batch.merged.add(count);
  }

  /** Makes the line; `start` is where what belongs to the row begins in its output. */
  private writeRow(batch: BatchBuilder, key: string, handle: string | undefined, start: number): void {
    const { program, merge, needs, uniques } = this.tools;
    const { row, warned } = this;
    const isNew = handle === undefined;
    const out = isNew ? batch.insertOutput : batch.updateOutput;
    const line = out.length;
    if (warned.length > 0) warned.length = 0;
    const refusal =
      program.write(row, out, this.warn) ?? this.strayed(handle) ?? uniques?.take(row, this.warn) ?? null;
    if (refusal !== null) {
      out.length = start;
      if (refusal.rule === 'references') {
        const slot = program.references.findIndex(
          ({ column }, n) => column === refusal.column && program.outcomes[n] === OUTCOME.missing,
        );
        if (slot >= 0) batch.missing.push(slot);
      }
      this.reject(batch, refusal);
      return;
    }
    const other = isNew ? this.tools.fellows?.take(program, row) : undefined;
    if (other !== undefined) {
      out.length = start;
      this.fill(batch, key, other);
      return;
    }
    for (const warning of warned) batch.warnings.push(this.asReject(warning));
    const warnings = warned.length;
    const before = isNew ? null : this.confirm(handle, key);
    if (!isNew && merge !== null && program.pending.size === 0 && merge.isSame(out, line)) {
      out.length = start;
      batch.countUnchanged(program.outcomes, 1);
      if (!this.isChecked) return;
      const [source, outcomes] = [row.buffer.subarray(row.start, row.end), program.outcomes.slice()];
      this.retract = () => {
        batch.countUnchanged(outcomes, -1);
        before?.takeBack();
        this.retracted(batch, source, warnings);
      };
      return;
    }
    if (!isNew) this.writeWaiting(batch);
    const rows = isNew ? batch.insertRows : batch.updateRows;
    const handleNow = needs.keys || (isNew && needs.handles) ? (handle ?? this.handleOf()) : '';
    rows.add(row, key, handleNow, program.outcomes, program.pending);
    if (before !== null) batch.noteDone(rows.count - 1, before.done);
    if (!this.isChecked) return;
    this.retract = () => {
      out.length = start;
      before?.takeBack();
      if (before !== null) batch.forgetDone();
      if (!isNew) batch.merged.delete(rows.count - 1);
      this.retracted(batch, rows.takeLast(), warnings);
    };
  }

  /** Why a row that has filled one of another mapping must not give it another key. */
  private strayed(handle: string | undefined): Refusal | null {
    const { compiled, program, fellows } = this.tools;
    if (handle === undefined || fellows?.hasStrayed(program, this.row, handle) !== true) return null;
    const reason =
      'it fills a row that another mapping made, and its target key is another now: take it back (etl rollback), or leave the key';
    const { key, table } = compiled.mapping.target;
    const at = key[0]?.at ?? table.at;
    return new Refusal(null, 'merge', reason, null, at);
  }

  /**
   * The source has the row that was found still. Gives, for one that the run itself has brought, what takes that
   * back.
   */
  private confirm(
    handle: string,
    key: string,
  ): { readonly done: 'brought' | 'changed'; readonly takeBack: () => void } | null {
    const { merge, brought } = this.tools;
    merge?.keep(true);
    const done = this.done(handle);
    if (brought === null || done === null) return null;
    brought.confirm(handle, key, done);
    const takeBack = (): void => {
      brought.refuse(handle, key, done);
    };
    return { done, takeBack };
  }

  /** What an interrupted part of the run has done about the row that was found. */
  private done(handle: string): Done {
    const { merge, brought } = this.tools;
    return merge === null ? (brought?.done(handle) ?? null) : merge.done;
  }

  /** The row before has the same key as another: it is rejected after all. */
  private retracted(batch: BatchBuilder, line: Buffer, warnings: number): void {
    const { compiled, program } = this.tools;
    batch.warnings.length -= warnings;
    this.tools.uniques?.giveBack();
    batch.rejects.push(this.explainLine(line, (r) => duplicate(compiled, program.keyText(r))));
  }

  /** What references to the row give, and how it is found again. */
  private handleOf(): string {
    const { compiled, program } = this.tools;
    const { row } = this;
    if (compiled.identity?.strategy !== 'mapped' && compiled.identity?.strategy !== 'preserve') {
      if (compiled.identity !== null && compiled.identity.index >= 0) return row.id;
    }
    const texts = compiled.handle.map((index) => program.value(row, index));
    return texts.length === 1 ? (texts[0] ?? '') : JSON.stringify(texts);
  }

  private writeHandle(batch: BatchBuilder, handle: string): void {
    const parts = this.tools.compiled.handle.length === 1 ? [handle] : (JSON.parse(handle) as string[]);
    for (const part of parts) {
      batch.updateOutput.text(part);
      batch.updateOutput.tab();
    }
  }

  /** Behind the row's values, which columns wait for a second pass. */
  private writeWaiting({ updateOutput: out }: BatchBuilder): void {
    const { waiting, tools } = this;
    if (waiting.length === 0) return;
    out.length--;
    for (const column of waiting) {
      out.tab();
      out.text(tools.program.pending.has(column) ? 't' : 'f');
    }
    out.newline();
  }

  private giveId(key: string): void {
    const { compiled, ids, namespace, program } = this.tools;
    const { row } = this;
    switch (compiled.identity?.strategy) {
      case 'sequence':
        ids?.give(row);
        break;
      case 'uuid7':
        row.id = uuid7();
        break;
      case 'uuid5':
        row.id = uuid5(namespace, compiled.key.length === 1 ? JSON.stringify([program.keyText(row)]) : key);
        break;
      case 'preserve':
      case 'mapped':
      case 'database':
      case undefined:
        row.id = '';
    }
  }

  /** A reject of a row that has left the hands of the program, from its source line. */
  private explainLine(line: Buffer, refusal: (row: Row) => Refusal): Reject {
    const { program } = this.tools;
    const { spare } = this;
    spare.open(line);
    spare.next();
    const why = refusal(spare);
    return {
      key: program.keyText(spare),
      column: why.column,
      rule: why.rule,
      sqlstate: null,
      reason: why.reason,
      value: why.value,
      row: program.json(spare),
      at: why.at,
      because: null,
    };
  }

  keyText(line: Buffer): string {
    this.spare.open(line);
    this.spare.next();
    return this.tools.program.keyText(this.spare);
  }

  /** What the target's refusal of a row is called. */
  causeOf({ column, constraint, sqlstate, madeBy }: DatabaseRefusal): Rejection {
    const own = constraint ?? (sqlstate === 'ETL01' ? 'trigger' : 'database');
    const rule = madeBy === undefined ? own : 'merge';
    return { mapping: this.tools.compiled.mapping.name, column, rule, parent: null };
  }

  /** With the column's line where the server names one. */
  explain(line: Buffer, refusal: DatabaseRefusal): Reject {
    const { compiled } = this.tools;
    const column = compiled.columns.find((c) => c.column.name === refusal.column);
    const { rule } = this.causeOf(refusal);
    const hidden = compiled.fields.some((field) => field.sensitive);
    const said = refusal.madeBy === undefined ? refusal.reason : madeByOther(refusal.madeBy, hidden);
    const reason = hidden ? withoutValues(said) : said;
    const at = column?.at ?? compiled.mapping.target.table.at;
    const reject = this.explainLine(line, () => new Refusal(refusal.column, rule, reason, null, at));
    return { ...reject, sqlstate: refusal.sqlstate };
  }
}

/** The server's words without the values that they hold: of a key's detail, and of a whole row. */
export const withoutValues = (reason: string): string =>
  reason.replace(/=\([^)]*\)/g, '=(***)').replace(/(Failing row contains) \(.*\)\./s, '$1 (***).');

/** A row that the source cannot compute: the column, rule or condition whose SQL fails. */
function faultRefusal({ columns, fields, rules, skip, mapping }: CompiledMapping, fault: Fault): Refusal {
  const { field } = fault;
  const column = columns.find(({ make }) =>
    make.kind === 'bytes'
      ? make.field === field
      : make.kind === 'value' && fieldsOf(make.origin).includes(field),
  );
  const rule = rules.find(({ test }) => test.kind === 'sql' && test.field === field)?.rule;
  const skipped = skip?.field === field ? mapping.source.skipWhen[0]?.sql.at : undefined;
  const said = fields[field]?.sensitive === true ? 'the values are sensitive' : fault.message;
  return new Refusal(
    column?.column.name ?? null,
    'sql',
    `the source cannot compute it: ${said}`,
    null,
    column?.at ?? rule?.at ?? skipped ?? mapping.source.at,
    rule?.severity === 'fail' ? 'fail' : 'reject',
  );
}

/** Why a row that stands in the target already is left alone. */
const madeByOther = ({ mapping, key }: NonNullable<DatabaseRefusal['madeBy']>, hidden: boolean): string =>
  `the target has this row from the mapping "${mapping}"${hidden ? '' : ` (its source key ${key})`}, and not both mappings say target.merge: true`;

const keyPlace = (compiled: CompiledMapping): Position =>
  compiled.mapping.source.key[0]?.at ?? compiled.mapping.source.at;

function duplicate(compiled: CompiledMapping, key: string): Refusal {
  const severity = compiled.mapping.source.duplicates.kind === 'fail' ? 'fail' : 'reject';
  const reason = `several source rows have the key ${key}`;
  return new Refusal(null, 'duplicates', reason, null, keyPlace(compiled), severity);
}
