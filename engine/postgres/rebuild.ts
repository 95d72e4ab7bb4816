import type { Deferred } from '../contract/constraints.js';
import { EtlError } from '../contract/errors.js';
import type { Session } from '../contract/session.js';
import { describeObject, type Described } from './described.js';
import { sqlstateOf } from './failure.js';

/** Names as the catalogue prints them in here are qualified, whoever reads them later. */
export const QUALIFIED = 'set local search_path = pg_catalog, pg_temp';

/** How often the table's lock is asked for, and for how long each time: whoever wants to write waits behind it. */
const TRIES = 3;
const LOCK_TIMEOUT = '1s';

const LOCK_NOT_AVAILABLE = '55P03';

/** Sessions besides this one that hold, on the table $1, a lock under which rows are written. */
const WRITERS_SQL = `
  select count(*) from pg_locks l where l.relation = $1::regclass and l.granted and l.pid <> pg_backend_pid()
    and l.database = (select oid from pg_database where datname = current_database())
    and l.mode in ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')`;

export interface DropRequest {
  /** Schema and table, quoted. */
  readonly table: string;
  readonly names: readonly string[];
  /** The table must have no row. */
  readonly empty: boolean;
  /** SQL that writes down what is dropped; runs in the same transaction. */
  readonly record: (dropped: readonly Deferred[]) => string;
}

export interface DropResult {
  readonly dropped: readonly Deferred[];
  /** Those that stay, and why. */
  readonly kept: readonly { readonly name: string; readonly reason: string }[];
  /** Why nothing was tried; null where it was. */
  readonly refused: string | null;
}

const refuse = (refused: string): DropResult => ({ dropped: [], kept: [], refused });

/**
 * Drops constraints and indexes of a table that come back as they were: each was dropped, built again and
 * compared before, in the same transaction, and that was taken back.
 */
export async function dropProven(session: Session, request: DropRequest): Promise<DropResult> {
  const [writers] = (await session.query(WRITERS_SQL, [request.table])).rows;
  if (writers?.[0] !== '0') return refuse('somebody else is writing to the table');
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    try {
      await session.query(`begin; ${QUALIFIED}; set local lock_timeout = '${LOCK_TIMEOUT}';
        lock table only ${request.table} in access exclusive mode`);
      const result = await proveAndDrop(session, request);
      await session.query(result.dropped.length === 0 ? 'rollback' : 'commit');
      return result;
    } catch (error) {
      await session.query('rollback').catch(() => undefined);
      if (sqlstateOf(error) !== LOCK_NOT_AVAILABLE) throw error;
    }
  }
  return refuse('somebody else holds a lock on the table, or on one that it refers to');
}

async function proveAndDrop(session: Session, request: DropRequest): Promise<DropResult> {
  const { table, names, empty, record } = request;
  const [filled] = (await session.query(`select exists (select from only ${table})`)).rows;
  if (empty && filled?.[0] !== 'f') return refuse('the table is not empty any more');
  const proven: Described[] = [];
  const kept: { name: string; reason: string }[] = [];
  // A unique index that stays would refuse rows because of rows that are taken back later.
  let frail: string | null = null;
  for (const name of names) {
    const found = await describeObject(session, table, name);
    const reason = found === null ? 'it is not there any more' : await rehearse(session, table, found);
    if (reason !== null) kept.push({ name, reason });
    else if (found !== null) proven.push(found);
    if (reason !== null && found?.unique === true)
      frail = `${name} stays, and refuses rows because of others`;
  }
  for (const { name, steady } of proven) {
    if (frail !== null && !steady) kept.push({ name, reason: frail });
  }
  const dropped = proven
    .filter(({ steady }) => frail === null || steady)
    .sort((a, b) => RANK[a.kind] - RANK[b.kind])
    .map(asDeferred);
  // The other way round than they come back: a foreign key may stand on an index that goes as well.
  const drops = dropped.map(({ dropSql }) => dropSql).reverse();
  if (dropped.length > 0) await session.query([...drops, record(dropped)].join('; '));
  return { dropped, kept, refused: null };
}

/** Indexes and unique constraints come back first, in their own order: foreign keys are looked up by them. */
const RANK: Readonly<Record<Deferred['kind'], number>> = { unique: 0, index: 0, foreign_key: 1, trigger: 2 };

const asDeferred = (found: Described, ordinal: number): Deferred => {
  const { name, kind, dropSql, createSql, validateSql, violatorsSql } = found;
  return { object: name, kind, ordinal, dropSql, createSql, validateSql, violatorsSql };
};

/** Drops and builds again, and takes that back. Gives why it would not come back as it was, or null. */
async function rehearse(session: Session, table: string, before: Described): Promise<string | null> {
  await session.query('savepoint etl_rehearsal');
  try {
    const build = [...before.createSql, ...(before.validateSql === null ? [] : [before.validateSql])];
    await session.query([before.dropSql, ...build].join('; '));
    const after = await describeObject(session, table, before.name);
    return after?.description === before.description ? null : 'it would not come back as it was';
  } catch (error) {
    const state = sqlstateOf(error);
    if (!(error instanceof EtlError) || state === null || state === LOCK_NOT_AVAILABLE) throw error;
    return `it could not be put back: ${error.message}`;
  } finally {
    await session.query('rollback to savepoint etl_rehearsal').catch(() => undefined);
  }
}
