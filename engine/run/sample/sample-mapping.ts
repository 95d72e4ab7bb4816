import type { CompiledMapping } from '../../contract/compiled.js';
import type { Session } from '../../contract/session.js';
import { Row } from '../../compile/program/row.js';
import { quoteName, quoteText } from '../../postgres/identifier.js';
import {
  keysCondition,
  numberPart,
  sourceKeyParts,
  textPart,
  type KeyPart,
  type Keys,
} from '../keys/key-condition.js';
import { NUMBER_TYPES } from '../keys/keys-by.js';
import type { Filled } from './sample-fills.js';
import type { SampleProgram } from './sample-references.js';

/** Keys that are asked for in one query. */
const KEYS = 10_000;

/** The rows of one mapping that a run with a limit loads. */
export interface Sample {
  /** The mapping over these rows alone. */
  readonly compiled: CompiledMapping;
  /** Canonical source key → the texts of its parts. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
}

/** Told of a canonical key that a row of the sample names. */
export type Named = (mapping: string, by: string | null, key: string) => void;

/** A mapping's sample while it grows. */
export class GrowingSample {
  private readonly keys = new Map<string, readonly string[]>();
  /** Of those, the ones behind the first rows. */
  private readonly others: (readonly string[])[] = [];
  /** The texts of the key of the last of the first rows; null where these are all. */
  private bound: readonly (string | null)[] | null = null;

  constructor(
    private readonly compiled: CompiledMapping,
    private readonly program: SampleProgram,
    private readonly filled: readonly Filled[],
    /** First rows; 0 for none but those that are named. */
    private readonly limit: number,
  ) {
    if (limit === 0) this.bound = [];
  }

  /** What the rows are ordered by: the key as the source has it, or a row's number where there is none. */
  private get names(): readonly string[] {
    const { compiled } = this;
    const names = compiled.key.flatMap((field) => compiled.fields[field] ?? []);
    return names.map(({ name, sql }) => (compiled.keyless ? sql : `q.${quoteName(name)}`));
  }

  /** The first rows in the order of the key, with all that share the last one's. */
  private firstSql(list: string): string {
    return `select ${list} from (${this.compiled.rowsSql}\n) q order by ${this.names.join(', ')}
      fetch first ${String(this.limit)} rows with ties`;
  }

  private get list(): string {
    return this.compiled.fields.map((field, n) => `${field.sql} as f${String(n)}`).join(', ');
  }

  /** Reads the first rows and says what they name. */
  async readFirst(reader: Session, named: Named): Promise<void> {
    let count = 0;
    let last: readonly (string | null)[] = [];
    await this.read(reader, this.firstSql(this.list), named, (row) => {
      count++;
      last = this.compiled.key.map((field) => row.text(field));
    });
    this.bound = count < this.limit ? null : last;
  }

  /** Adds the rows that have some canonical keys, or such values of the column `by`, and says what they name. */
  async readNamed(reader: Session, by: string | null, keys: Iterable<string>, named: Named): Promise<void> {
    if (this.bound === null) return;
    const wanted = [...keys].filter((key) => by !== null || !this.keys.has(key));
    if (wanted.length === 0) return;
    const parts = by === null ? sourceKeyParts(this.compiled) : [await this.byPart(reader, by)];
    for (let at = 0; at < wanted.length; at += KEYS) {
      const texts = wanted
        .slice(at, at + KEYS)
        .map((key) => (parts.length === 1 ? [key] : (JSON.parse(key) as string[])));
      const sql = `select ${this.list} from (${this.compiled.rowsSql}\n) q where ${keysCondition(parts, texts)}`;
      await this.read(reader, sql, named, () => undefined, this.others);
    }
  }

  private async byPart(reader: Session, by: string): Promise<KeyPart> {
    const sql = `q.${quoteName(by)}`;
    const { columns } = await reader.query(`select ${sql} from (${this.compiled.rowsSql}\n) q limit 0`);
    return NUMBER_TYPES.has(columns[0]?.oid ?? 0) ? numberPart(sql) : textPart(sql);
  }

  private async read(
    reader: Session,
    sql: string,
    named: Named,
    each: (row: Row) => void,
    others: (readonly string[])[] | null = null,
  ): Promise<void> {
    const { program, keys } = this;
    const row = new Row(this.compiled.fields.length);
    for await (const chunk of reader.copyOut(sql)) {
      row.open(chunk);
      while (row.next()) {
        each(row);
        const key = program.key(row);
        if (key === null || keys.has(key)) continue;
        const parts = program.parts(row);
        keys.set(key, parts);
        others?.push(parts);
        if (program.isSkipped(row)) continue;
        for (const reference of program.references) {
          const other = reference.key(row);
          if (other !== null) named(reference.mapping, reference.by, other);
        }
        for (const { mapping, key: fills } of this.filled) {
          const other = fills(row);
          if (other !== null) named(mapping, null, other);
        }
      }
    }
  }

  /** What it has come to. */
  get sample(): Sample {
    const { compiled, keys, bound, others } = this;
    if (bound === null) return { compiled, keys };
    if (this.limit === 0) return { compiled: { ...compiled, rowsSql: this.namedSql(others) }, keys };
    const first = this.firstSql('q.*');
    const rowsSql = others.length === 0 ? first : `(${first}) union all ${this.othersSql(bound, others)}`;
    return { compiled: { ...compiled, rowsSql }, keys };
  }

  private namedSql(named: Keys): string {
    return `select q.* from (${this.compiled.rowsSql}\n) q where ${keysCondition(sourceKeyParts(this.compiled), named)}`;
  }

  /** Behind the first rows, by the source's own order: none of them twice, whatever equals what there. */
  private othersSql(bound: readonly (string | null)[], others: Keys): string {
    const last = bound.map((text) => (text === null ? 'null' : quoteText(text))).join(', ');
    return `select q.* from (${this.compiled.rowsSql}\n) q
      where (${this.names.join(', ')}) > (${last}) and ${keysCondition(sourceKeyParts(this.compiled), others)}`;
  }
}
