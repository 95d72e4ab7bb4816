import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const USAGE = fileURLToPath(new URL('../usage.mjs', import.meta.url));
const CLI = fileURLToPath(new URL('../../../dist/bin/etl/main.js', import.meta.url));

/** What a program says of its version, or null where it is not installed. */
export function versionOf(program) {
  try {
    const said = execFileSync(program, ['--version'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return /\d+\.[\w.~-]+/.exec(said)?.[0] ?? said.trim();
  } catch {
    return null;
  }
}

/** Runs a program to its end: `{ code, stdout, stderr, seconds }`. @throws where it cannot be started */
export async function runProgram(program, args, { env = {}, cwd } = {}) {
  const start = performance.now();
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', (text) => (said[name] += text));
  }
  const code = await ended(child);
  return { code, ...said, seconds: (performance.now() - start) / 1000 };
}

/** Of a spawned process: its exit code, or null where a signal ended it. @throws where it did not start */
function ended(child) {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
}

/**
 * Starts an `etl` command and ends it with SIGKILL as soon as `isTime()` says so, or null where it came to its end before:
 * `{ seconds, rss }`, the memory where /proc tells it. @throws where it cannot be started
 */
export async function killEtl(args, { urls, cwd, isTime }) {
  const start = performance.now();
  const child = spawn(process.execPath, [CLI, ...args, '--json', '--quiet'], {
    cwd,
    env: { ...process.env, SOURCE_DATABASE_URL: urls.source, TARGET_DATABASE_URL: urls.target },
    stdio: 'ignore',
  });
  let over = false;
  const end = ended(child).finally(() => (over = true));
  while (!over && !(await isTime())) await sleep(5);
  const rss = over ? null : memoryOf(child.pid);
  child.kill('SIGKILL');
  const code = await end;
  return code === null ? { seconds: (performance.now() - start) / 1000, rss } : null;
}

/** Greatest memory of a process in MB, or null where there is no /proc. */
function memoryOf(pid) {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return Number(kilobytes) / 1024;
  } catch {
    return null;
  }
}

/**
 * Runs a Node program with {@link USAGE}: `{ seconds, cpu, rss, stdout, stderr, code }`, whole process, CPU in seconds,
 * greatest memory in MB. @throws where its exit code is not among `codes`
 */
export async function runNode(args, { env, cwd, codes = [0] } = {}) {
  const done = await runProgram(process.execPath, ['--import', USAGE, ...args], { env, cwd });
  if (!codes.includes(done.code)) {
    throw new Error(
      `node ${args.join(' ')} ended with ${done.code}:\n${done.stderr}\n${done.stdout.slice(-2000)}`,
    );
  }
  const { cpu, rss } = JSON.parse(done.stderr.trim().split('\n').at(-1));
  return { ...done, cpu, rss };
}

/**
 * An `etl` command with `--json --quiet`, whole; as {@link runNode}, with its JSON document as `summary`.
 * @param options `cli`: the command of another build
 */
export async function runEtl(args, { urls, codes, cwd, env = {}, cli = CLI } = {}) {
  const connections = urls ? { SOURCE_DATABASE_URL: urls.source, TARGET_DATABASE_URL: urls.target } : {};
  const done = await runNode([cli, ...args, '--json', '--quiet'], {
    codes,
    cwd,
    env: { ...env, ...connections },
  });
  return { ...done, summary: JSON.parse(done.stdout) };
}

/** `psql -c` of several statements in one session, stopping at the first that fails. @throws then */
export async function psql(url, statements) {
  const args = statements.flatMap((statement) => ['-c', statement]);
  const { code, stderr } = await runProgram('psql', [...PSQL, '-d', url, ...args]);
  if (code !== 0) throw new Error(`psql ended with ${code}: ${stderr}`);
}

const PSQL = ['-X', '-q', '-v', 'ON_ERROR_STOP=1'];

/**
 * `psql … | psql …`: what the first one's COPY gives goes through a pipe of the system into the second one's, never
 * through Node. @param before statements of the second one's session, which run first
 */
export async function psqlPipe(source, select, target, into, before = []) {
  const out = spawn('psql', [...PSQL, '-d', source, '-c', select], { stdio: ['ignore', 'pipe', 'inherit'] });
  const statements = [...before, into].flatMap((statement) => ['-c', statement]);
  const back = spawn('psql', [...PSQL, '-d', target, ...statements], {
    stdio: [out.stdout, 'ignore', 'inherit'],
  });
  // Ours is one end too many: with it the first would wait for ever for a second that has died.
  out.stdout.destroy();
  const codes = await Promise.all([ended(out), ended(back)]);
  if (codes.some((code) => code !== 0)) throw new Error(`psql ended with ${codes.join(' and ')}: ${into}`);
}
