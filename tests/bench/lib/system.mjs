import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRoles, LOGINS } from '../../../dist/engine/embedded/roles.js';
import { runProgram } from './process.mjs';

const HOME = '/usr/lib/postgresql';

/** The folder of the newest PostgreSQL server that the system's packages brought, or null. */
function findBinaries() {
  const versions = existsSync(HOME) ? readdirSync(HOME).sort((a, b) => Number(b) - Number(a)) : [];
  const found = versions.find((version) => existsSync(path.join(HOME, version, 'bin/postgres')));
  return found === undefined ? null : path.join(HOME, found, 'bin');
}

/** PostgreSQL refuses to run as root: then the package's own user runs it. Null: who runs this. */
async function accountOfServer() {
  if (process.getuid() !== 0) return null;
  const ids = [await runProgram('id', ['-u', 'postgres']), await runProgram('id', ['-g', 'postgres'])];
  const [uid, gid] = ids.map(({ code, stdout }) => (code === 0 ? Number(stdout) : 0));
  if (!uid || !gid) throw new Error('as root --server system needs the user postgres, who does not exist');
  return { uid, gid };
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

/** The settings of the embedded server, so that only the version differs. */
const settings = (port) =>
  Object.entries({
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 100,
    shared_buffers: '128MB',
    max_wal_size: '2GB',
    wal_level: 'replica',
    timezone: 'UTC',
    log_timezone: 'UTC',
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);

async function isReady(child, data) {
  for (let waited = 0; waited < 600 && child.exitCode === null; waited += 1) {
    const pid = path.join(data, 'postmaster.pid');
    const state = existsSync(pid) ? readFileSync(pid, 'utf8').split('\n')[7] : '';
    if (state?.trim() === 'ready') return true;
    await sleep(100);
  }
  return false;
}

async function spawnServer(folder, binaries, passwords, account) {
  const data = path.join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  const secret = path.join(folder, 'password');
  writeFileSync(secret, passwords.admin, { mode: 0o600 });
  for (const file of account ? [folder, data, secret] : []) chownSync(file, account.uid, account.gid);
  const options = {
    ...account,
    cwd: '/',
    stdio: ['ignore', 'ignore', openSync(path.join(folder, 'log'), 'w')],
  };
  const words = ['-D', data, '-U', LOGINS.admin, '-A', 'scram-sha-256', '--pwfile', secret, '-E', 'UTF8'];
  const made = spawn(path.join(binaries, 'initdb'), [...words, '--locale=C.UTF-8'], options);
  const [code] = await once(made, 'exit');
  if (code !== 0)
    throw new Error(`initdb ended with ${code}: ${readFileSync(path.join(folder, 'log'), 'utf8')}`);
  const port = await freePort();
  const child = spawn(path.join(binaries, 'postgres'), ['-D', data, ...settings(port)], {
    ...options,
    detached: true,
  });
  // Where this process ends without having stopped it, the server still goes.
  process.once('exit', () => child.kill('SIGINT'));
  if (await isReady(child, data)) return { child, port };
  throw new Error(`PostgreSQL does not start: ${readFileSync(path.join(folder, 'log'), 'utf8')}`);
}

/**
 * A throw-away cluster of the system's PostgreSQL in an empty folder, with the embedded server's roles and settings
 * and of the same shape as `startEmbedded` gives. @throws where there is none or it does not start
 */
export async function startSystem(folder) {
  const binaries = findBinaries();
  if (binaries === null)
    throw new Error(`--server system: no PostgreSQL server below ${HOME}. Install one, or leave it out`);
  const secret = () => randomBytes(16).toString('hex');
  const passwords = { admin: secret(), source: secret(), target: secret() };
  const { child, port } = await spawnServer(folder, binaries, passwords, await accountOfServer());
  const url = (database, role = ['source', 'target'].includes(database) ? database : 'admin') =>
    `postgres://${LOGINS[role]}:${passwords[role]}@127.0.0.1:${port}/${database}`;
  const stop = async () => {
    if (child.exitCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGINT');
    await gone;
  };
  try {
    await createRoles(url('postgres', 'admin'), passwords);
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, url, stop };
}
