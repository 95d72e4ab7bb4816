import { EXIT, EtlError } from '../contract/errors.js';
import type { Session } from '../contract/session.js';
import { quoteName } from '../postgres/identifier.js';
import { UPGRADES } from './schema.js';

/**
 * Begins a transaction that reads the state as it is at one moment, and changes nothing: no schema is made, no
 * project's lock asked for; the right to select is enough.
 * @returns the schema, quoted; null where there is none yet
 * @throws EtlError exit 2 where it is another version's
 */
export async function beginReading(session: Session, stateSchema: string): Promise<string | null> {
  await session.query('begin isolation level repeatable read read only');
  const { rows } = await session.query(
    `select exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = 'version')`,
    [stateSchema],
  );
  if (rows[0]?.[0] !== 't') return null;
  const schema = quoteName(stateSchema);
  const version = Number((await session.query(`select version from ${schema}.version`)).rows[0]?.[0] ?? 0);
  if (version === UPGRADES.length) return schema;
  const older = version < UPGRADES.length;
  throw new EtlError(
    `the state schema "${stateSchema}" was written by ${older ? 'an older' : 'a newer'} Crosswalk`,
    { exitCode: EXIT.usage, help: older ? 'the next run brings it up to date' : 'use that version' },
  );
}

/** Ends what {@link beginReading} began. */
export const endReading = async (session: Session): Promise<void> => {
  await session.query('rollback');
};

/** SQL of a time as ISO 8601 in UTC, milliseconds. */
export const isoSql = (sql: string): string =>
  `to_char(${sql} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
