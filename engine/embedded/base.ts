import { chmod, lstat, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { embeddedError } from './program.js';
import { stopOrphan } from './orphan.js';

/** The name of a cluster's folder: the random id that `server.json` holds. */
const CLUSTER_ID = /^[0-9a-f]{16}$/;

/** Names the project that a cluster outside its project belongs to. */
export const BACK_POINTER = 'belongs-to';

/**
 * A folder that the server's own user can reach, for clusters and binaries of projects that it cannot
 * (`/root/…`): `/var/tmp/crosswalk-<uid>`. Others may write to /var/tmp, so it must be ours and a real folder.
 */
export async function baseFolder(): Promise<string> {
  const uid = process.getuid?.() ?? 0;
  const base = `/var/tmp/crosswalk-${String(uid)}`;
  await mkdir(base, { recursive: true });
  const found = await lstat(base);
  if (!found.isDirectory() || found.uid !== uid) {
    throw embeddedError(
      `${base} belongs to another user, so the embedded server cannot keep its data there`,
      `Remove ${base}, then run the command again.`,
    );
  }
  await chmod(base, 0o755);
  return base;
}

/** Stops what may still run on a cluster that nobody points to, and removes it. */
export async function discardCluster(cluster: string): Promise<void> {
  await stopOrphan(path.join(cluster, 'data'));
  // An initdb that outlived its killed parent may still write here; the next start then removes the rest.
  await rm(cluster, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
}

/** Removes the clusters below `home` of which `isWanted` says no. */
export async function sweepClusters(home: string, isWanted: (id: string) => Promise<boolean>): Promise<void> {
  const names = await readdir(home).catch(() => []);
  for (const name of names.filter((entry) => CLUSTER_ID.test(entry))) {
    if (!(await isWanted(name))) await discardCluster(path.join(home, name));
  }
}

/** The project folder that a cluster outside its project belongs to, or null. */
export async function projectOf(cluster: string): Promise<string | null> {
  return readFile(path.join(cluster, BACK_POINTER), 'utf8').catch(() => null);
}
