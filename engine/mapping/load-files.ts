import { createHash } from 'node:crypto';
import { readFileSync, realpathSync, statSync, type Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { Located } from '../contract/problem.js';
import { errorAt } from './report.js';
import type { Report } from './report.js';
import { shownPath } from './shown.js';
import { FILE_LIMIT } from './yaml.js';

/** What was agreed to, in the project folder: it speaks of runs, so it is no part of what they load. */
export const EXCEPTIONS_FILE = 'exceptions.yaml';

/** A text file of the project. */
export interface ProjectText {
  /** The path as positions carry it; see {@link shownPath}. */
  readonly shown: string;
  /** Without a byte order mark. */
  readonly text: string;
}

/** Why a file cannot be used. */
export interface Unreadable {
  readonly reason: string;
  readonly tooLarge: boolean;
}

/** Absolute paths, sorted. */
export interface ProjectPaths {
  readonly mappings: readonly string[];
  /** Files of unit tests. */
  readonly tests: readonly string[];
}

/** The files of a project folder: the one place of this room that reads them. */
export class ProjectFiles {
  /** Absolute. */
  readonly folder: string;
  /** By the path that positions carry: the texts read so far, for code frames. */
  readonly texts = new Map<string, string>();
  readonly #cwd: string;
  readonly #digests = new Map<string, string>();

  constructor(folder: string, cwd: string) {
    this.#cwd = cwd;
    this.folder = resolve(cwd, folder);
  }

  shown(absolute: string): string {
    return shownPath(absolute, this.#cwd);
  }

  /** Reads UTF-8 text strictly; `limit` in bytes. Counts towards the hash. */
  read(absolute: string, limit = Infinity): ProjectText | Unreadable {
    try {
      const size = statSync(absolute).size;
      if (size > limit) return { reason: `${String(Math.ceil(size / 1024))} KB`, tooLarge: true };
      const bytes = readFileSync(absolute);
      const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
      this.#digests.set(slashes(relative(this.folder, absolute)), sha256(bytes));
      const shown = this.shown(absolute);
      this.texts.set(shown, text);
      return { shown, text };
    } catch (error) {
      return { reason: reasonOf(error), tooLarge: false };
    }
  }

  /** The text of `.env` beside etl.yaml, or null. Secrets: neither hashed nor kept for frames. */
  dotenv(): string | null {
    try {
      return readFileSync(join(this.folder, '.env'), 'utf8');
    } catch {
      return null;
    }
  }

  /**
   * The absolute path that a file of the project names, or null with the problem reported: it lies outside
   * the folder (links followed) or does not exist. `hashed`: its content counts towards the hash.
   */
  find(path: Located<string>, hashed: boolean, report: Report): string | null {
    const absolute = resolve(this.folder, path.value);
    if (!inside(this.folder, absolute)) return outside(path, report);
    try {
      if (!inside(realpathSync(this.folder), realpathSync(absolute))) return outside(path, report);
      if (!statSync(absolute).isFile()) return unreadable(path, this.shown(absolute), 'no file', report);
      if (hashed) this.#digests.set(slashes(relative(this.folder, absolute)), sha256(readFileSync(absolute)));
      return absolute;
    } catch (error) {
      return unreadable(path, this.shown(absolute), reasonOf(error), report);
    }
  }

  /** The absolute path of a file that may lie anywhere (a CA bundle); reported where it does not exist. */
  anywhere(path: Located<string>, report: Report): string {
    const absolute = resolve(this.folder, path.value);
    try {
      statSync(absolute);
    } catch (error) {
      unreadable(path, this.shown(absolute), reasonOf(error), report);
    }
    return absolute;
  }

  /** The text of a file that the project names; null with the problem reported. */
  text(path: Located<string>, report: Report): ProjectText | null {
    const absolute = this.find(path, true, report);
    if (absolute === null) return null;
    const read = this.read(absolute, FILE_LIMIT);
    if ('text' in read) return read;
    if (!read.tooLarge) return unreadable(path, this.shown(absolute), read.reason, report);
    const message = `the file "${path.value}" has ${read.reason}, more than ${String(FILE_LIMIT / 1024)} KB`;
    report(errorAt('ETL-YAML-003', path.at, message, { help: 'make a view of it in the source' }));
    return null;
  }

  /** The mappings and their tests: at any depth, hidden folders and node_modules apart. */
  async paths(): Promise<ProjectPaths> {
    const found: string[] = [];
    const walk = async (folder: string): Promise<void> => {
      const entries = await readdir(folder, { withFileTypes: true });
      for (const entry of entries) {
        const absolute = join(folder, entry.name);
        if (entry.name.startsWith('.')) continue;
        if (entry.isDirectory() && entry.name !== 'node_modules') await walk(absolute);
        else if (this.#isOurs(absolute, entry)) found.push(absolute);
      }
    };
    await walk(this.folder);
    const isTest = (path: string): boolean => /\.test\.ya?ml$/.test(path);
    found.sort();
    return { mappings: found.filter((path) => !isTest(path)), tests: found.filter(isTest) };
  }

  /** sha256 of the contents of all files read that decide about rows, hex, by their sorted relative paths. */
  digests(): ReadonlyMap<string, string> {
    const deciding = [...this.#digests].filter(([path]) => path !== EXCEPTIONS_FILE);
    return new Map(deciding.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** sha256 over {@link digests}, hex. */
  hash(): string {
    return sha256([...this.digests()].map(([path, digest]) => `${path}\0${digest}\n`).join(''));
  }

  /** Links count where they lead to a file within the folder; what is no link is within it. */
  #isOurs(absolute: string, entry: Dirent): boolean {
    if (!/\.ya?ml$/.test(entry.name)) return false;
    if (['etl.yaml', EXCEPTIONS_FILE].includes(relative(this.folder, absolute))) return false;
    if (!entry.isSymbolicLink()) return entry.isFile();
    try {
      return statSync(absolute).isFile() && inside(realpathSync(this.folder), realpathSync(absolute));
    } catch {
      return false;
    }
  }
}

function inside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function outside({ value, at }: Located<string>, report: Report): null {
  const help = 'copy the file into the project folder';
  report(errorAt('ETL-FILE-001', at, `the path "${value}" leads out of the project folder`, { help }));
  return null;
}

function unreadable({ value, at }: Located<string>, shown: string, reason: string, report: Report): null {
  const message = `the file "${value}" cannot be read: ${reason}`;
  const help = `paths are relative to the project folder; looked for ${shown}`;
  report(errorAt('ETL-FILE-002', at, message, { help }));
  return null;
}

function reasonOf(error: unknown): string {
  if (error instanceof TypeError) return 'it is not UTF-8 text';
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  return code === 'ENOENT' ? 'it does not exist' : code;
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

function slashes(path: string): string {
  return path.split(sep).join('/');
}
