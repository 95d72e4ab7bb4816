import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { EXIT, EtlError } from '../contract/errors.js';
import type { RunEvent } from '../contract/events.js';
import type { Project } from '../contract/mapping.js';
import type { RunResult } from '../contract/result.js';
import { htmlReport } from '../../reports/html.js';
import { jsonReport, summary } from '../../reports/json.js';
import type { Report } from '../../reports/report.js';
import { closingText } from '../../reports/text.js';
import { shownPath } from '../mapping/index.js';
import { replayPlan } from '../run/delta/replay.js';
import { executeRun } from '../run/run.js';
import { StopSignal } from '../run/stop.js';
import { readRunBefore } from '../state/kept-run.js';
import { openDatabases, workFolder, type Databases } from './databases.js';
import { err, out, type Output } from './io.js';
import { openLog } from './log.js';
import { operatorName } from './operator.js';
import { prepare, type Prepared } from './prepare.js';
import { createProgress } from './progress/index.js';
import { readProject, type Loaded } from './project.js';
import { readStateOn } from './reading.js';
import { makeReport, reportFolder, writeReports, type Known } from './reports.js';
import { RunWatch } from './run-watch.js';
import { stopOnSignals } from './signals.js';
import type { Telemetry } from '../telemetry/telemetry.js';
import { interruptedWords, NO_TEST, testNotices, type TestFlags } from './test-modes.js';
import { version } from './version.js';

/** What `run` and `resume` have in common. */
export interface MigrateFlags {
  readonly embedded: boolean;
  readonly jobs: number | null;
  readonly failFast: boolean;
  readonly logFile: string | null;
}

/** What is to be loaded. */
export interface Task {
  readonly selected: ReadonlySet<string>;
  /** The run to go on with; null for a new one. */
  readonly resume: string | null;
  /** How it is tried out; left out where it is not. */
  readonly test?: TestFlags;
  /** Reads everything, whatever earlier runs have seen. */
  readonly fresh: boolean;
  /** See `RunInput.options`. */
  readonly force?: boolean;
  /** Looks at what a run will do before it does anything. @throws EtlError where that is not to be done */
  readonly agree?: (prepared: Prepared) => void;
  /** See `RunInput.replay`. */
  readonly replay?: ReadonlyMap<string, readonly (readonly string[])[]>;
}

/**
 * Plans, loads, checks, reports. Gives the exit code.
 * @param choose decides what to do, with the databases at hand; an exit code where there is nothing
 */
export async function migrate(
  folder: string,
  flags: MigrateFlags,
  output: Output,
  choose: (loaded: Loaded, databases: () => Promise<Databases>) => Task | Promise<Task | number>,
): Promise<number> {
  const loaded = await readProject(folder, flags.embedded ? 'embedded' : 'connections', output);
  const logFile = flags.logFile ?? path.join(workFolder(loaded.project), 'logs', 'etl.log');
  const log = openLog(logFile, err);
  const progress = createProgress({ stream: process.stderr, tty: output.tty, color: output.color });
  const say = (line: string): void => {
    log.line('info', line);
    if (!output.quiet) progress.log(line);
  };
  const stop = new StopSignal();
  const emit = (event: RunEvent): void => {
    log.onEvent(event);
    telemetry?.onEvent(event);
    watch?.onEvent(event);
    if (output.quiet && !(event.type === 'notice' && event.level === 'error')) return;
    progress.onEvent(event);
  };
  const telemetry = await openTelemetry((message) => {
    log.line('warn', message);
    if (!output.quiet) progress.log(message);
  });
  let watch: RunWatch | null = null;
  let earlier: Omit<Known, 'result'> = { before: null, gaps: [] };
  let databases: Databases | null = null;
  const open = async (): Promise<Databases> =>
    (databases ??= await openDatabases(loaded.project, flags.embedded, say));
  let unwatch = (): void => undefined;
  try {
    const task = await choose(loaded, open);
    if (typeof task === 'number') return task;
    const opened = await open();
    const { replay, test = NO_TEST } = task;
    const prepared = await prepare(loaded, task.selected, opened, output, {
      readsOnly: test.dryRun,
      loads: true,
    });
    task.agree?.(prepared);
    const { compiled, tables, source, target } = prepared;
    const plan = replay === undefined ? prepared.plan : replayPlan(prepared.plan, replay);
    for (const line of testNotices(test)) say(line);
    const provenance = { ...provenanceOf(loaded), source, target };
    const watching = new RunWatch({ compiled, provenance, ...test, isResume: task.resume !== null });
    watch = watching;
    earlier = await readEarlier(loaded, opened.open, task);
    unwatch = stopOnSignals(stop, test.dryRun, say, async () => {
      progress.stop();
      const result = watching.partial('stopped at once', 'interrupted', EXIT.interrupted);
      await Promise.allSettled([reportPartial(loaded, result, earlier), opened.abort()]);
    });
    const result = await executeRun({
      project: loaded.project,
      compiled,
      plan,
      tables,
      resume: task.resume,
      ...(replay === undefined ? {} : { replay }),
      ports: { open: opened.open, ...loaded.registries },
      emit,
      stop,
      options: {
        jobs: flags.jobs,
        failFast: flags.failFast,
        fresh: task.fresh,
        force: task.force ?? false,
        dryRun: test.dryRun,
        limit: test.limit,
      },
      provenance,
    });
    progress.stop();
    await conclude(loaded, { ...earlier, result }, output);
    if (result.exitCode === EXIT.interrupted) {
      err(interruptedWords(folder, flags.embedded, replay === undefined ? test : 'replay'));
    }
    return result.exitCode;
  } catch (error) {
    progress.stop();
    const words = error instanceof Error ? error.message : String(error);
    log.line('error', words);
    const exitCode = error instanceof EtlError ? error.exitCode : EXIT.internal;
    const broken = watch?.partial(words, 'failed', exitCode) ?? null;
    await reportPartial(loaded, broken, earlier);
    throw error;
  } finally {
    unwatch();
    await (databases as Databases | null)?.close();
    await telemetry?.close();
    await log.close();
  }
}

/** What tells an OpenTelemetry collector of the run; null where the environment asks for none. */
async function openTelemetry(tell: (message: string) => void): Promise<Telemetry | null> {
  if (!Object.keys(process.env).some((name) => name.startsWith('OTEL_'))) return null;
  const { otlpSettings } = await import('../telemetry/environment.js');
  const settings = otlpSettings(process.env, tell);
  if (settings === null) return null;
  const { Telemetry } = await import('../telemetry/telemetry.js');
  return new Telemetry(settings, tell);
}

/** The report's files, and what is printed at the end. */
async function conclude({ project }: Loaded, known: Known, output: Output): Promise<void> {
  const report = makeReport(project, known, reportFolder(project));
  const file = await written(project, report);
  if (output.json) {
    out(JSON.stringify(summary(report, file), null, 2));
  } else {
    const width = process.stdout.isTTY ? process.stdout.columns : 100;
    out(closingText(report, { color: output.colorOut, width, report: file }));
  }
}

/** The HTML report's path as shown; null where it could not be written, which has been said. */
async function written(project: Project, report: Report): Promise<string | null> {
  try {
    const [file = ''] = await writeReports(report, [htmlReport, jsonReport], reportFolder(project));
    return shownPath(file, process.cwd());
  } catch (error) {
    err(`the report could not be written: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}

/** The report of a run that gives no result of its own, from what has been seen of it. */
async function reportPartial(
  { project }: Loaded,
  result: RunResult | null,
  earlier: Omit<Known, 'result'>,
): Promise<void> {
  if (result === null) return;
  const gaps = [
    ...earlier.gaps,
    'The run broke off: no check was made, and rows of the last batches may be missing here.',
  ];
  const file = await written(
    project,
    makeReport(project, { ...earlier, result, gaps }, reportFolder(project)),
  );
  if (file !== null) err(`Report: ${file}`);
}

/** The run before, for the difference to it; a gap of the report where it cannot be read. */
async function readEarlier(
  { project }: Loaded,
  open: Databases['open'],
  { resume, replay, test = NO_TEST }: Task,
): Promise<Omit<Known, 'result'>> {
  if (replay !== undefined) return { before: null, gaps: [] };
  try {
    const of = { project: project.name, run: resume, limit: test.limit };
    const read = await readStateOn(await open('target'), project, (session, schema) =>
      readRunBefore(session, schema, of),
    );
    return { before: read?.value ?? null, gaps: [] };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { before: null, gaps: [`The run before it could not be read: ${why}`] };
  }
}

function provenanceOf(loaded: Loaded): {
  crosswalk: string;
  mappingsHash: string;
  gitCommit: string | null;
  operator: string;
} {
  let gitCommit: string | null = null;
  try {
    const stdio: ('ignore' | 'pipe')[] = ['ignore', 'pipe', 'ignore'];
    const options = { cwd: loaded.project.folder, encoding: 'utf8', stdio } as const;
    gitCommit = execFileSync('git', ['rev-parse', 'HEAD'], options).trim();
  } catch {
    // no git, or no repository: the hash of the files stands for itself
  }
  return { crosswalk: version(), mappingsHash: loaded.hash, gitCommit, operator: operatorName() };
}
