import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** What libpq looks at beside the connection's own text. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of `.pgpass` and its like: the home folder, or PostgreSQL's own in Windows' application data. */
  readonly home: string;
  /** Who is logged in: the user of a connection that names none. */
  readonly login: string;
}

/** This process's own. */
export function thisWorld(): World {
  const { env } = process;
  const windows = process.platform === 'win32';
  let login = 'postgres';
  try {
    login = os.userInfo().username;
  } catch {
    // A container may run as a number that nobody has given a name.
  }
  return { env, home: windows ? path.join(env['APPDATA'] ?? '', 'postgresql') : os.homedir(), login };
}

/** Nothing: of a connection whose text says it all. */
export const NO_WORLD: World = { env: {}, home: '', login: 'postgres' };

/** A file of the home folder, as libpq names it on this system. */
export function homeFile({ home }: World, unix: string, windows: string): string | null {
  return home === '' ? null : path.join(home, process.platform === 'win32' ? windows : unix);
}

/** The text of a file, or null where there is none. @throws the system's error where it cannot be read */
export const textOf = (file: string): string | null => (existsSync(file) ? readFileSync(file, 'utf8') : null);
