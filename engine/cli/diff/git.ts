import { execFileSync } from 'node:child_process';
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { EXIT, EtlError } from '../../contract/errors.js';

/** A commit of the repository that a folder lies in. */
export interface Commit {
  readonly id: string;
  /** `main (1a2b3c4)`. */
  readonly name: string;
  /** Absolute. */
  readonly root: string;
  /** The folder within the repository, with `/`; empty for its root. */
  readonly folder: string;
}

/**
 * What a ref means for a project folder. `A...` is the commit where the branches of A and HEAD part.
 * @throws EtlError exit 2 where there is no git, no repository or no such commit
 */
export function findCommit(folder: string, ref: string): Commit {
  const inFolder = { cwd: folder };
  const root = git(['rev-parse', '--show-toplevel'], inFolder, `${folder} lies in no git repository`).trim();
  const named = /^(.+)\.\.\.$/.exec(ref)?.[1];
  const missing = `git knows no commit "${ref}"`;
  const from =
    named === undefined
      ? ref
      : git(['merge-base', '--end-of-options', named, 'HEAD'], inFolder, missing).trim();
  const id = git(
    ['rev-parse', '--verify', '--quiet', '--end-of-options', `${from}^{commit}`],
    inFolder,
    missing,
  ).trim();
  const way = path.relative(realpathSync(root), realpathSync(folder)).split(path.sep).join('/');
  return { id, name: id.startsWith(ref) ? id.slice(0, 7) : `${ref} (${id.slice(0, 7)})`, root, folder: way };
}

/** Writes the folder's files as the commit has them. @returns how many there are */
export function exportCommit({ id, root, folder }: Commit, to: string): number {
  const at = { cwd: root };
  const listed = git(
    ['ls-tree', '-r', '-z', '--full-tree', id, ...(folder === '' ? [] : ['--', `${folder}/`])],
    at,
    'git cannot list its files',
  );
  const files = listed.split('\0').flatMap((line) => {
    const [, mode, kind, blob, name] = /^(\d+) (\w+) ([0-9a-f]+)\t(.+)$/s.exec(line) ?? [];
    return kind === 'blob' && blob !== undefined && name !== undefined ? [{ mode, blob, name }] : [];
  });
  const input = files.map(({ blob }) => `${blob}\n`).join('');
  const all = execFileSync('git', ['cat-file', '--batch'], { ...at, input, maxBuffer: Infinity });
  let place = 0;
  for (const { mode, name } of files) {
    const end = all.indexOf(10, place);
    const size = Number(all.toString('latin1', place, end).split(' ')[2]);
    const text = all.subarray(end + 1, end + 1 + size);
    place = end + size + 2;
    const file = path.join(to, path.posix.relative(folder, name));
    mkdirSync(path.dirname(file), { recursive: true });
    if (mode === '120000') symlinkSync(text.toString(), file);
    else writeFileSync(file, text);
  }
  return files.length;
}

function git(args: readonly string[], { cwd }: { readonly cwd: string }, wrong: string): string {
  try {
    return execFileSync('git', args, {
      cwd,
      encoding: 'utf8',
      maxBuffer: Infinity,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (cause) {
    const isThere = !(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT');
    throw new EtlError(isThere ? wrong : 'git is not installed here', {
      exitCode: EXIT.usage,
      help: isThere
        ? 'a shallow clone lacks commits: git fetch --depth=100, or in a workflow fetch-depth: 0'
        : '--base-dir compares two folders without git',
      cause,
    });
  }
}
