import type { Connection } from '../../engine/contract/mapping.js';
import { EtlError } from '../../engine/contract/errors.js';
import { PgSession } from '../../engine/postgres/connect.js';
import { LIMITS } from '../../engine/postgres/settings.js';

/** Where the connections of these tests stand. */
export const place = { file: 'etl.yaml', line: 1, column: 1, length: 1 };

/**
 * Opens a connection and gives whom the server sees, or what is said of it: `exit code message = help`.
 * @param connect milliseconds
 */
export async function login(text: string, keys: Partial<Connection> = {}, connect = 5000): Promise<string> {
  const connection = { name: 'source', url: text, ssl: null, ca: null, searchPath: [], origin: 'URL', at: place, ...keys };
  try {
    const session = await PgSession.open(connection, 'crosswalk logins', { limits: { ...LIMITS, connect } });
    const { rows } = await session.query("select session_user || ' ' || current_setting('geqo')");
    await session.close();
    return rows[0]?.[0] ?? '';
  } catch (error) {
    if (!(error instanceof EtlError)) throw error;
    return `${String(error.exitCode)} ${error.message} = ${error.help ?? ''}`;
  }
} // prettier-ignore
