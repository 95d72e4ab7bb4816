import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { serverAccount } from '../../engine/embedded/account.js';
import { startPostmaster } from '../../engine/embedded/postmaster.js';
import { runProgram } from '../../engine/embedded/program.js';
import { createRoles, LOGINS, OWNERS, withClient } from '../../engine/embedded/roles.js';
import type { ServerUrls } from './database.js';

/** Where Debian's package postgresql-15 has its programs; another version's may be named. */
const PROGRAMS = process.env['OLDER_POSTGRES'] ?? '/usr/lib/postgresql/15/bin';

/** Whether an older PostgreSQL is there, beside the embedded server. */
export const hasOlderServer = existsSync(path.join(PROGRAMS, 'initdb'));

export interface OlderServer extends ServerUrls {
  stop(): Promise<void>;
}

/** The roles of the embedded server; before 14 nobody may read all data, so that the reader is one of the owners. */
async function rolesOf(admin: string, password: string): Promise<void> {
  await withClient(admin, async (client) => {
    const { rows } = await client.query<Record<string, string>>('show server_version_num');
    if (Number(Object.values(rows[0] ?? {})[0]) >= 140_000) {
      await createRoles(admin, { admin: password, source: password, target: password });
      return;
    }
    await client.query(`create role ${OWNERS.source} nologin;
      create role ${LOGINS.source} login password '${password}' in role ${OWNERS.source};
      alter role ${LOGINS.source} set default_transaction_read_only = on;
      create role ${LOGINS.target} login password '${password}'`);
  });
}

/** Starts an older PostgreSQL of its own, with the roles of the embedded server. */
export async function startOlderServer(): Promise<OlderServer> {
  const account = await serverAccount(null);
  const cluster = await mkdtemp(path.join(os.tmpdir(), 'crosswalk-older-'));
  await chmod(cluster, 0o755);
  const [data, words] = [path.join(cluster, 'data'), path.join(cluster, 'password')];
  const password = 'older';
  await mkdir(data, { mode: 0o700 });
  await writeFile(words, password, { mode: 0o600 });
  if (account !== null) for (const file of [data, words]) await chown(file, account.uid, account.gid);
  const { code, output } = await runProgram(
    path.join(PROGRAMS, 'initdb'),
    [
      ...['--pgdata', data, '--username', LOGINS.admin, '--pwfile', words, '--auth', 'scram-sha-256'],
      ...['--encoding', 'UTF8', '--locale', 'C', '--no-sync'],
    ],
    account,
  );
  if (code !== 0) throw new Error(`initdb: ${output}`);
  const postmaster = await startPostmaster({
    postgres: path.join(PROGRAMS, 'postgres'),
    cluster,
    account,
    durable: false,
  });
  const url = (role: keyof typeof LOGINS, database: string): string =>
    `postgres://${LOGINS[role]}:${password}@127.0.0.1:${String(postmaster.port)}/${database}`;
  const admin = url('admin', 'postgres');
  await rolesOf(admin, password);
  return {
    admin,
    source: url('source', ''),
    target: url('target', ''),
    stop: async () => {
      await postmaster.stop();
      await rm(cluster, { recursive: true, force: true });
    },
  };
}
