import { mkdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EXIT, EtlError } from '../../contract/errors.js';
import { shownPath } from '../../mapping/index.js';
import { newProject } from '../init/files.js';
import { out, type Output } from '../io.js';

/** `etl init`: a project that validates, is tested and runs (--embedded). Nothing that stands is overwritten. */
export async function initCommand(folder: string, output: Output): Promise<number> {
  const root = path.resolve(folder);
  const files = Object.entries(newProject(root));
  const standing = await asyncFilter(files, ([file]) => exists(path.join(root, file)));
  const shown = (file: string): string => shownPath(path.join(root, file), process.cwd());
  if (standing.length > 0) {
    throw new EtlError(`${standing.map(([file]) => shown(file)).join(', ')} stands already`, {
      exitCode: EXIT.usage,
      help: 'name another folder; nothing was written',
    });
  }
  for (const [file, text] of files) {
    await mkdir(path.dirname(path.join(root, file)), { recursive: true });
    // Never over a file that somebody has made in the meantime.
    await writeFile(path.join(root, file), text, { flag: 'wx' });
  }
  const made = files.map(([file]) => shown(file));
  if (output.json) out(JSON.stringify({ version: 1, files: made }, null, 2));
  else
    out(
      [...made.map((file) => `made ${file}`), '', ...NEXT.map((line) => line.replace('DIR', folder))].join(
        '\n',
      ),
    );
  return EXIT.done;
}

const NEXT = [
  'Next: etl validate DIR',
  '      etl test DIR               the mapping’s unit tests',
  '      etl run DIR --embedded     the whole, on a PostgreSQL of its own',
];

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );

async function asyncFilter<T>(
  list: readonly T[],
  holds: (item: T) => Promise<boolean>,
): Promise<readonly T[]> {
  const found = await Promise.all(list.map(holds));
  return list.filter((_, n) => found[n] === true);
}
