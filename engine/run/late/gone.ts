import type { Session } from '../../contract/session.js';
import type { CompiledMapping } from '../../contract/compiled.js';
import { quoteText, tableRows } from '../../postgres/identifier.js';
import { copyLines } from '../rows/batch.js';
import { Closure } from '../closure/closure.js';
import { holdingEdge, REACHED, waitingEdge, type ReferenceEdge } from '../closure/references.js';
import { fromOthers } from '../closure/sql.js';
import { untouchedSql } from '../keys/brought.js';
import type { LedRows } from './led.js';
import { isRow, linkPairs, plainHandle, type RowLink } from './links.js';
import type { RejectedRow } from '../../resolve/rejected-keys.js';

/** A row that is a reject after it was loaded. */
export interface LateRow {
  /** The entry in `second_pass` that it is known by. */
  readonly pass: string;
  readonly handle: string;
  /** The canonical source key. */
  readonly key: string;
  /** It leaves the target; else it was whole before this run, and stays or becomes what it was. */
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
  -- In which order the closure has found it.
  found bigint not null default 0,
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
  private readonly mappings: readonly CompiledMapping[];
  private readonly edges: readonly ReferenceEdge[];
  private readonly closure: Closure;
  isEmpty = true;

  /**
   * @param schema the state schema, quoted
   * @param links the columns by which rows refer to others
   * @param waiting those of the column whose second pass is under way: rows that wait in it for one that goes
   */
  constructor(
    private readonly session: Session,
    readonly schema: string,
    readonly run: string,
    private readonly links: readonly RowLink[],
    waiting: readonly RowLink[],
    readonly led: LedRows,
  ) {
    this.mappings = [...new Set(links.flatMap(({ from, to }) => [from, to]))];
    this.edges = [
      ...waiting
        .filter(({ then, parent }) => then === 'reject' && parent.by === null)
        .map((link) => waitingEdge(link, this.kind, schema, run)),
      ...links
        .filter(({ then }) => then === 'reject')
        .map((link) => holdingEdge(link, this.kind, { schema, run, led })),
    ];
    this.closure = new Closure(session, this.edges);
  }

  /** What the closure knows a mapping's rows as. */
  private readonly kind = (compiled: CompiledMapping): number => this.mappings.indexOf(compiled);

  /** Makes the table, once a session, outside of a transaction. */
  async create(): Promise<void> {
    await this.session.query(CREATE);
    await this.led.create();
  }

  /** Begins anew. */
  async clear(): Promise<void> {
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
    this.isEmpty = false;
  }

  /** Tells of rows that existed how they were counted. */
  private async tellHowCounted(compiled: CompiledMapping): Promise<void> {
    const untouched = untouchedSql({ schema: this.schema, run: this.run, compiled });
    await this.session.query(
      `update pg_temp.etl_leaving g set was = case when ${untouched} then 'unchanged' else 'updated' end
       from ${this.schema}.second_pass p, ${tableRows(compiled.table)} t
       where g.was is null and g.pass = p.id and g.mapping = ${quoteText(compiled.mapping.name)}
         and ${isRow(compiled, 't', 'g.handle')}`,
    );
  }

  /** Adds the rows that refer to those that go, and so on to the last. */
  async spread(): Promise<void> {
    await this.closure.open();
    await this.session.query('analyze pg_temp.etl_leaving');
    for (const compiled of this.mappings) {
      await this.closure.add(
        this.kind(compiled),
        `select t.tableoid, t.ctid, g.take from pg_temp.etl_leaving g
           join ${tableRows(compiled.table)} t on ${isRow(compiled, 't', 'g.handle')}
         where g.mapping = ${quoteText(compiled.mapping.name)}`,
      );
    }
    await this.closure.spread();
    for (const [n, edge] of this.edges.entries()) await this.takeOver(edge, n);
    await this.session.query('analyze pg_temp.etl_leaving');
    for (const link of this.links) {
      if (link.then !== 'reject' && link.isAmbiguous) await this.led.tell(link, this.kind(link.to));
    }
  }

  /** Takes in what the closure has found by one way. */
  private async takeOver({ link, waits, reachedSql }: ReferenceEdge, n: number): Promise<void> {
    const { from, column, to } = link;
    const { count } = await this.session.query(
      `insert into pg_temp.etl_leaving (mapping, via, parent_mapping, ${REACHED})
       select ${[from.mapping.name, column, to.mapping.name].map(quoteText).join(', ')}, x.* from (${reachedSql(n)}) x
       on conflict do nothing`,
    );
    if (waits && count > 0) await this.tellHowCounted(from);
  }

  /** What follows `from`: the rows `t` that refer by a link to a row `m` that goes, and stay. */
  stayingSql(link: RowLink): string {
    return fromOthers(holdingEdge(link, this.kind, this));
  }

  /** Of one of them its canonical key, and that of the row that goes; null where there is none. */
  async staying(link: RowLink): Promise<readonly [key: string, parent: string] | null> {
    const { key, parentKey } = linkPairs(link, this.schema, true);
    const edge = holdingEdge(link, this.kind, this, true);
    const { rows } = await this.session.query(`select ${key}, ${parentKey} from ${fromOthers(edge)} limit 1`);
    const [row] = rows;
    return row === undefined ? null : [row[0] ?? '', row[1] ?? ''];
  }
}
