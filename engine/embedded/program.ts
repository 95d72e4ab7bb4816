import { spawn } from 'node:child_process';
import { EXIT, EtlError } from '../contract/errors.js';

/** The operating system's user that the server runs as; null: the user who runs Node. */
export type Account = { readonly uid: number; readonly gid: number } | null;

/**
 * The environment of every program that we start: nothing of the user's, so that neither LANG nor PG… variables
 * decide what a database looks like.
 */
export const ENVIRONMENT = {
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  LANG: 'C',
  LC_ALL: 'C',
  TZ: 'UTC',
} as const;

/** Runs a program to its end, as `account`, in the folder `/`; gives its exit code (null: a signal) and all it said. */
export async function runProgram(
  program: string,
  args: readonly string[],
  account: Account = null,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...account, cwd: '/', env: ENVIRONMENT, detached: true });
    const said: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => said.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, output: Buffer.concat(said).toString('utf8') });
    });
    child.stdin.end();
  });
}

/** True where `program` exists and ends with exit code 0. */
export async function succeeds(
  program: string,
  args: readonly string[],
  account: Account = null,
): Promise<boolean> {
  try {
    return (await runProgram(program, args, account)).code === 0;
  } catch {
    return false;
  }
}

/** An error of the embedded server that the machine or the user has to mend. */
export function embeddedError(message: string, help: string, cause?: unknown): EtlError {
  return new EtlError(message, { exitCode: EXIT.usage, help, cause });
}
