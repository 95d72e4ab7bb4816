import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from './port.js';

/** Whether pgbouncer is there (Debian's package of that name). */
export const hasPooler = (() => {
  try {
    execFileSync('pgbouncer', ['--version'], { stdio: 'ignore', env: WITH_SBIN() });
    return true;
  } catch {
    return false;
  }
})();

/** Debian has it where only root looks. */
function WITH_SBIN(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` };
}

/** A pgbouncer of its own before some urls. */
export interface Pooler {
  /** The url of a database as it was given, by way of the pooler. */
  url(name: string): string;
  stop(): Promise<void>;
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });

/** @param urls by name; the pooler logs in for whoever comes */
export async function startPooler(
  mode: 'session' | 'transaction' | 'statement',
  urls: Readonly<Record<string, string>>,
  settings: Readonly<Record<string, string>> = {},
): Promise<Pooler> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'crosswalk-pooler-'));
  await chmod(folder, 0o755);
  const port = await freePort();
  const databases = Object.entries(urls).map(([name, text]) => {
    const { hostname, port: behind, username, password, pathname } = new URL(text);
    return `${name} = host=${hostname} port=${behind} dbname=${pathname.slice(1)} user=${username} password=${password}`;
  });
  const own = { listen_addr: '127.0.0.1', listen_port: String(port), unix_socket_dir: '', auth_type: 'any', pool_mode: mode, default_pool_size: '20', ...settings }; // prettier-ignore
  const lines = Object.entries(own).map(([name, value]) => `${name} = ${value}`);
  const file = path.join(folder, 'pgbouncer.ini');
  await writeFile(file, ['[databases]', ...databases, '[pgbouncer]', ...lines, ''].join('\n'));
  // It refuses to run as root.
  const user = process.getuid?.() === 0 ? ['--user', 'nobody'] : [];
  const child: ChildProcess = spawn('pgbouncer', ['--quiet', ...user, file], {
    env: WITH_SBIN(),
    stdio: 'ignore',
  });
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`pgbouncer ended with ${String(child.exitCode)}`);
    await wait(20);
  }
  return {
    url: (name) => `postgres://whoever@127.0.0.1:${String(port)}/${name}`,
    stop: async () => {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
