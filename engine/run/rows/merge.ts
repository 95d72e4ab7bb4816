import { plainType, type PgType } from '../../contract/catalogue.js';
import { unescapeCopy } from '../../contract/copy-text.js';
import type { CompiledMapping } from '../../contract/compiled.js';
import type { Session } from '../../contract/session.js';
import type { BaseType } from '../../contract/value.js';
import type { Output } from '../../compile/program/output.js';
import { Row } from '../../compile/program/row.js';
import { quoteName, tableRows } from '../../postgres/identifier.js';
import { canonicalKey } from '../../resolve/key-map.js';
import type { Brought, Done } from '../keys/brought.js';
import { inOrder, type KeyOrder, type ReaderCopy } from '../read/reader-copy.js';
import { keyTypesOf } from '../keys/pairs.js';

const ORDERS: Readonly<Record<string, KeyOrder>> = {
  int2: 'integer', int4: 'integer', int8: 'integer', uuid: 'bytes', text: 'text', varchar: 'text',
}; // prettier-ignore

const orderOf = (type: PgType): KeyOrder | null => ORDERS[plainType(type).name] ?? null;

/**
 * How the parts of the source key are ordered where source and target can be read side by side: the key stands in
 * the target's key columns, in a type of the same order. Null where rows are found by their kept keys instead.
 */
export function mergeOrder(compiled: CompiledMapping): readonly KeyOrder[] | null {
  if (compiled.found !== 'target' || compiled.handle.length === 0) return null;
  const orders = compiled.key.map((field, n) => {
    const from = compiled.fields[field]?.type;
    const to = compiled.columns[compiled.targetKey[n] ?? -1]?.column.type;
    if (from === undefined || to === undefined) return null;
    const order = orderOf(from);
    return order === orderOf(to) ? order : null;
  });
  const found = orders.filter((order) => order !== null);
  return found.length === orders.length ? found : null;
}

/** How the target's rows of a mapping are read in the order of the source key. */
export interface TargetSide {
  /** Handle, what else is asked, columns. */
  readonly copy: ReaderCopy;
  /** Fields before the columns. */
  readonly first: number;
  /** Where each part of the source key stands in a row. */
  readonly key: readonly number[];
}

/** By their key columns: handle, what the run has done about it, columns. */
function byKeyColumns(compiled: CompiledMapping, { orders, brought }: MergeNeeds): TargetSide {
  const name = (index: number): string => `t.${quoteName(compiled.columns[index]?.column.name ?? '')}`;
  const own = brought === null ? [] : [brought.sql];
  const list = [...compiled.handle.map(name), ...own, ...[...compiled.columns.keys()].map(name)];
  const keys = compiled.targetKey.map(name);
  const order = keys.map((key, n) => inOrder(key, orders[n]));
  const sql = (condition: string): string => `select ${list.join(', ')} from ${tableRows(compiled.table)} t
    where ${keys.map((key) => `${key} is not null`).join(' and ')}${condition} order by ${order.join(', ')}`;
  const first = compiled.handle.length + own.length;
  const key = compiled.targetKey.map((index) => first + index);
  const by = key.map((field, n) => ({ sql: order[n] ?? '', field, type: null }));
  const ordered = { only: (condition: string) => sql(` and ${condition}`), by, unique: true };
  return { copy: { sql: sql(''), ordered }, first, key };
}

/** Rows of the target that no source row answers. */
export interface Unmatched {
  count: number;
  /** Keys of the first of them. */
  readonly samples: string[];
}

const SAMPLES = 5;

export interface MergeNeeds {
  /** Not all rows of the source will come: what follows the last of them need not be read. */
  readonly part: boolean;
  readonly orders: readonly KeyOrder[];
  /** Is told of every row of the target that is passed. */
  readonly onRow: (() => void) | null;
  /** Of a run that is gone on with: SQL that tells what it has done about a row, and who keeps account of them. */
  readonly brought: { readonly sql: string; readonly book: Brought } | null;
}

/**
 * The target's rows beside the source's, both in the order of the key: which row exists already, and whether what
 * the mapping makes of the source row is what stands there, byte by byte.
 */
export class Merge {
  /** The target's row that was looked at last; {@link matched} says whether its key is the one sought. */
  readonly row: Row;
  matched = false;
  private readonly rows: AsyncIterator<Buffer>;
  protected has = false;
  private ended = false;
  /** A source row, accepted or not, has the key of the row at hand. */
  protected met = false;
  /** Rows that no source row answers, complete when {@link end} has been reached; only of a merge of whole sides. */
  readonly unmatched: Unmatched = { count: 0, samples: [] };
  /** A source row has been found for the row and is accepted. */
  private kept = false;
  private readonly handles: number;
  /** Fields before the columns. */
  protected readonly first: number;
  private readonly key: readonly number[];
  private readonly keyTypes: readonly BaseType[];
  private readonly compare: (source: Row, target: Row) => number;
  /** The fields behind the handle that may differ from run to run. */
  private readonly volatile: readonly boolean[];
  private readonly hasVolatile: boolean;

  constructor(
    protected readonly compiled: CompiledMapping,
    session: Session,
    private readonly needs: MergeNeeds,
    protected readonly side: TargetSide = byKeyColumns(compiled, needs),
  ) {
    this.handles = compiled.handle.length;
    this.first = side.first;
    this.key = compiled.key;
    this.keyTypes = keyTypesOf(compiled);
    this.row = new Row(this.first + compiled.columns.length);
    const { sql, ordered } = side.copy;
    this.rows = session.copyOut(sql, ordered)[Symbol.asyncIterator]();
    const parts = needs.orders.map((order, n) => ({
      source: compiled.key[n] ?? 0,
      target: side.key[n] ?? 0,
      compare: comparison(order, this.keyTypes[n] ?? 'text'),
    }));
    this.compare = (source, target) => {
      for (const part of parts) {
        const order = part.compare(source, part.source, target, part.target);
        if (order !== 0) return order;
      }
      return 0;
    };
    this.volatile = compiled.columns.map((column) => column.volatile);
    this.hasVolatile = this.volatile.includes(true);
  }

  /** Goes on to the source row's key; a promise where the target's rows must be waited for. */
  seek(source: Row): Promise<void> | null {
    for (const field of this.key) {
      if (!source.isNull(field)) continue;
      this.matched = false;
      return null;
    }
    for (;;) {
      if (!this.has) {
        if (this.ended) {
          this.matched = false;
          return null;
        }
        if (!this.row.next()) return this.more().then(() => this.seek(source) ?? undefined);
        this.has = true;
        this.arrive();
      }
      const order = this.compare(source, this.row);
      this.matched = order === 0;
      this.met ||= this.matched;
      if (order <= 0) return null;
      this.has = false;
      this.pass();
    }
  }

  /** The handle of the row that was found. */
  handle(): string {
    const { handles, row } = this;
    if (handles === 1) return row.text(0) ?? '';
    return JSON.stringify(Array.from({ length: handles }, (_, n) => row.text(n)));
  }

  /** The canonical source key of the target's row at hand. */
  keyOfRow(): string {
    const { targetKey } = this.compiled;
    return canonicalKey(
      targetKey.map((index) => this.row.ownText(this.first + index) ?? ''),
      this.keyTypes,
    );
  }

  /** What an earlier part of the run has done about the row that was found. */
  get done(): Done {
    if (this.needs.brought === null) return null;
    const letter = this.row.buffer[this.row.starts[this.handles] ?? 0];
    return letter === LETTER_T ? 'brought' : letter === LETTER_U ? 'changed' : null;
  }

  /** Says that a source row was accepted for the row that was found; or, after all, not. */
  keep(kept: boolean): void {
    this.kept = kept;
  }

  protected arrive(): void {
    this.kept = false;
    this.met = false;
    this.needs.onRow?.();
  }

  /** Leaves a row behind: one that the run brought and no source row has confirmed is to go. */
  protected pass(): void {
    if (!this.met) this.leave();
    if (!this.kept && this.done === 'brought') this.needs.brought?.book.leave(this.handle(), this.keyOfRow());
  }

  private leave(): void {
    const { unmatched, compiled } = this;
    unmatched.count++;
    if (unmatched.samples.length >= SAMPLES) return;
    const key = compiled.targetKey.map((index) => this.row.ownText(this.first + index));
    unmatched.samples.push(key.length === 1 ? (key[0] ?? '') : JSON.stringify(key));
  }

  private async more(): Promise<void> {
    const next = await this.rows.next();
    if (next.done === true) this.ended = true;
    else this.row.open(next.value);
  }

  /** Reads on to the target's end, so that every row was told of; else the reading ends here. */
  async end(): Promise<void> {
    if (this.needs.part) {
      if (!this.ended) await this.rows.return?.();
      return;
    }
    if (this.has) this.pass();
    while (!this.ended) {
      while (this.row.next()) {
        this.arrive();
        this.pass();
      }
      await this.more();
    }
  }

  /**
   * Whether a line of the mapping's columns, written since the output's length was `start`, is what the target has,
   * but for what differs from run to run.
   */
  isSame(out: Output, start: number): boolean {
    const { row } = this;
    const from = row.starts[this.first] ?? 0;
    if (!this.hasVolatile) return out.equals(start, row.buffer, from, row.end);
    const line = out.since(start);
    let at = 0;
    for (const [n, isVolatile] of this.volatile.entries()) {
      const tab = line.indexOf(n === this.volatile.length - 1 ? 0x0a : 0x09, at);
      const [begin, end] = [row.starts[this.first + n] ?? 0, row.ends[this.first + n] ?? 0];
      if (!isVolatile && row.buffer.compare(line, at, tab, begin, end) !== 0) return false;
      at = tab + 1;
    }
    return true;
  }
}

type Comparison = (a: Row, field: number, b: Row, other: number) => number;

function comparison(order: KeyOrder, type: BaseType): Comparison {
  switch (order) {
    case 'integer':
      return compareIntegers;
    case 'bytes':
    case 'text':
      return compareBytes;
    case 'number':
    case 'shown':
    case 'utf8': {
      const bytes = (row: Row, field: number): Buffer =>
        Buffer.from(canonicalKey([row.text(field) ?? ''], [type]));
      return (a, field, b, other) => bytes(a, field).compare(bytes(b, other));
    }
  }
}

/** Whole numbers as PostgreSQL writes them. */
function compareIntegers(a: Row, field: number, b: Row, other: number): number {
  const [left, right] = [a.integer(field), b.integer(other)];
  if (!Number.isNaN(left) && !Number.isNaN(right)) return left - right;
  const [one, two] = [BigInt(a.text(field) ?? '0'), BigInt(b.text(other) ?? '0')];
  return one < two ? -1 : one > two ? 1 : 0;
}

const BACKSLASH = 0x5c;
const LETTER_T = 0x74;
const LETTER_U = 0x75;

/** Texts by the bytes of their UTF-8, as the collation "C" orders them; uuids as they are written. */
function compareBytes(a: Row, field: number, b: Row, other: number): number {
  const [start, end] = [a.starts[field] ?? 0, a.ends[field] ?? 0];
  const [from, to] = [b.starts[other] ?? 0, b.ends[other] ?? 0];
  const order = a.buffer.compare(b.buffer, from, to, start, end);
  if (order === 0 || !(hasEscape(a.buffer, start, end) || hasEscape(b.buffer, from, to))) return order;
  const plain = (row: Row, f: number): Buffer =>
    Buffer.from(unescapeCopy(row.buffer.toString('utf8', row.starts[f], row.ends[f])));
  return plain(a, field).compare(plain(b, other));
}

function hasEscape(buffer: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (buffer[at] === BACKSLASH) return true;
  return false;
}
