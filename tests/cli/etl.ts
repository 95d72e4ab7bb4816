import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export const CHECKOUT = fileURLToPath(new URL('../../', import.meta.url));

/** The built command; `npm test` builds it before. */
const MAIN = path.join(CHECKOUT, 'dist/bin/etl/main.js');

export interface Ended {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Surroundings {
  readonly cwd?: string;
  /** Added to PATH and HOME; `undefined` takes one of them away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** A shell's pipeline in which `"$@"` is the command. */
  readonly through?: string;
}

/** A command under way. */
export interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Waits until stderr holds the text. @throws where the command ends without it */
  says(text: string): Promise<void>;
}

/** A test that fails leaves none of its commands running; those of a `beforeAll` end with the worker at the latest. */
function endWithTest(child: ChildProcess): void {
  const end = (): void => {
    if (child.exitCode === null) child.kill('SIGKILL');
  };
  process.once('exit', end);
  child.once('exit', () => process.removeListener('exit', end));
  try {
    onTestFinished(end);
  } catch {
    // No test is under way.
  }
}

/** Starts `etl` as a child process without a terminal, in an environment of its own. */
export function start(args: readonly string[], surroundings: Surroundings = {}): Running {
  const { cwd = CHECKOUT, env = {}, through } = surroundings;
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: run "npm run build" first`);
  const { PATH, HOME } = process.env;
  const shell = through === undefined ? [] : ['sh', '-c', through, 'sh'];
  const [program = '', ...words] = [...shell, process.execPath, MAIN, ...args];
  const child = spawn(program, words, {
    cwd,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endWithTest(child);
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => (text[name] += chunk));
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      resolve({ code, signal, ...text });
    });
  });
  const says = (wanted: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (text.stderr.includes(wanted)) resolve();
      };
      child.stderr.on('data', look);
      child.on('close', () => {
        reject(new Error(`it ended without saying "${wanted}":\n${text.stderr}`));
      });
      look();
    });
  return { process: child, ended, says };
}

/** Runs `etl` to its end. */
export const etl = (args: readonly string[], surroundings?: Surroundings): Promise<Ended> =>
  start(args, surroundings).ended;

/** A temporary folder that goes with the test. */
export async function temporary(name = 'crosswalk-cli-'): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), name));
  // As root the embedded server runs as another user, who has to reach its data.
  await chmod(folder, 0o755);
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a project into a temporary folder that goes with the test. @param files by their relative paths */
export async function project(files: Readonly<Record<string, string>>, name?: string): Promise<string> {
  const folder = await temporary(name);
  await write(folder, files);
  return folder;
}

export async function write(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), text);
  }
}
