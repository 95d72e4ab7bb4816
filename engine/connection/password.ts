import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { EXIT, EtlError } from '../contract/errors.js';
import type { PasswordSource } from '../contract/mapping.js';
import type { Whose } from './passfile.js';

/** Milliseconds that a command may take: a cloud's own command line takes some seconds to ask for a token. */
const COMMAND_TIME = 30_000;
/** Bytes of a password: tokens of IAM have about 2 KB. */
const LONGEST = 65_536;
/** Characters of a command's stderr that an error shows, from its end. */
const SHOWN = 2000;

/** Fetches a password anew for each connection: a token that was right a quarter of an hour ago no longer is. */
export async function fetchPassword(
  source: PasswordSource,
  connection: string,
  whose: Whose,
  within = COMMAND_TIME,
): Promise<string> {
  return source.kind === 'file'
    ? fromFile(source.path, connection)
    : fromCommand(source, connection, whose, within);
}

async function fromFile(path: string, connection: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw wrong(`connection "${connection}": the password file ${path} cannot be read`, cause);
  });
  const password = withoutEnd(text);
  if (password !== '') return password;
  throw wrong(`connection "${connection}": the password file ${path} is empty`);
}

/** A text without the end of its line; blanks may belong to the password. */
const withoutEnd = (text: string): string => text.replace(/\r?\n$/, '');

function fromCommand(
  { command, folder }: Extract<PasswordSource, { kind: 'command' }>,
  connection: string,
  { host, port, database, user }: Whose,
  within: number,
): Promise<string> {
  const [program = '', ...words] = typeof command === 'string' ? [command] : command;
  const env = { ...process.env, PGHOST: host, PGPORT: String(port), PGDATABASE: database, PGUSER: user };
  const shell = typeof command === 'string';
  const options = { cwd: folder, env, shell, timeout: within, maxBuffer: LONGEST, killSignal: 'SIGKILL' } as const; // prettier-ignore
  return new Promise((resolve, reject) => {
    const child = execFile(program, words, options, (error, stdout, stderr) => {
      const why = error === null ? (stdout.trim() === '' ? 'it has written nothing' : null) : whyOf(error, within);
      if (why === null) resolve(withoutEnd(stdout));
      else reject(refusal(connection, why, stderr));
    }); // prettier-ignore
    // A command that reads its input would wait for a terminal that nobody sits at.
    child.stdin?.end();
  });
}

/** Words for a command's end. Its own message is left out: it holds the command, and the command may hold a secret. */
function whyOf(
  error: {
    readonly code?: number | string | null | undefined;
    readonly killed?: boolean | undefined;
    readonly signal?: string | null | undefined;
  },
  within: number,
): string {
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return 'it writes more than a password';
  if (error.killed === true) return `it took longer than ${String(within / 1000)} s`;
  if (error.code === 'ENOENT') return 'there is no such program';
  return typeof error.code === 'number'
    ? `it ended with code ${String(error.code)}`
    : `it ended with ${String(error.code ?? error.signal)}`;
}

function refusal(connection: string, why: string, stderr: string): EtlError {
  const said = stderr.trim().slice(-SHOWN);
  const says = said === '' ? '' : `; it says: ${said}`;
  return wrong(`connection "${connection}": password_command gave no password: ${why}${says}`);
}

const wrong = (message: string, cause?: unknown): EtlError =>
  new EtlError(message, {
    exitCode: EXIT.usage,
    help: 'try it in a shell, in the project folder; it has to write the password and nothing else',
    ...(cause === undefined ? {} : { cause }),
  });
