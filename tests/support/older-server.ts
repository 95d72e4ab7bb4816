import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { serverAccount } from '../../engine/embedded/account.js';
import { startPostmaster } from '../../engine/embedded/postmaster.js';
import { runProgram } from '../../engine/embedded/program.js';
import { createRoles, LOGINS } from '../../engine/embedded/roles.js';
import type { ServerUrls } from './database.js';

/** Where Debian's package postgresql-15 has its programs; another version's may be named. */
const PROGRAMS = process.env['OLDER_POSTGRES'] ?? '/usr/lib/postgresql/15/bin';

/** Whether an older PostgreSQL is there, beside the embedded server. */
export const hasOlderServer = existsSync(path.join(PROGRAMS, 'initdb'));

export interface OlderServer extends ServerUrls {
  stop(): Promise<void>;
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
  await createRoles(admin, { admin: password, source: password, target: password });
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
