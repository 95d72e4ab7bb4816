import { statSync } from 'node:fs';
import { homeFile, textOf, type World } from './world.js';

/** Whose password is looked for. */
export interface Whose {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/** What a password file gives, or why it was left out. */
export interface PassfileAnswer {
  readonly file: string;
  readonly password: string | null;
  /** A sentence for the user whose password is missing; null where there is nothing to say. */
  readonly leftOut: string | null;
}

/** Looks in libpq's password file: the first line that fits. Null where there is no such file to look in. */
export function askPassfile(named: string | undefined, whose: Whose, world: World): PassfileAnswer | null {
  const file = named ?? homeFile(world, '.pgpass', 'pgpass.conf');
  if (file === null) return null;
  const answer = (password: string | null, leftOut: string | null): PassfileAnswer => ({
    file,
    password,
    leftOut,
  });
  try {
    const text = textOf(file);
    if (text === null) return named === undefined ? null : answer(null, `${file} is not there`);
    const { mode } = statSync(file);
    // As libpq: what others may read is no secret, and is left out.
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      return answer(null, `${file} was left out, for others than its owner may read it: chmod 600 ${file}`);
    }
    const found = passwordIn(text, whose);
    return answer(found, found === null ? `${file} has no line for it` : null);
  } catch (error) {
    return answer(null, `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The password of the first line that fits; a socket's folder is looked for as `localhost`, too. */
export function passwordIn(text: string, { host, port, database, user }: Whose): string | null {
  const hosts = host.startsWith('/') ? [host, 'localhost'] : [host];
  const fits = (field: string | undefined, values: readonly string[]): boolean =>
    field === '*' || (field !== undefined && values.includes(unescaped(field)));
  for (const line of text.split(/\r?\n/)) {
    if (line === '' || line.startsWith('#')) continue;
    const fields = fieldsOf(line);
    const [h, p, d, u, password] = fields;
    if (fits(h, hosts) && fits(p, [String(port)]) && fits(d, [database]) && fits(u, [user]))
      return password === undefined ? null : unescaped(password);
  }
  return null;
}

/** `host:port:database:user:password`: a colon or a backslash in a field has a backslash before it. */
const fieldsOf = (line: string): readonly string[] => {
  const fields = /^((?:[^:\\]|\\.)*):((?:[^:\\]|\\.)*):((?:[^:\\]|\\.)*):((?:[^:\\]|\\.)*):((?:[^:\\]|\\.)*)/s.exec(line); // prettier-ignore
  return fields?.slice(1) ?? [];
};

const unescaped = (field: string): string => field.replace(/\\(.)/gs, '$1');
