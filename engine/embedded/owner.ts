import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EXIT, EtlError } from '../contract/errors.js';
import { isAlive } from './orphan.js';

/** `pid start`: the start time tells a process from a later one that was given the same id. */
async function signature(pid: number): Promise<string> {
  const status = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => '');
  // proc(5): the name, field 2, may hold anything; field 22 is the start time.
  const start = status.slice(status.lastIndexOf(')') + 2).split(' ')[19];
  return `${String(pid)} ${start ?? '-'}`;
}

async function readOwner(file: string): Promise<{ text: string; pid: number; alive: boolean } | null> {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return null;
  const pid = Number.parseInt(text, 10);
  return { text, pid, alive: pid > 0 && isAlive(pid) && (await signature(pid)) === text };
}

/** True while a living process holds the folder's server. */
export async function isOwned(folder: string): Promise<boolean> {
  return (await readOwner(path.join(folder, 'owner')))?.alive ?? false;
}

/** Puts a dead owner's file aside; puts it back where another process took the folder in between. */
async function dropDeadOwner(file: string, dead: string): Promise<void> {
  const aside = `${file}.${String(process.pid)}.dead`;
  await rename(file, aside).catch(() => undefined);
  const moved = await readFile(aside, 'utf8').catch(() => dead);
  if (moved !== dead) await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
}

/**
 * Takes the folder's server for this process until the returned function is called. Throws EtlError where another
 * living process has it; a process that was killed has not.
 */
export async function takeOwnership(folder: string): Promise<() => Promise<void>> {
  const file = path.join(folder, 'owner');
  const own = `${file}.${String(process.pid)}`;
  await writeFile(own, await signature(process.pid));
  try {
    for (;;) {
      try {
        // A link appears with its content or not at all.
        await link(own, file);
        return async () => rm(file, { force: true });
      } catch (error) {
        const owner = await readOwner(file);
        if (owner?.alive) throw inUse(folder, owner.pid);
        if (owner === null && !isTaken(error)) throw error;
        if (owner !== null) await dropDeadOwner(file, owner.text);
      }
    }
  } finally {
    await rm(own, { force: true });
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}

function inUse(folder: string, pid: number): EtlError {
  return new EtlError(`the embedded server in ${folder} is in use by process ${String(pid)}`, {
    exitCode: EXIT.transient,
    help: 'Let the other command end, or stop it, then run this one again.',
  });
}
