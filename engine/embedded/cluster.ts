import { chown, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Binaries } from './binaries.js';
import { type Account, embeddedError, runProgram } from './program.js';

/**
 * Builds an empty cluster in `<cluster>/data`: UTF8 and code point order whatever the machine's locale
 * (LANG unset gives SQL_ASCII otherwise), the superuser `postgres`, passwords for every connection.
 */
export async function initialise(
  cluster: string,
  options: { binaries: Binaries; account: Account; password: string; durable: boolean },
): Promise<void> {
  const data = path.join(cluster, 'data');
  const passwordFile = path.join(cluster, 'password');
  await mkdir(data, { mode: 0o700 });
  await writeFile(passwordFile, options.password, { mode: 0o600 });
  if (options.account !== null) {
    for (const file of [data, passwordFile]) await chown(file, options.account.uid, options.account.gid);
  }
  const { code, output } = await runProgram(
    options.binaries.initdb,
    [
      ...['--pgdata', data, '--username', 'postgres', '--pwfile', passwordFile, '--auth', 'scram-sha-256'],
      ...['--encoding', 'UTF8', '--locale', 'C', '--locale-provider', 'builtin'],
      ...['--builtin-locale', 'C.UTF-8', '--no-instructions'],
      ...(options.durable ? [] : ['--no-sync']),
    ],
    options.account,
  );
  await rm(passwordFile);
  if (code !== 0) {
    throw embeddedError(
      `the embedded server's data cannot be built in ${data}: ${output.trim().split('\n').slice(-3).join(' ')}`,
      'Mend what PostgreSQL names (often: disk full, or a file system without permissions), then run again.',
    );
  }
}
