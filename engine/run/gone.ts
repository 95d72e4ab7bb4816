import type { Session } from '../contract/session.js';
import type { CompiledMapping } from '../contract/compiled.js';
import { quoteName, quoteTable, quoteText } from '../postgres/identifier.js';
import { copyLines } from './batch.js';
import { ledJoin, type LedRows } from './led.js';
import { handleOfRow, isRow, keyOfRow, passesOf, plainHandle, waitsFor, type RowLink } from './links.js';
import type { RejectedRow } from '../resolve/rejected-keys.js';

/** A row that is a reject after it was loaded. */
export interface LateRow {
  /** The entry in `second_pass` that it is known by. */
  readonly pass: string;
  readonly handle: string;
  /** The canonical source key. */
  readonly key: string;
  /** It leaves the target; else it was whole before this run, and stays as it was. */
  readonly take: boolean;
  readonly inserted: boolean;
  readonly rule: string;
  readonly sqlstate: string | null;
  /** Null where the row that it refers to says it. */
  readonly reason: string | null;
  readonly value: string | null;
  /** The row that it refers to, if that is why. */
  readonly parent: RejectedRow | null;
}

/** What is asked of the rows that go. */
const CREATE = `create temp table if not exists etl_leaving (
  n bigint generated always as identity primary key, mapping text not null, handle text not null,
  source_key text not null, take boolean not null,
  -- How the row was counted; null where only its mapping knows.
  was text,
  pass bigint, via text, parent_mapping text, parent_key text, rule text, sqlstate text, reason text, value text,
  unique (mapping, handle))`;

const COLUMNS = [
  'mapping', 'handle', 'source_key', 'take', 'was', 'pass', 'via', 'parent_mapping', 'parent_key', 'rule', 'sqlstate',
  'reason', 'value',
] as const; // prettier-ignore

/**
 * The rows that leave the target, and those that go with them, in a temporary table of a session that is in a
 * transaction.
 */
export class GoneRows {
  /** Mappings that have rows in it which leave the target. */
  private readonly taken = new Set<string>();
  isEmpty = true;

  constructor(
    private readonly session: Session,
    /** The state schema, quoted. */
    private readonly schema: string,
    private readonly run: string,
    private readonly led: LedRows,
  ) {}

  /** Makes the table, once a session, outside of a transaction. */
  async create(): Promise<void> {
    await this.session.query(CREATE);
    await this.led.create();
  }

  /** Begins anew. */
  async clear(): Promise<void> {
    this.taken.clear();
    this.isEmpty = true;
    await this.session.query('truncate pg_temp.etl_leaving');
  }

  /** Takes rows in that are rejected for their own sake, or for what they refer to by the column `via`. */
  async add(compiled: CompiledMapping, via: string, rows: readonly LateRow[]): Promise<void> {
    if (rows.length === 0) return;
    const { name } = compiled.mapping;
    const lines = rows.map((row) => [
      name, row.handle, row.key, row.take ? 't' : 'f', row.inserted ? 'inserted' : null, row.pass, via,
      row.parent?.mapping ?? null, row.parent?.key ?? null, row.rule, row.sqlstate, row.reason, row.value,
    ]); // prettier-ignore
    await this.session.script(`copy pg_temp.etl_leaving (${COLUMNS.join(', ')}) from stdin`, [
      copyLines(lines),
    ]);
    const first = `g.mapping = ${quoteText(name)} and g.pass >= ${rows[0]?.pass ?? '0'}`;
    await this.session.query(
      `update pg_temp.etl_leaving g set handle = ${plainHandle(compiled, 'g.handle')} where ${first}`,
    );
    await this.tellHowCounted(compiled);
    this.note(
      name,
      rows.some((row) => row.take),
    );
  }

  private note(mapping: string, take: boolean): void {
    this.isEmpty = false;
    if (take) this.taken.add(mapping);
  }

  /** A row that existed was counted updated where its batch, or a second pass since, has written it. */
  private async tellHowCounted(compiled: CompiledMapping): Promise<void> {
    await this.session.query(
      `update pg_temp.etl_leaving g set was = case when age(t.xmin) > age(p.xmin) then 'unchanged' else 'updated' end
       from ${this.schema}.second_pass p, ${quoteTable(compiled.table)} t
       where g.was is null and g.pass = p.id and g.mapping = ${quoteText(compiled.mapping.name)}
         and ${isRow(compiled, 't', 'g.handle')}`,
    );
  }

  /**
   * Adds the rows that refer to those that go, and so on to the last.
   * @param links the columns by which they do
   * @param waiting those of the column whose second pass is under way: rows that wait in it for one that goes
   */
  async spread(links: readonly RowLink[], waiting: readonly RowLink[]): Promise<void> {
    const isTouched = ({ to }: RowLink): boolean => this.taken.has(to.mapping.name);
    for (let added = 1; added > 0;) {
      added = 0;
      for (const link of waiting.filter(({ then, parent }) => then === 'reject' && parent.by === null)) {
        if (!isTouched(link)) continue;
        added += await this.insert(link, this.waitingSql(link));
        await this.tellHowCounted(link.from);
      }
      for (const link of links.filter(isTouched)) {
        await this.led.tell(link);
        if (link.then === 'reject') added += await this.insert(link, this.referringSql(link));
      }
    }
  }

  private async insert({ from, column, to }: RowLink, rowsSql: string): Promise<number> {
    const { count } = await this.session.query(
      `insert into pg_temp.etl_leaving (mapping, handle, source_key, take, was, pass, via, parent_mapping, parent_key)
       ${rowsSql}
       select distinct on (x.h) ${quoteText(from.mapping.name)}, x.h, x.k, x.take, x.was, x.pass, ${quoteText(column)},
         ${quoteText(to.mapping.name)}, x.pk
       from x where x.pk is not null and not exists (select from pg_temp.etl_leaving o
         where o.mapping = ${quoteText(from.mapping.name)} and o.handle = x.h)`,
    );
    if (count > 0) this.note(from.mapping.name, true);
    return count;
  }

  /** Rows that wait for one that goes. */
  private waitingSql(link: RowLink): string {
    const { from, to, column } = link;
    const which = `${passesOf(this.schema, from)} and p.run = ${quoteText(this.run)} and p.column_name = ${quoteText(column)}`;
    const provisional = provisionalSql(this.schema, from);
    const row = `${plainHandle(from, 'p.target_key')} h, p.source_key k, x.k pk, ${provisional} take,
      case when p.inserted then 'inserted' end was, p.id pass`;
    const own = from === to;
    return `with recursive g as (select g.source_key k from pg_temp.etl_leaving g
        where g.mapping = ${quoteText(to.mapping.name)} and g.take
      ), x as (
        select null::text h, g.k, null::text pk, true take, null::text was, null::bigint pass from g
        union
        select ${row} from x join ${this.schema}.second_pass p on ${waitsFor(link)} = x.k
        where x.take ${own ? '' : 'and x.pk is null'} and ${which})`;
  }

  /** Rows of the target that refer to one that goes. */
  private referringSql(link: RowLink): string {
    const { from, to, column, value, bound } = link;
    const { key, join, where } = keyOfRow(from, 't', this.schema);
    const own = from === to;
    const referenced = bound.yields === null && to.handle.length === 1;
    const on = referenced
      ? `join ${quoteTable(from.table)} t on t.${quoteName(column)} = x.h::${typeOf(to, value)}`
      : `join ${quoteTable(to.table)} m on ${isRow(to, 'm', 'x.h')}
         join ${quoteTable(from.table)} t on t.${quoteName(column)} = m.${quoteName(value)}`;
    return `with recursive x as (
        select g.handle h, g.source_key k, null::text pk, true take, null::text was, null::bigint pass
        from pg_temp.etl_leaving g where g.mapping = ${quoteText(to.mapping.name)} and g.take
        union
        select ${handleOfRow(from, 't')}, ${key}, x.k, true, null::text, null::bigint from x ${on} ${join} ${ledJoin(link, key, 'x.k')}
        where ${where} ${own ? '' : 'and x.pk is null'})`;
  }
}

const typeOf = ({ table }: CompiledMapping, name: string): string =>
  table.columns.find((column) => column.name === name)?.type.sql ?? 'text';

/** SQL: whether the row of an entry `p` was inserted by a run that had not completed it: no whole row of it was ever there. */
export const provisionalSql = (schema: string, compiled: CompiledMapping): string =>
  `(p.inserted or p.target_key in (select p.target_key from ${schema}.second_pass p
    where ${passesOf(schema, compiled)} and p.inserted))`;
