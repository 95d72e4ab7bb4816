import type { LimitFunction } from 'p-limit';
import type { Deferred, OwnRows } from '../../contract/constraints.js';
import { EtlError } from '../../contract/errors.js';
import type { Session } from '../../contract/session.js';
import { isRowRefusal, sqlstateOf } from '../../postgres/failure.js';
import { quoteText } from '../../postgres/identifier.js';
import { QUALIFIED } from '../../postgres/rebuild.js';
import { forgetSql, holdSql } from '../../state/deferred.js';

/** An object that did not come back because of rows, and what the server said. */
export interface Failed {
  readonly deferred: Deferred;
  readonly error: EtlError;
}

export interface PutBackInputs {
  readonly session: Session;
  /** The state schema, quoted. */
  readonly schema: string;
  readonly rows: OwnRows;
  /** One at a time: two foreign keys that are added over common tables would wait for each other. */
  readonly ddl: LimitFunction;
  /** Does a transaction again where it fails for what may pass, on a new connection where that was lost; null: only what has met a deadlock. */
  readonly again: ((work: () => Promise<void>) => Promise<void>) | null;
}

/** Tries at what other sessions' locks made the server give up. */
const TRIES = 3;
const DEADLOCK = '40P01';

/** Brings objects back in their order, and gives those that rows stand in the way of. @throws EtlError for all else */
export async function putBack(
  inputs: PutBackInputs,
  objects: readonly Deferred[],
): Promise<readonly Failed[]> {
  const failed: Failed[] = [];
  for (const deferred of objects) {
    try {
      await putBackOne(inputs, deferred);
    } catch (error) {
      if (!(error instanceof EtlError) || !isRowRefusal(error)) throw error;
      failed.push({ deferred, error });
    }
  }
  return failed;
}

async function putBackOne(inputs: PutBackInputs, deferred: Deferred): Promise<void> {
  const { schema, rows, ddl } = inputs;
  const { createSql, validateSql } = deferred;
  const forget = forgetSql(schema, rows, deferred);
  if (validateSql === null) {
    await transaction(inputs, deferred, [...createSql, forget], [forget]);
    return;
  }
  // In two steps: the first one's lock lets nobody write to the other table, the second one's does.
  await ddl(() => transaction(inputs, deferred, createSql, []));
  await transaction(inputs, deferred, [validateSql, forget], [validateSql, forget]);
}

/** Does one step where it is still to be done; `there` where the object stands already. */
async function transaction(
  inputs: PutBackInputs,
  deferred: Deferred,
  missing: readonly string[],
  there: readonly string[],
): Promise<void> {
  const work = (): Promise<void> => tryOnce(inputs, deferred, missing, there);
  if (inputs.again !== null) {
    await inputs.again(work);
    return;
  }
  for (let attempt = 1; ; attempt++) {
    try {
      await work();
      return;
    } catch (error) {
      if (sqlstateOf(error) !== DEADLOCK || attempt >= TRIES) throw error;
    }
  }
}

async function tryOnce(
  { session, schema, rows }: PutBackInputs,
  deferred: Deferred,
  missing: readonly string[],
  there: readonly string[],
): Promise<void> {
  try {
    await session.query(`begin; ${QUALIFIED}`);
    const held = await session.query(holdSql(schema, rows, deferred));
    if (held.rows.length > 0) {
      const [found] = (await session.query(existsSql(rows.table, deferred))).rows;
      const statements = found?.[0] === 't' ? there : missing;
      if (statements.length > 0) await session.query(statements.join('; '));
    }
    await session.query('commit');
  } catch (error) {
    await session.query('rollback').catch(() => undefined);
    throw error;
  }
}

const existsSql = (table: string, { kind, object }: Deferred): string => {
  const [of, name] = [`${quoteText(table)}::regclass`, quoteText(object)];
  // Whoever has dropped the trigger meanwhile does not want it back.
  if (kind === 'trigger')
    return `select not exists (select from pg_trigger where tgrelid = ${of} and tgname = ${name} and tgenabled = 'D')`;
  return kind === 'index'
    ? `select exists (select from pg_index i join pg_class x on x.oid = i.indexrelid
        where i.indrelid = ${of} and x.relname = ${name})`
    : `select exists (select from pg_constraint where conrelid = ${of} and conname = ${name})`;
};
