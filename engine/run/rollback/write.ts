import { EXIT, EtlError } from '../../contract/errors.js';
import type { Session } from '../../contract/session.js';
import { sqlstateOf } from '../../postgres/failure.js';
import { quoteName, quoteText } from '../../postgres/identifier.js';
import type { Undoing } from './find.js';
import { matches, type Undone } from './tables.js';

/** To whom restored rows belonged before the run; nulls where no run is known. */
export interface Owner {
  readonly run: string | null;
  readonly mapping: string | null;
}

/** An owner with the id of the subtransaction in which his rows were written, in 64 bits. */
export interface Restored extends Owner {
  readonly xid: string;
}

const FOREIGN_KEY = '23503';

/** Writes rows back: each owner's in a subtransaction of their own, so that his rows can be told by their xmin again. */
export class Writer {
  readonly restored: Restored[] = [];
  private subtransactions = 0;

  constructor(private readonly undoing: Undoing) {}

  /**
   * Gives changed rows their old values. Those whose old values refer to rows that are not back yet wait for the second
   * call, behind {@link insert}.
   * @param last what cannot be written now is an error
   */
  async update(last: boolean): Promise<void> {
    for (const owner of await this.owners('update')) {
      const done = await this.inOrder(owner, last, async (mapping) => {
        const columns = await this.columns(mapping, 'update');
        if (columns.length === 0) return 0;
        return this.touch(updateSql(mapping, columns, ownedBy(owner)));
      });
      if (!done) continue;
      await this.undoing.session.query(
        `update pg_temp.etl_back b set action = 'updated' where action = 'update' and ${ownedBy(owner)}`,
      );
    }
  }

  /** Brings deleted rows back, the oldest owners' first: newer rows may refer to them. */
  async insert(): Promise<void> {
    for (const owner of await this.owners('insert')) {
      await this.inOrder(owner, true, async (mapping) => {
        const columns = await this.columns(mapping, 'insert');
        return this.touch(insertSql(mapping, columns, ownedBy(owner)));
      });
    }
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

  /** Does a work for each mapping in a subtransaction. @returns false where rows that are missing yet are referred to */
  private async inOrder(
    owner: Owner,
    last: boolean,
    work: (mapping: Undone) => Promise<number>,
  ): Promise<boolean> {
    const { session, mappings } = this.undoing;
    const n = ++this.subtransactions;
    await session.query(`savepoint etl_owner; insert into pg_temp.etl_sub values (${String(n)})`);
    try {
      let touched = 0;
      for (const mapping of mappings) touched += await work(mapping);
      const xid = await subtransaction(session, n);
      await session.query('release savepoint etl_owner');
      if (touched > 0) this.restored.push({ ...owner, xid });
      return true;
    } catch (error) {
      if (last || sqlstateOf(error) !== FOREIGN_KEY) throw error;
      await session.query('rollback to savepoint etl_owner; release savepoint etl_owner');
      return false;
    }
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

  /** Runs a statement that gives how many rows it wants to touch and how many it did. */
  private async touch(sql: string): Promise<number> {
    const { rows } = await this.undoing.session.query(sql);
    return assertTouched(rows[0] ?? []);
  }
}

/** @throws EtlError exit 5 where a trigger has kept rows from being written */
function assertTouched([table, wanted, touched]: readonly (string | null)[]): number {
  if (wanted === touched) return Number(touched);
  throw new EtlError(
    `${table ?? ''}: ${wanted ?? ''} rows were to be put back, and ${touched ?? ''} were: a trigger or rule of the table stands against it`,
    { exitCode: EXIT.checks, help: 'nothing was changed; look at its triggers' },
  );
}

/** The id of the subtransaction that wrote row `n`, extended to 64 bits beside the transaction's own. */
async function subtransaction(session: Session, n: number): Promise<string> {
  const { rows } = await session.query(
    `select xmin::text, txid_current() from pg_temp.etl_sub where n = ${String(n)}`,
  );
  const [low, top] = (rows[0] ?? []).map((text) => BigInt(text ?? '0'));
  if (low === undefined || top === undefined) throw new Error('the subtransaction left no row');
  const near = (top & ~0xffffffffn) | low;
  return String(near < top ? near + 0x100000000n : near);
}

const ownedBy = ({ run, mapping }: Owner): string =>
  `b.owner_run is not distinct from ${run === null ? 'null' : quoteText(run)}
   and b.owner_mapping is not distinct from ${mapping === null ? 'null' : quoteText(mapping)}`;

const toRestore = ({ n }: Undone, action: string, owned: string): string =>
  `b.m = ${String(n)} and b.action = '${action}' and ${owned}`;

const old = (name: string, type: string): string => `(b.was->>${quoteText(name)})::${type}`;

const counted = (mapping: Undone, which: string): string =>
  `select ${quoteText(mapping.rows.table)}, (select count(*) from pg_temp.etl_back b where ${which}), (select count(*) from done)`;

function updateSql(mapping: Undone, columns: Undone['columns'], owned: string): string {
  const sets = columns.map(({ name, type }) => {
    const [quoted, key] = [quoteName(name), quoteText(name)];
    return `${quoted} = case when b.was ? ${key} then ${old(name, type)} else t.${quoted} end`;
  });
  const which = toRestore(mapping, 'update', owned);
  return `with done as (update ${mapping.from} t set ${sets.join(', ')} from pg_temp.etl_back b
      where ${which} and ${matches(mapping, 'b.handle')} returning 1)
    ${counted(mapping, which)}`;
}

function insertSql(mapping: Undone, columns: Undone['columns'], owned: string): string {
  const names = columns.map(({ name }) => quoteName(name)).join(', ');
  const values = columns.map(({ name, type }) => old(name, type)).join(', ');
  const which = toRestore(mapping, 'insert', owned);
  if (columns.length === 0) return `select ${quoteText(mapping.rows.table)}, 0, 0`;
  return `with done as (insert into ${mapping.rows.table} (${names}) overriding system value
      select ${values} from pg_temp.etl_back b where ${which} order by b.first returning 1)
    ${counted(mapping, which)}`;
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
