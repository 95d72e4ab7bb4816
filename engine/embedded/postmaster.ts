import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Account, ENVIRONMENT, embeddedError } from './program.js';

export interface Postmaster {
  readonly port: number;
  /** Ends all sessions, rolls their transactions back, writes a checkpoint, and waits for the end. */
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly postgres: string;
  readonly cluster: string;
  readonly account: Account;
  readonly durable: boolean;
}

/** Crash recovery of a large load may take its time. */
const START_WITHIN_MS = 120_000;
const STOP_WITHIN_MS = 30_000;

/** Another program may take the free port first; the backends of a killed postmaster need a moment to go. */
const WORTH_ANOTHER_TRY = /Address already in use|pre-existing shared memory block/;

function settings(port: number, durable: boolean): readonly string[] {
  const values: Readonly<Record<string, string | number>> = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 100,
    shared_buffers: '128MB',
    max_wal_size: '2GB',
    wal_level: 'replica',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...(durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Waits as pg_ctl does: line 1 of postmaster.pid is the process, line 8 its state. False where it ended instead. */
async function isReady(child: ChildProcess, data: string): Promise<boolean> {
  const deadline = Date.now() + START_WITHIN_MS;
  while (!hasEnded(child) && Date.now() < deadline) {
    const lines = (await readFile(path.join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
    if (lines[0] === String(child.pid) && lines[7]?.trim() === 'ready') return true;
    await sleep(10);
  }
  return false;
}

/**
 * In a session of its own, so that Ctrl-C in the terminal does not reach it before Node has finished; its log is
 * `<cluster>/server.log`, anew at every start.
 */
async function spawnPostmaster(options: StartOptions, port: number): Promise<ChildProcess> {
  const log = await open(path.join(options.cluster, 'server.log'), 'w');
  try {
    const args = ['-D', path.join(options.cluster, 'data'), ...settings(port, options.durable)];
    const child = spawn(options.postgres, args, {
      ...options.account,
      cwd: '/',
      env: ENVIRONMENT,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    await once(child, 'spawn');
    return child;
  } finally {
    await log.close();
  }
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  child.ref();
  const ended = once(child, 'exit');
  // PostgreSQL's fast shutdown; SIGQUIT is the immediate one, after which the next start recovers.
  child.kill('SIGINT');
  const timer = setTimeout(() => child.kill('SIGQUIT'), STOP_WITHIN_MS);
  await ended;
  clearTimeout(timer);
}

function postmasterOf(child: ChildProcess, port: number): Postmaster {
  child.unref();
  // Where Node ends without having called stop (an exception that nobody caught), the server still goes.
  const lastResort = (): void => void child.kill('SIGINT');
  process.once('exit', lastResort);
  let stopped: Promise<void> | null = null;
  return {
    port,
    stop: async () => {
      process.off('exit', lastResort);
      return (stopped ??= stopChild(child));
    },
  };
}

/** Starts the server on a free port of 127.0.0.1. Throws EtlError with the end of its log where it does not start. */
export async function startPostmaster(options: StartOptions): Promise<Postmaster> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const child = await spawnPostmaster(options, port);
    if (await isReady(child, path.join(options.cluster, 'data'))) return postmasterOf(child, port);
    await stopChild(child);
    const log = await readFile(path.join(options.cluster, 'server.log'), 'utf8');
    if (attempt < 20 && WORTH_ANOTHER_TRY.test(log)) {
      await sleep(250);
      continue;
    }
    throw embeddedError(
      `the embedded server does not start: ${log.trim().split('\n').slice(-3).join(' ')}`,
      `Mend what PostgreSQL names. Its whole log is in ${path.join(options.cluster, 'server.log')}.`,
    );
  }
}
