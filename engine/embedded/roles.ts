import { Client } from 'pg';
import type { Passwords } from './place.js';

/** The login of each end point. `etl_source` reads, `etl_target` owns the target; only `postgres` is superuser. */
export const LOGINS = { admin: 'postgres', source: 'etl_source', target: 'etl_target' } as const;

export type Role = keyof typeof LOGINS;

/** Who owns a database and what its SQL files make. The source's owner cannot log in. */
export const OWNERS = { source: 'etl_source_owner', target: 'etl_target' } as const;

/** Runs `work` with a connection that is closed in the end, whatever happens. */
export async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, application_name: 'crosswalk' });
  // Without a listener a terminated backend ends the process; the query in flight fails and says so.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The roles of a new cluster. `pg_read_all_data` covers every table, view and sequence, later ones too. */
export async function createRoles(adminUrl: string, passwords: Passwords): Promise<void> {
  await withClient(adminUrl, async (client) => {
    await client.query(`
      create role ${OWNERS.source} nologin;
      create role ${LOGINS.source} login password '${passwords.source}' in role pg_read_all_data;
      alter role ${LOGINS.source} set default_transaction_read_only = on;
      create role ${LOGINS.target} login password '${passwords.target}';
      revoke connect on database postgres, template1 from public;
    `);
  });
}

/** A new, empty database that its owner may fill and, for a source, `etl_source` may read; nobody else may enter. */
export async function createDatabase(admin: Client, name: string, kind: keyof typeof OWNERS): Promise<void> {
  const database = admin.escapeIdentifier(name);
  await admin.query(`create database ${database} template template0 owner ${OWNERS[kind]}`);
  await admin.query(`revoke all on database ${database} from public`);
  await admin.query(`grant connect on database ${database} to ${LOGINS[kind]}`);
}
