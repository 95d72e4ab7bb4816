import { EXIT, EtlError } from '../../contract/errors.js';
import type { Session } from '../../contract/session.js';
import { sqlstateOf } from '../../postgres/failure.js';
import { quoteText } from '../../postgres/identifier.js';
import type { ForeignKey } from '../closure/foreign-keys.js';
import type { Undone } from './tables.js';

const LOCK_TIMEOUT = '55P03';
/** Transactions after which 32 bits do not tell rows apart any more. */
const TOO_OLD = 2_147_483_648n;

/** @throws EtlError exit 2 where the role lacks a right, or would not see every row */
export async function assertRights(
  session: Session,
  mappings: readonly Undone[],
  incoming: readonly ForeignKey[],
): Promise<void> {
  const wanted = new Map<string, Set<string>>();
  const need = (oid: string, rights: readonly string[]): void => {
    wanted.set(oid, new Set([...(wanted.get(oid) ?? []), ...rights]));
  };
  for (const { oid } of mappings) need(oid, ['select', 'insert', 'update', 'delete']);
  for (const { oid } of incoming) need(oid, ['select']);
  const list = [...wanted].flatMap(([oid, rights]) =>
    [...rights].map((right) => `(${oid}::oid, ${quoteText(right)})`),
  );
  const { rows } = await session.query(
    `select w.oid::regclass::text, w.word, row_security_active(w.oid) from (values ${list.join(', ')}) w(oid, word)
     where row_security_active(w.oid) or not (case when w.word = 'select' then has_table_privilege(w.oid, 'select')
       else has_table_privilege(w.oid, w.word) end)`,
  );
  const hidden = new Set(rows.filter((row) => row[2] === 't').map((row) => row[0] ?? ''));
  if (hidden.size > 0) {
    throw new EtlError(
      `${[...hidden].join(', ')}: row-level security may hide rows from the target role, so that a rollback could miss some`,
      {
        exitCode: EXIT.usage,
        help: 'nothing was changed; roll back as the owner, or as a role with bypassrls',
      },
    );
  }
  if (rows.length === 0) return;
  const lacking = rows.map(([table, word]) => `${word ?? ''} on ${table ?? ''}`).join(', ');
  throw new EtlError(`the target role lacks rights that a rollback needs: ${lacking}`, {
    exitCode: EXIT.usage,
    help: 'nothing was changed; grant them, or roll back as the owner',
  });
}

/** Keeps everyone else from writing to the tables until the transaction ends. @throws EtlError exit 3 where they are in use */
export async function lockTables(session: Session, mappings: readonly Undone[]): Promise<void> {
  const tables = [...new Set(mappings.map(({ from }) => from))].sort();
  try {
    await session.query(
      `set local lock_timeout = '10s'; lock table ${tables.join(', ')} in share row exclusive mode`,
    );
  } catch (error) {
    if (sqlstateOf(error) !== LOCK_TIMEOUT) throw error;
    throw new EtlError(
      `someone else is writing to ${tables.join(', ')}, and a rollback needs them for itself`,
      {
        exitCode: EXIT.transient,
        help: 'nothing was changed; wait until he is done, then again',
        cause: error,
      },
    );
  }
}

/** @throws EtlError exit 2 where transaction ids have come round since the run */
export async function assertRecent(session: Session, schema: string, run: string): Promise<void> {
  const { rows } = await session.query(
    `select txid_current(), min(xid) from ${schema}.batches where run = $1`,
    [run],
  );
  const [now, first] = rows[0] ?? [];
  if (typeof now !== 'string' || typeof first !== 'string' || BigInt(now) - BigInt(first) < TOO_OLD) return;
  throw new EtlError(
    `run ${run} is more than 2^31 transactions old: its rows cannot be told from later ones any more`,
    {
      exitCode: EXIT.usage,
      help: 'restore from a backup, or take its rows away by hand: etl.batches names them',
    },
  );
}
