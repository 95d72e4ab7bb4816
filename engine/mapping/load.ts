import type { AcceptedException } from '../contract/exception.js';
import type { Mapping, Project } from '../contract/mapping.js';
import type { Problem } from '../contract/problem.js';
import type { RuleDefinition } from '../contract/rule.js';
import type { SqlText } from '../contract/sql-text.js';
import type { StepDefinition } from '../contract/step.js';
import type { UnitTestFile } from '../contract/unit-test.js';
import { checkSourceColumns } from './check-columns.js';
import { checkSql } from './check-sql.js';
import type { SqlUse } from './check-sql.js';
import { ProjectFiles, type ProjectPaths } from './load-files.js';
import { loadPlugins, type Plugins, type Registries } from './load-plugins.js';
import { readExceptions } from './load-exceptions.js';
import { readMappings, reportNone } from './read-mappings.js';
import { readSettings } from './read-settings.js';
import { readTests } from './read-tests.js';
import type { Report } from './report.js';
import type { Settings } from './settings.js';
import type { SqlKind } from './shape.js';

export interface LoadOptions {
  readonly steps: ReadonlyMap<string, StepDefinition>;
  readonly rules: ReadonlyMap<string, RuleDefinition>;
  /** The environment; it goes before the `.env` file beside etl.yaml. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The run builds its own servers: connections may be missing, and variables that they lack are no error. */
  readonly embedded: boolean;
  /** No database is asked: variables that connections lack are no error. Default: false. */
  readonly offline?: boolean;
  /**
   * The project's own modules that may be run, by the digest of their text, and from where: of a state of the project
   * that nobody has vetted. Others are read, not run. Left out: all are run.
   */
  readonly vetted?: ReadonlyMap<string, string>;
  /** The unit tests are read, too. Default: false. */
  readonly tests?: boolean;
  /** A project without a mapping is no error. Default: false. */
  readonly mayBeEmpty?: boolean;
  /** Absolute: positions are relative to it. */
  readonly cwd: string;
}

export interface LoadedProject {
  /** Null where there is any error. */
  readonly project: Project | null;
  /** The steps and rules that the mappings may name: the engine's and the project's own. */
  readonly registries: Registries;
  /** Of the files with unit tests, where they were asked for. */
  readonly tests: readonly UnitTestFile[];
  /** The project's own modules: digest of their text → absolute path. */
  readonly modules: ReadonlyMap<string, string>;
  /** Of these the paths, as etl.yaml writes them, that were not run. */
  readonly unrun: readonly string[];
  /** All problems of all files, by file, line and column. */
  readonly problems: readonly Problem[];
  /** By the path that positions carry: the texts of the files, for code frames. */
  readonly texts: ReadonlyMap<string, string>;
  /** sha256 over sorted relative paths and contents of all project files read, hex. */
  readonly hash: string;
  /** sha256 of each of them, hex, by its path relative to the folder. */
  readonly digests: ReadonlyMap<string, string>;
}

/**
 * Reads a project folder: etl.yaml, the mappings and the files that they name, exceptions.yaml. What is wrong is never thrown
 * but reported as problems, all of them at once.
 */
export async function loadProject(folder: string, options: LoadOptions): Promise<LoadedProject> {
  const files = new ProjectFiles(folder, options.cwd);
  const problems: Problem[] = [];
  const report: Report = (problem) => problems.push(problem);
  const sqlUses: SqlUse[] = [];
  const onSql = (sql: SqlText, holds: SqlKind): void => void sqlUses.push({ sql, holds });
  const { steps, rules } = options;
  const build = { report, files, steps, rules, onSql, connections: null, unrun: null };
  const paths = await mappingFiles(files, report);
  let project: Project | null = null;
  let plugins: Plugins = { registries: options, modules: new Map(), unrun: [], digest: null };
  let tests: readonly UnitTestFile[] = [];
  if (paths !== null) {
    const settings = await readSettings(options, build);
    const connections = settings.connectionNames;
    plugins = await loadPlugins(settings.plugins, build, options.vetted ?? null);
    const known = { ...build, ...plugins.registries, unrun: plugins.digest, connections };
    const isEmpty = paths.mappings.length + settings.copies.length === 0 && settings.phases !== null;
    if (isEmpty && options.mayBeEmpty !== true) reportNone(build);
    const mappings = readMappings(paths.mappings, settings, known, problems);
    checkSourceColumns(mappings, await checkSql(sqlUses, report), report);
    if (options.tests === true) {
      // Where one could not be read its tests may be those of a mapping that there is.
      const all = problems.some(({ severity }) => severity === 'error') ? null : [...mappings.values()];
      tests = readTests(paths.tests, all, known);
    }
    const complete = settings.copiesComplete && !problems.some(({ severity }) => severity === 'error');
    const exceptions = readExceptions({ mappings: [...mappings.values()], complete }, build);
    const faulty = problems.some(({ severity }) => severity === 'error');
    if (!faulty) project = toProject(files.folder, settings, mappings, exceptions);
  }
  const { registries, modules, unrun } = plugins;
  const read = { project, tests, registries, modules, unrun };
  const hashes = { hash: files.hash(), digests: files.digests() };
  return { ...read, problems: sorted(problems), texts: files.texts, ...hashes };
}

function toProject(
  folder: string,
  settings: Settings,
  byName: ReadonlyMap<string, Mapping>,
  exceptions: readonly AcceptedException[],
): Project {
  const { name, connections, embedded, batchRows, stateSchema, hooks } = settings;
  const phases = (settings.phases ?? []).map((phase) => phase.value);
  const mappings = [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return { folder, name, connections, embedded, phases, batchRows, stateSchema, hooks, mappings, exceptions };
}

/** Null where the folder is no project at all. */
async function mappingFiles(files: ProjectFiles, report: Report): Promise<ProjectPaths | null> {
  try {
    return await files.paths();
  } catch {
    const message = `the project folder "${files.shown(files.folder)}" cannot be read`;
    report({ code: 'ETL-LANG-009', severity: 'error', message, help: 'name the folder that holds etl.yaml' });
    return null;
  }
}

function sorted(problems: readonly Problem[]): readonly Problem[] {
  const order = (left: Problem, right: Problem): number => {
    const [a, b] = [left.at, right.at];
    if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
    if (a.file !== b.file) return a.file < b.file ? -1 : 1;
    return a.line - b.line || a.column - b.column;
  };
  return [...problems].sort(order);
}
