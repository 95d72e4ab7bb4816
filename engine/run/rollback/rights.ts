import { EXIT, EtlError } from '../../contract/errors.js';
import type { RowSecurity } from '../../contract/catalogue.js';
import type { Session } from '../../contract/session.js';
import { sqlstateOf } from '../../postgres/failure.js';
import { quoteName, quoteText } from '../../postgres/identifier.js';
import { rowSecuritySql } from '../../postgres/row-security.js';
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
    `select format('%I.%I', n.nspname, c.relname), w.word, has_table_privilege(c.oid, w.word), ${rowSecuritySql('c', 'n')}
     from (values ${list.join(', ')}) w(oid, word) join pg_class c on c.oid = w.oid join pg_namespace n on n.oid = c.relnamespace`,
  );
  const secured = rows.flatMap(([table, word, , json]) =>
    json === null || json === undefined ? [] : [{ table, word, ...(JSON.parse(json) as RowSecurity) }],
  );
  const hiding = secured.filter(({ closed, word }) => closed.some((one) => one === word));
  if (hiding.length > 0) {
    const [tables, cures] = [hiding.map(({ table }) => table ?? ''), hiding.map(({ cure }) => cure)];
    throw new EtlError(
      `${[...new Set(tables)].join(', ')}: row-level security may hide rows from the target role, so that a rollback could miss some`,
      { exitCode: EXIT.usage, help: `nothing was changed; ${[...new Set(cures)].join('; ')}` },
    );
  }
  // Their policies hide nothing; any other table's would be an error still, were it not looked at above.
  if (secured.length > 0) await session.query('set local row_security = on');
  const lacking = rows.filter(([, , has]) => has !== 't');
  if (lacking.length === 0) return;
  const { rows: roles } = await session.query('select current_user');
  const role = quoteName(roles[0]?.[0] ?? '');
  const what = lacking.map(([table, word]) => `${word ?? ''} on ${table ?? ''}`);
  throw new EtlError(`the target role lacks rights that a rollback needs: ${what.join(', ')}`, {
    exitCode: EXIT.usage,
    help: `nothing was changed; ${what.map((one) => `grant ${one} to ${role}`).join('; ')}`,
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
