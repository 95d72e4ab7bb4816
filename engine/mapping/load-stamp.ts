import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** Folders in which no file of a project lies. */
const OTHERS: readonly string[] = ['.etl', '.git', 'node_modules'];

/** In a folder with more entries each would have to be looked at for too long. */
const MOST = 10_000;

/**
 * A word that is another one as soon as any file of a project's folder is: by names, sizes and times, read without opening
 * them. Null where the folder cannot be read, or holds too much.
 */
export async function stampOf(folder: string): Promise<string | null> {
  const hash = createHash('sha256');
  let entries = 0;
  const walk = async (at: string): Promise<void> => {
    const found = await readdir(at, { withFileTypes: true });
    entries += found.length;
    if (entries > MOST) throw new RangeError('too many entries');
    for (const entry of found.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (OTHERS.includes(entry.name)) continue;
      const path = join(at, entry.name);
      if (entry.isDirectory()) await walk(path);
      else hash.update(`${path}\0${await changeOf(path)}\n`);
    }
  };
  try {
    await walk(resolve(folder));
    return hash.digest('hex');
  } catch {
    return null;
  }
}

/** Links are followed; one that leads nowhere is a change of its own. */
async function changeOf(path: string): Promise<string> {
  try {
    const { size, mtimeNs, ctimeNs, ino } = await stat(path, { bigint: true });
    return [size, mtimeNs, ctimeNs, ino].join(' ');
  } catch {
    return 'unreadable';
  }
}
