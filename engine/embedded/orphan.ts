import { readFile, readlink, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { embeddedError, runProgram } from './program.js';

/** True where a process of that id exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** A postmaster works in its data folder; after a restart of the machine its id may be another process's. */
async function worksIn(pid: number, data: string): Promise<boolean> {
  if (process.platform === 'linux') {
    const folder = await readlink(`/proc/${String(pid)}/cwd`).catch(() => null);
    return folder !== null && folder === (await realpath(data));
  }
  const listed = await runProgram('ps', ['-p', String(pid), '-o', 'command=']).catch(() => null);
  return listed?.output.includes(data) ?? false;
}

async function isGone(pid: number, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (isAlive(pid)) {
    if (Date.now() > deadline) return false;
    await sleep(20);
  }
  return true;
}

/**
 * Stops the postmaster that a killed Node left behind on a data folder: its clients' transactions are rolled back.
 * Does nothing where none runs. Throws EtlError where it will not stop.
 */
export async function stopOrphan(data: string): Promise<void> {
  const pidFile = path.join(data, 'postmaster.pid');
  const text = await readFile(pidFile, 'utf8').catch(() => null);
  if (text === null) return;
  const pid = Number.parseInt(text, 10);
  if (!(pid > 0) || !isAlive(pid) || !(await worksIn(pid, data))) {
    await rm(pidFile, { force: true });
    return;
  }
  // SIGINT is PostgreSQL's fast shutdown, SIGQUIT the immediate one (pg_ctl's documentation).
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    process.kill(pid, signal);
    if (await isGone(pid, 15_000)) return;
  }
  throw embeddedError(
    `the embedded server of an earlier command, process ${String(pid)}, does not stop`,
    `End process ${String(pid)}, then run the command again.`,
  );
}
