import type { Session } from '../../contract/session.js';
import type { Edge } from './edge.js';
import {
  boundsSql,
  CREATE,
  CREATE_EDGES,
  heldSql,
  INDEX_EDGES,
  reachSql,
  referredSql,
  referringSql,
  stepSql,
} from './sql.js';

/** What bounds the work of one statement. */
export interface Bounds {
  /**
   * Steps that ask the tables themselves, which is all that few rows in a large table need; whatever is further away is
   * found in a list of all pairs, at the price of reading the tables once.
   */
  readonly steps: number;
  /** Entries that one statement finds in that list: the server keeps them in memory, 100 bytes each. */
  readonly entries: number;
}

const BOUNDS: Bounds = { steps: 8, entries: 100_000 };

/**
 * The rows that hang on rows, of any number of tables, in temporary tables of a session that is in a transaction. Its
 * users make the first members, ask for the fix point and read `pg_temp.etl_closure`; what becomes of the rows is
 * theirs.
 *
 * All costs are in rows, not in how deep the rows hang: a chain as long as its table costs two readings of it
 * (`tests/bench/late.mjs`).
 */
export class Closure {
  private round = 0;

  constructor(
    private readonly session: Session,
    private readonly edges: readonly Edge[],
    private readonly bounds = BOUNDS,
  ) {}

  /** Begins anew, without members. */
  async open(): Promise<void> {
    this.round = 0;
    await this.session.query(CREATE);
  }

  /** Takes rows in. @param sql gives `tableoid`, `ctid`, and whether what refers to the row is reached through it */
  async add(kind: number, sql: string): Promise<number> {
    const { count } = await this.session.query(
      `insert into pg_temp.etl_closure (kind, tab, at, onwards, round)
       select ${String(kind)}, x.tab, x.at, x.onwards, 0 from (${sql}) x (tab, at, onwards) on conflict do nothing`,
    );
    return count;
  }

  /** Adds all rows that refer to members, and so on. Gives how many. */
  async spread(): Promise<number> {
    const straight = this.numbered.filter(([{ ask }]) => ask === null);
    const asked = this.numbered.filter(([{ ask }]) => ask !== null);
    let [total, since, asking] = [0, 0, 0];
    for (;;) {
      total += await this.follow(straight, since);
      since = this.round + 1;
      let added = 0;
      for (const [edge, n] of asked) {
        await edge.ask?.();
        added += await this.run(stepSql(edge, n, asking, since));
      }
      if (added === 0) return total;
      total += added;
      // What the steps themselves have found is asked about in the next ones.
      asking = since;
      this.round = since;
    }
  }

  /** Begins with rows about which {@link hold} asks. @param sql gives `tableoid` and `ctid` */
  async propose(kind: number, sql: string): Promise<void> {
    await this.session.query(
      `insert into pg_temp.etl_candidates select ${String(kind)}, x.tab, x.at from (${sql}) x (tab, at) on conflict do nothing`,
    );
  }

  /**
   * Makes members of all candidates that must stay: those that rows which are none refer to, and those that these refer
   * to, and so on. Gives how many.
   */
  async hold(): Promise<number> {
    await this.session.query('analyze pg_temp.etl_candidates');
    let held = 0;
    for (const [edge, n] of this.numbered) held += await this.run(heldSql(edge, n, 0));
    if (held === 0) return 0;
    await this.list(this.numbered, referredSql);
    return held + (await this.reach(0));
  }

  private get numbered(): readonly (readonly [Edge, number])[] {
    return this.edges.map((edge, n) => [edge, n] as const);
  }

  private async run(sql: string): Promise<number> {
    return (await this.session.query(sql)).count;
  }

  /** Adds what hangs by some ways on the members of the rounds from `since` on. */
  private async follow(edges: readonly (readonly [Edge, number])[], since: number): Promise<number> {
    if (edges.length === 0) return 0;
    let total = 0;
    for (let step = 0, from = since; ; step++) {
      await this.session.query('analyze pg_temp.etl_closure');
      if (step === this.bounds.steps) {
        await this.list(edges, referringSql);
        return total + (await this.reach(from));
      }
      const round = ++this.round;
      let added = 0;
      for (const [edge, n] of edges) added += await this.run(stepSql(edge, n, from, round));
      if (added === 0) return total;
      total += added;
      from = round;
    }
  }

  private async list(
    edges: readonly (readonly [Edge, number])[],
    sql: (edge: Edge, n: number) => string,
  ): Promise<void> {
    await this.session.query(CREATE_EDGES);
    for (const [edge, n] of edges) await this.session.query(sql(edge, n));
    await this.session.query(INDEX_EDGES);
  }

  /** Adds what the list leads to from the members of the rounds from `since` on: of some at a time, until nothing is left. */
  private async reach(since: number): Promise<number> {
    const { entries } = this.bounds;
    const round = ++this.round;
    let total = 0;
    let [from, last] = await this.numbers(since);
    while (from <= last) {
      await this.session.query('analyze pg_temp.etl_closure');
      const added = await this.run(reachSql(from, round, entries));
      total += added;
      if (added > 0) [, last] = await this.numbers(since);
      else from += entries;
    }
    return total;
  }

  private async numbers(since: number): Promise<readonly [number, number]> {
    const [row] = (await this.session.query(boundsSql(since))).rows;
    return [Number(row?.[0]), Number(row?.[1])];
  }
}
