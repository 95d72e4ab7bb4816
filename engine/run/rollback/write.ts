import { EXIT, EtlError } from '../../contract/errors.js';
import type { Session } from '../../contract/session.js';
import { sqlstateOf } from '../../postgres/failure.js';
import type { Undoing } from './find.js';
import type { Undone } from './tables.js';
import { insertSql, oneByOneSql, ownedBy, updateSql, type Owner } from './write-sql.js';

/** An owner with the ids of the subtransactions in which his rows were written: the first in 64 bits, further ones in 32. */
export interface Restored extends Owner {
  readonly xid: string;
  readonly further: readonly string[];
}

/** What may be otherwise when other rows are written first: a unique value that is taken, a row that is missing. */
const IN_THE_WAY = new Set(['23505', '23503', '23P01']);
const isInTheWay = (error: unknown): boolean => IN_THE_WAY.has(sqlstateOf(error) ?? '');

/** Writes rows back: each owner's in a subtransaction of their own, so that his rows can be told by their xmin again. */
export class Writer {
  restored: Restored[] = [];
  private subtransactions = 0;

  constructor(private readonly undoing: Undoing) {}

  /**
   * Gives changed rows their old references, as far as they lead somewhere yet: so the rows that go are let go of. All other
   * values wait for {@link putBack}, when those have made room for them.
   */
  async letGo(): Promise<void> {
    const { session, mappings } = this.undoing;
    const { rows } = await session.query('select exists (select from pg_temp.etl_gone where keep is null)');
    if (rows[0]?.[0] !== 't') return;
    for (const mapping of mappings) {
      const columns = (await this.columns(mapping, 'update')).filter(({ refers }) => refers);
      if (columns.length === 0) continue;
      const all = await this.attempt(() => session.query(updateSql(mapping, columns, 'true', true)));
      if (!all) await session.query(oneByOneSql(mapping, columns, 'true', null));
    }
  }

  /** Brings back deleted rows and the values of changed ones, in the order in which nothing stands in the way. */
  async putBack(): Promise<void> {
    const before = this.restored;
    const straight = await this.attempt(async () => {
      await this.insert();
      await this.update();
    });
    if (straight) return;
    this.restored = before;
    await this.update();
    await this.insert();
  }

  /** @returns false where rows stood in its way; nothing of it has happened then */
  private async attempt(work: () => Promise<unknown>): Promise<boolean> {
    const { session } = this.undoing;
    await session.query('savepoint etl_attempt');
    try {
      await work();
      await session.query('release savepoint etl_attempt');
      return true;
    } catch (error) {
      if (!isInTheWay(error)) throw error;
      await session.query('rollback to savepoint etl_attempt; release savepoint etl_attempt');
      return false;
    }
  }

  private async update(): Promise<void> {
    const { session } = this.undoing;
    for (const owner of await this.owners('update')) {
      await this.owned(owner, this.undoing.mappings, async (mapping, n) => {
        const columns = await this.columns(mapping, 'update');
        if (columns.length === 0) return 0;
        const owned = ownedBy(owner);
        let touched = 0;
        const all = await this.attempt(async () => {
          // Rows carry the innermost subtransaction, which is the attempt's.
          await session.query(`insert into pg_temp.etl_sub values (${String(n)})`);
          touched = assertTouched((await session.query(updateSql(mapping, columns, owned, false))).rows[0]);
        });
        if (all) return touched;
        // A unique value is taken by a row that gets its own back later: one by one, in the order opposite to the run's.
        await session.query(oneByOneSql(mapping, columns, owned, n));
        const left = await session.query(
          `select count(*) filter (where action = 'update'), count(*) from pg_temp.etl_back b
           where b.m = ${String(mapping.n)} and action in ('update', 'updated') and ${owned}`,
        );
        const [waiting, count] = left.rows[0] ?? [];
        if (waiting !== '0') await session.query(updateSql(mapping, columns, owned, false));
        return Number(count);
      });
      await session.query(
        `update pg_temp.etl_back b set action = 'updated' where action = 'update' and ${ownedBy(owner)}`,
      );
    }
  }

  /**
   * Rows that others refer to first, of one mapping the oldest owners'; what fails all the same for a row that is not
   * there yet comes again behind the rest.
   */
  private async insert(): Promise<void> {
    const owners = await this.owners('insert');
    let pending = referredFirst(this.undoing.mappings).flatMap((mapping) =>
      owners.map((owner) => ({ mapping, owner })),
    );
    while (pending.length > 0) {
      const left: typeof pending = [];
      for (const one of pending) {
        const done = await this.attempt(() => this.insertOf(one.mapping, one.owner));
        if (!done) left.push(one);
      }
      const [first] = left;
      // In nobody's way but each other's: the server says what it is.
      if (first !== undefined && left.length === pending.length)
        await this.insertOf(first.mapping, first.owner);
      pending = left;
    }
  }

  private async insertOf(mapping: Undone, owner: Owner): Promise<void> {
    const columns = await this.columns(mapping, 'insert');
    if (columns.length === 0) return;
    await this.owned(owner, [mapping], async () => {
      const { rows } = await this.undoing.session.query(insertSql(mapping, columns, ownedBy(owner)));
      return assertTouched(rows[0]);
    });
  }

  private async owners(action: string): Promise<readonly Owner[]> {
    const { session, schema } = this.undoing;
    const { rows } = await session.query(
      `select o.owner_run, o.owner_mapping from (select distinct owner_run, owner_mapping from pg_temp.etl_back where action = $1) o
       left join ${schema}.runs r on r.run = o.owner_run order by r.epoch nulls first, 2`,
      [action],
    );
    return rows.map(([run, mapping]) => ({ run: run ?? null, mapping: mapping ?? null }));
  }

  /** Does a work for each mapping in a subtransaction with a number; the work says how many rows it wrote. */
  private async owned(
    owner: Owner,
    mappings: readonly Undone[],
    work: (mapping: Undone, n: number) => Promise<number>,
  ): Promise<void> {
    const { session } = this.undoing;
    const n = ++this.subtransactions;
    let touched = 0;
    await session.query(`savepoint etl_owner; insert into pg_temp.etl_sub values (${String(n)})`);
    for (const mapping of mappings) touched += await work(mapping, n);
    const ids = await subtransactions(session, n);
    await session.query('release savepoint etl_owner');
    if (touched > 0) this.restored = [...this.restored, { ...owner, ...ids }];
  }

  /** Columns whose old values are known and that the table still has. */
  private async columns(mapping: Undone, action: string): Promise<Undone['columns']> {
    const { rows } = await this.undoing.session.query(
      `select distinct jsonb_object_keys(was) from pg_temp.etl_back where m = $1 and action = $2`,
      [mapping.n, action],
    );
    const known = new Set(rows.map(([name]) => name));
    const { handle } = mapping.rows;
    const fixed = (name: string): boolean => action === 'update' && handle.includes(name);
    return mapping.columns.filter(
      ({ name, always }) => known.has(name) && !fixed(name) && !(always && action === 'update'),
    );
  }
}

/** Mappings behind those whose rows theirs refer to, as far as there is no circle. */
function referredFirst(mappings: readonly Undone[]): readonly Undone[] {
  const placed = new Set<Undone>();
  const place = (mapping: Undone, above: readonly Undone[]): void => {
    if (placed.has(mapping) || above.includes(mapping)) return;
    const wanted = mappings.filter(({ rows }) => mapping.refersTo.includes(rows.mapping));
    for (const other of wanted) place(other, [...above, mapping]);
    placed.add(mapping);
  };
  for (const mapping of mappings) place(mapping, []);
  return [...placed];
}

/** @throws EtlError exit 5 where a trigger has kept rows from being written */
function assertTouched(row: readonly (string | null)[] = []): number {
  const [table, wanted, touched] = row;
  if (wanted === touched) return Number(touched);
  throw new EtlError(
    `${table ?? ''}: ${wanted ?? ''} rows were to be put back, and ${touched ?? ''} were: a trigger or rule of the table stands against it`,
    { exitCode: EXIT.checks, help: 'nothing was changed; look at its triggers' },
  );
}

/** The ids of the subtransactions that wrote rows `n`, the first extended to 64 bits beside the transaction's own. */
async function subtransactions(session: Session, n: number): Promise<Pick<Restored, 'xid' | 'further'>> {
  const { rows } = await session.query(
    `select distinct xmin::text::bigint, txid_current() from pg_temp.etl_sub where n = ${String(n)} order by 1`,
  );
  const ids = rows.map(([low]) => low ?? '0');
  const [low, top] = [BigInt(ids[0] ?? '0'), BigInt(rows[0]?.[1] ?? '0')];
  const near = (top & ~0xffffffffn) | low;
  return { xid: String(near < top ? near + 0x100000000n : near), further: ids.slice(1) };
}

/**
 * Deletes what goes, of all tables in one statement: its foreign keys are looked at when it has ended, so that neither
 * order nor circles matter. @throws EtlError exit 5 where a trigger has kept rows
 */
export async function deleteRows({ session, mappings }: Undoing): Promise<void> {
  const parts = mappings.map(
    ({ n, from }) => `d${String(n)} as (delete from ${from} t using pg_temp.etl_gone g
      where g.m = ${String(n)} and g.keep is null and t.tableoid = g.tab and t.ctid = g.at returning 1)`,
  );
  const counts = mappings.map(
    ({ n }) => `(select count(*) from pg_temp.etl_gone where m = ${String(n)} and keep is null),
      (select count(*) from d${String(n)})`,
  );
  const { rows } = await session.query(`with ${parts.join(', ')} select ${counts.join(', ')}`);
  const [found = []] = rows;
  for (const [n, { rows: own }] of mappings.entries()) {
    const [wanted, gone] = [found[2 * n], found[2 * n + 1]];
    if (wanted === gone) continue;
    throw new EtlError(
      `${own.table}: ${wanted ?? ''} rows were to be deleted, and ${gone ?? ''} were: a trigger or rule of the table stands against it`,
      { exitCode: EXIT.checks, help: 'nothing was changed; look at its triggers' },
    );
  }
}
