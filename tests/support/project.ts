import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { openDatabases } from '../../engine/cli/databases.js';
import { prepare } from '../../engine/cli/prepare.js';
import { readProject, selectMappings } from '../../engine/cli/project.js';
import { ProblemsError } from '../../engine/contract/errors.js';
import type { RunEvent } from '../../engine/contract/events.js';
import type { MappingResult, RunResult } from '../../engine/contract/result.js';
import type { VerifyResult } from '../../engine/contract/verify.js';
import { executeRun } from '../../engine/run/run.js';
import { verifyProject } from '../../engine/run/verify/verify.js';
import type { Patience } from '../../engine/run/sessions/retries.js';
import { LIMITS, type Limits } from '../../engine/postgres/settings.js';
import { StopSignal } from '../../engine/run/stop.js';
import { OWNERS, withClient } from '../../engine/embedded/roles.js';
import { runSql } from '../../engine/embedded/sql-file.js';
import { createDatabases, query, type Databases } from './database.js';

type Rows = readonly Record<string, unknown>[];

export interface RunOptions {
  readonly select?: readonly string[];
  readonly jobs?: number;
  readonly failFast?: boolean;
  readonly dryRun?: boolean;
  readonly limit?: number;
  /** Reads everything, whatever earlier runs have seen. */
  readonly fresh?: boolean;
  readonly force?: boolean;
  /** Bytes that a mapping's keys may take in memory. */
  readonly keyMapBytes?: number;
  /** The run to go on with. */
  readonly resume?: string;
  readonly patience?: Patience;
  readonly limits?: Partial<Limits>;
  readonly onEvent?: (event: RunEvent, stop: StopSignal) => void;
  /** Source and target urls in place of the project's own: other roles. */
  readonly urls?: { readonly source?: string; readonly target?: string };
}

export interface VerifyOptions {
  readonly select?: readonly string[];
  /** Differences of each kind and column that are kept. */
  readonly most?: number;
}

export interface ProjectFiles {
  /** SQL of the two databases. */
  readonly source?: string;
  readonly target?: string;
  /** Mapping name (or a file's path with its ending) → text. */
  readonly mappings: Readonly<Record<string, string>>;
  /** Lines of etl.yaml behind version, project and connections. */
  readonly settings?: string;
}

/** A project folder with two databases of its own. */
export interface TestProject {
  readonly folder: string;
  readonly databases: Databases;
  /** Writes or overwrites a file of the folder. */
  write(name: string, text: string): Promise<void>;
  /**
   * As `etl run` does it, in this process.
   * @throws EtlError where there is no result; of a project with problems the message holds them
   */
  run(options?: RunOptions): Promise<RunResult>;
  /** As `etl verify` does it, in this process. */
  verify(options?: VerifyOptions): Promise<VerifyResult>;
  /** `etl run`, or another command, as a process of its own, from the built files. */
  spawn(args?: readonly string[], command?: string): Child;
  source(sql: string, params?: readonly unknown[]): Promise<Rows>;
  target(sql: string, params?: readonly unknown[]): Promise<Rows>;
  drop(): Promise<void>;
}

/** A started command line with what it has said. */
export interface Child {
  readonly process: ChildProcess;
  /** Resolves when the process has ended: exit code, or null where a signal ended it. */
  readonly ended: Promise<{ readonly code: number | null; readonly output: string }>;
}

const QUIET = { json: false, quiet: true, verbose: false, color: false, colorOut: false, tty: false };
const CLI = path.resolve('dist/bin/etl/main.js');

const etlYaml = (databases: Databases, settings: string): string =>
  [
    'version: 1',
    'project: trial',
    'connections:',
    `  source: { url: "\${TRIAL_SOURCE:-${databases.source}}" }`,
    `  target: { url: "\${TRIAL_TARGET:-${databases.target}}" }`,
    settings,
    '',
  ].join('\n');

/** Runs a project's SQL in its databases as their owners. */
async function fill(databases: Databases, files: ProjectFiles): Promise<void> {
  for (const kind of ['source', 'target'] as const) {
    const text = files[kind];
    if (text === undefined) continue;
    await withClient(databases[`${kind}Admin`], (client) =>
      runSql(client, Buffer.from(text), { name: `${kind} SQL of the test`, owner: OWNERS[kind] }),
    );
  }
}

/** Makes a project folder in the system's temporary folder, and its databases. For a test's body or `beforeAll`. */
export async function createProject(
  files: ProjectFiles,
  servers?: Parameters<typeof createDatabases>[1],
): Promise<TestProject> {
  return projectIn(await createDatabases({}, servers), files);
}

/** The same on databases that are there: other roles. `drop` of the project drops them. */
export async function projectIn(databases: Databases, files: ProjectFiles): Promise<TestProject> {
  await fill(databases, files);
  const folder = await mkdtemp(path.join(os.tmpdir(), 'crosswalk-project-'));
  const write = async (name: string, text: string): Promise<void> => {
    const file = path.join(folder, /\.\w+$/.test(name) ? name : `${name}.yaml`);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  };
  await write('etl.yaml', etlYaml(databases, files.settings ?? ''));
  for (const [name, text] of Object.entries(files.mappings)) await write(name, text);
  return {
    folder,
    databases,
    write,
    run: (options) => runProject(folder, options ?? {}).catch(withProblems),
    verify: (options) => runVerify(folder, options ?? {}).catch(withProblems),
    spawn: (args, command) => spawnRun(folder, args ?? [], command ?? 'run'),
    source: (sql, params) => query(databases.sourceAdmin, sql, params),
    target: (sql, params) => query(databases.targetAdmin, sql, params),
    drop: async () => {
      await databases.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Databases that a test of this file has left empty: emptying them costs a tenth of making new ones. */
const spare: Databases[] = [];

const EMPTY = `do $$ declare name text; begin
  for name in select nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema' loop
    execute format('drop schema %I cascade', name);
  end loop;
  create schema public authorization pg_database_owner;
  grant usage on schema public to public;
end $$`;

/** A project for the length of one test body, whatever becomes of it; tests of a file come one after the other. */
export async function withProject(
  files: ProjectFiles,
  work: (project: TestProject) => Promise<void>,
): Promise<void> {
  const databases = spare.pop() ?? (await createDatabases());
  let folder: string | null = null;
  try {
    const project = await projectIn(databases, files);
    ({ folder } = project);
    await work(project);
  } finally {
    if (folder !== null) await rm(folder, { recursive: true, force: true });
    for (const url of [databases.sourceAdmin, databases.targetAdmin]) await query(url, EMPTY);
    spare.push(databases);
  }
}

function withProblems(error: unknown): never {
  if (!(error instanceof ProblemsError)) throw error;
  error.message = error.problems.map((problem) => `${problem.code} ${problem.message}`).join('\n');
  throw error;
}

async function runProject(folder: string, options: RunOptions): Promise<RunResult> {
  const { source, target } = options.urls ?? {};
  const before = { ...process.env };
  if (source !== undefined) process.env['TRIAL_SOURCE'] = source;
  if (target !== undefined) process.env['TRIAL_TARGET'] = target;
  const loaded = await readProject(folder, 'connections', QUIET).finally(() => {
    process.env = before;
  });
  const selected = selectMappings(loaded, options.select ?? [], [], QUIET);
  const databases = await openDatabases(loaded.project, false, () => undefined, {
    limits: { ...LIMITS, ...options.limits },
  });
  const stop = new StopSignal();
  try {
    const prepared = await prepare(loaded, selected, databases, QUIET, {
      readsOnly: options.dryRun ?? false,
      loads: true,
    });
    return await executeRun({
      project: loaded.project,
      compiled: prepared.compiled,
      plan: prepared.plan,
      tables: prepared.tables,
      resume: options.resume ?? null,
      ports: { open: databases.open.bind(databases), ...loaded.registries },
      emit: (event) => options.onEvent?.(event, stop),
      stop,
      options: {
        jobs: options.jobs ?? 2,
        failFast: options.failFast ?? false,
        dryRun: options.dryRun ?? false,
        limit: options.limit ?? null,
        fresh: options.fresh ?? false,
        force: options.force ?? false,
        ...(options.keyMapBytes === undefined ? {} : { keyMapBytes: options.keyMapBytes }),
        ...(options.patience === undefined ? {} : { patience: options.patience }),
      },
      provenance: {
        crosswalk: 'test',
        mappingsHash: loaded.hash,
        gitCommit: null,
        operator: 'tester',
        source: prepared.source,
        target: prepared.target,
      },
    });
  } finally {
    await databases.close();
  }
}

async function runVerify(folder: string, { select = [], most = 10 }: VerifyOptions): Promise<VerifyResult> {
  const loaded = await readProject(folder, 'connections', QUIET);
  const selected = selectMappings(loaded, select, [], QUIET);
  const databases = await openDatabases(loaded.project, false, () => undefined);
  try {
    const { compiled, tables, source, target } = await prepare(loaded, selected, databases, QUIET, {
      readsOnly: true,
    });
    return await verifyProject({
      project: loaded.project,
      compiled,
      tables,
      selected,
      ports: { open: databases.open.bind(databases), ...loaded.registries },
      emit: () => undefined,
      stop: new StopSignal(),
      most,
      ends: { source, target },
    });
  } finally {
    await databases.close();
  }
}

function spawnRun(folder: string, args: readonly string[], command: string): Child {
  const child = spawn(process.execPath, [CLI, command, folder, '--quiet', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  return {
    process: child,
    ended: new Promise((resolve) => {
      child.on('close', (code) => {
        resolve({ code, output });
      });
    }),
  };
}

/** The one mapping of a result by its name. */
export function mappingOf(result: RunResult, name: string): MappingResult {
  const found = result.mappings.find((mapping) => mapping.mapping === name);
  if (found === undefined) throw new Error(`no mapping ${name} in the result`);
  return found;
}

/** The counts of a mapping in one line, zeros left out: `read 3, inserted 2, rejected 1`. */
export function countsOf(result: RunResult, name: string): string {
  const { read, inserted, updated, unchanged, skipped, rejected, unexplained } = mappingOf(result, name);
  return Object.entries({ read, inserted, updated, unchanged, skipped, rejected, unexplained })
    .filter(([, count]) => count !== 0)
    .map(([word, count]) => `${word} ${String(count)}`)
    .join(', ');
}

const STATE_SQL = `
  select s.mapping, min(s.status) status, sum(s.read)::int as read, sum(s.inserted)::int as inserted,
    sum(s.updated)::int as updated, sum(s.unchanged)::int as unchanged, sum(s.skipped)::int as skipped,
    sum(s.rejected)::int as rejected,
    (select count(*)::int from etl.rejects r where r.run = s.run and r.mapping = s.mapping) reject_rows,
    (select count(*)::int from etl.skipped r where r.run = s.run and r.mapping = s.mapping) skipped_rows,
    (select count(*)::int from etl.warnings r where r.run = s.run and r.mapping = s.mapping) warning_rows,
    (select count(*)::int from etl.rejects r where r.run = s.run and r.mapping = s.mapping
       and (r.reason = '' or r.file = '' or r.line < 1)) speechless
  from etl.steps s where s.run = $1 group by s.run, s.mapping`;

/** Differences between a result's accounting and itself, or the state tables; empty where all is well. */
export async function accountingFaults(project: TestProject, result: RunResult): Promise<readonly string[]> {
  const faults: string[] = [];
  const [run] = await project.target('select status, exit_code from etl.runs where run = $1', [result.run]);
  if (run?.['status'] !== result.status) faults.push(`runs.status is ${String(run?.['status'])}`);
  if (run?.['exit_code'] !== result.exitCode) faults.push(`runs.exit_code is ${String(run?.['exit_code'])}`);
  const steps = await project.target(STATE_SQL, [result.run]);
  for (const m of result.mappings) {
    const explained = m.inserted + m.updated + m.unchanged + m.skipped + m.rejected;
    if (m.read !== explained)
      faults.push(`${m.mapping}: read ${String(m.read)}, explained ${String(explained)}`);
    if (m.startedAfterMs === 0 && m.status === 'not_run') continue;
    const step = steps.find((row) => row['mapping'] === m.mapping);
    const groups = m.rejects.reduce((sum, group) => sum + group.count, 0);
    const wanted = {
      status: m.status, read: m.read, inserted: m.inserted, updated: m.updated, unchanged: m.unchanged,
      skipped: m.skipped, rejected: m.rejected, reject_rows: m.rejected, skipped_rows: m.skipped,
      warning_rows: Object.values(m.warnings).reduce((sum, count) => sum + count, 0), speechless: 0,
    }; // prettier-ignore
    for (const [name, value] of Object.entries(wanted)) {
      const found = step?.[name];
      if (found !== value) faults.push(`${m.mapping}: ${name} is ${String(value)}, in etl ${String(found)}`);
    }
    if (groups !== m.rejected) faults.push(`${m.mapping}: reject groups hold ${String(groups)} rows`);
  }
  return faults;
}
