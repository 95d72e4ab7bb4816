import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT, EtlError } from '../contract/errors.js';
import { isAlive } from './orphan.js';
import { isOwned } from './owner.js';
import { clusterOf, readPointer } from './place.js';
import { LOGINS } from './roles.js';

/** A server that another command has started gets this long to be ready. */
const READY_WITHIN_MS = 10_000;

/** What there is of a project's embedded server. */
export type Found =
  /** Nothing was built yet. */
  | { readonly kind: 'none' }
  /** Built, and nobody runs it. */
  | { readonly kind: 'idle' }
  /** Another command runs it; the url is its target's: a secret. It goes when that command ends. */
  | { readonly kind: 'running'; readonly targetUrl: string };

/**
 * Looks for a project's embedded server without starting or changing anything.
 * @throws EtlError exit 3 where another command has it and does not get it to run
 */
export async function findEmbedded(folder: string): Promise<Found> {
  const real = await realpath(folder).catch(() => null);
  if (real === null) return { kind: 'none' };
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    const owned = await isOwned(real);
    const pointer = await readPointer(real);
    if (!owned) return { kind: pointer === null ? 'none' : 'idle' };
    const port = pointer === null ? null : await readyPort(path.join(clusterOf(real, pointer), 'data'));
    if (pointer !== null && port !== null) {
      const { target } = pointer.passwords;
      return { kind: 'running', targetUrl: `postgres://${LOGINS.target}:${target}@127.0.0.1:${port}/target` };
    }
    if (Date.now() > deadline) break;
    await sleep(100);
  }
  throw new EtlError(`the command that has the embedded server in ${real} is still building it`, {
    exitCode: EXIT.transient,
    help: 'ask again in a moment',
  });
}

/** The port of a server that takes connections; of postmaster.pid line 1 is the process, 4 the port, 8 the state. */
async function readyPort(data: string): Promise<string | null> {
  const lines = (await readFile(path.join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  const isReady = lines[7]?.trim() === 'ready' && isAlive(Number(lines[0]));
  const port = lines[3]?.trim() ?? '';
  return isReady && /^\d+$/.test(port) ? port : null;
}
