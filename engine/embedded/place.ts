import { chmod, mkdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { canEnter } from './account.js';
import { BACK_POINTER, baseFolder, projectOf, sweepClusters } from './base.js';
import { isOwned } from './owner.js';
import { type Account, embeddedError } from './program.js';

/** What `server.json` in the project's `.etl/embedded` holds: written last, so a cluster without it is half-built. */
export interface Pointer {
  /** Random, and the name of the cluster's folder: an older cluster is never taken for this one. */
  readonly id: string;
  /** The folder of the clusters: null for the one that holds server.json. */
  readonly home: string | null;
  readonly passwords: Passwords;
}

/** A secret each, hexadecimal. */
export interface Passwords {
  readonly admin: string;
  readonly source: string;
  readonly target: string;
}

const POINTER = 'server.json';

export function newPassword(): string {
  return randomBytes(24).toString('hex');
}

function isPointer(value: unknown): value is Pointer {
  if (typeof value !== 'object' || value === null || !('id' in value && 'home' in value)) return false;
  const passwords = 'passwords' in value ? value.passwords : null;
  return typeof value.id === 'string' && typeof passwords === 'object' && passwords !== null;
}

/** What `server.json` says; null where there is none. */
export async function readPointer(folder: string): Promise<Pointer | null> {
  try {
    const value: unknown = JSON.parse(await readFile(path.join(folder, POINTER), 'utf8'));
    return isPointer(value) ? value : null;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EACCES')) return null;
    throw embeddedError(
      `the embedded server's data in ${folder} belong to another user`,
      `Run the command as the user who built them, or remove ${folder} to start anew.`,
      error,
    );
  }
}

/** The cluster's own folder: `data` and `server.log` lie in it. */
export function clusterOf(folder: string, pointer: Pick<Pointer, 'id' | 'home'>): string {
  return path.join(pointer.home ?? folder, pointer.id);
}

/** The cluster that an earlier command built for this folder, or null. */
export async function findCluster(folder: string): Promise<Pointer | null> {
  const pointer = await readPointer(folder);
  if (pointer === null) return null;
  const cluster = clusterOf(folder, pointer);
  const exists = await stat(path.join(cluster, 'data/PG_VERSION')).catch(() => null);
  if (exists === null) return null;
  if (pointer.home === null) return pointer;
  const project = await projectOf(cluster);
  // A copied project folder must not share its original's data; a moved one keeps them.
  if (project !== folder && project !== null && (await readPointer(project))?.id === pointer.id) return null;
  await writeFile(path.join(cluster, BACK_POINTER), folder);
  return pointer;
}

/** An empty folder for a new cluster: in the project, or where the account can reach it. */
export async function makePlace(folder: string, account: Account): Promise<Pick<Pointer, 'id' | 'home'>> {
  const home = (await canEnter(folder, account)) ? null : await baseFolder();
  const place = { id: randomBytes(8).toString('hex'), home };
  const cluster = clusterOf(folder, place);
  await mkdir(cluster);
  await chmod(cluster, 0o755);
  if (home !== null) await writeFile(path.join(cluster, BACK_POINTER), folder);
  return place;
}

/** From here on the cluster is complete and a later command finds it. */
export async function writePointer(folder: string, pointer: Pointer): Promise<void> {
  const temporary = path.join(folder, `${POINTER}.new`);
  await rm(temporary, { force: true });
  await writeFile(temporary, JSON.stringify(pointer, null, 2), { mode: 0o600, flush: true });
  await rename(temporary, path.join(folder, POINTER));
}

/** Removes clusters that nothing points to any more: half-built, or of a project whose `.etl` was deleted. */
export async function sweep(folder: string, current: string | null): Promise<void> {
  await sweepClusters(folder, async (id) => id === current);
  if (process.getuid?.() !== 0) return;
  const base = await baseFolder();
  await sweepClusters(base, async (id) => {
    const project = await projectOf(path.join(base, id));
    if (project === null || project === folder) return id === current;
    return (await isOwned(project)) || (await readPointer(project))?.id === id;
  });
}

/** The folder's one true name, made where it is missing. @throws EtlError where that cannot be */
export async function realFolder(folder: string): Promise<string> {
  try {
    await mkdir(folder, { recursive: true });
    return await realpath(folder);
  } catch (error) {
    throw embeddedError(
      `the embedded server cannot keep its data in ${folder}: ${error instanceof Error ? error.message : String(error)}`,
      'Make the folder writable, or work on a copy of the project in another place.',
      error,
    );
  }
}
