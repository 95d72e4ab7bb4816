import type { AcceptedException } from '../contract/exception.js';
import type { Mapping, Project } from '../contract/mapping.js';
import type { Problem } from '../contract/problem.js';
import type { RuleDefinition } from '../contract/rule.js';
import type { StepDefinition } from '../contract/step.js';
import { readExceptions } from './load-exceptions.js';
import { ProjectFiles } from './load-files.js';
import { readMappings } from './read-mappings.js';
import { readSettings } from './read-settings.js';
import type { Report } from './report.js';
import type { Settings } from './settings.js';

export interface LoadOptions {
  readonly steps: ReadonlyMap<string, StepDefinition>;
  readonly rules: ReadonlyMap<string, RuleDefinition>;
  /** The environment; it goes before the `.env` file beside etl.yaml. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The run builds its own servers: connections may be missing, and variables that they lack are no error. */
  readonly embedded: boolean;
  /** No database is asked: variables that connections lack are no error. Default: false. */
  readonly offline?: boolean;
  /** Absolute: positions are relative to it. */
  readonly cwd: string;
}

export interface LoadedProject {
  /** Null where there is any error. */
  readonly project: Project | null;
  /** All problems of all files, by file, line and column. */
  readonly problems: readonly Problem[];
  /** By the path that positions carry: the texts of the files, for code frames. */
  readonly texts: ReadonlyMap<string, string>;
  /** sha256 over sorted relative paths and contents of all project files read, hex. */
  readonly hash: string;
}

/**
 * Reads a project folder: etl.yaml, the mappings and the files that they name, exceptions.yaml. What is wrong is never thrown
 * but reported as problems, all of them at once.
 */
export async function loadProject(folder: string, options: LoadOptions): Promise<LoadedProject> {
  const files = new ProjectFiles(folder, options.cwd);
  const problems: Problem[] = [];
  const report: Report = (problem) => problems.push(problem);
  const build = { report, files, steps: options.steps, rules: options.rules, connections: null };
  const paths = await mappingFiles(files, report);
  let project: Project | null = null;
  if (paths !== null) {
    const settings = await readSettings(options, build);
    const connections = settings.connectionNames;
    const mappings = readMappings(paths, settings, { ...build, connections }, problems);
    const complete = settings.copiesComplete && !problems.some(({ severity }) => severity === 'error');
    const exceptions = readExceptions({ mappings, complete }, build);
    const faulty = problems.some(({ severity }) => severity === 'error');
    if (!faulty) project = toProject(files.folder, settings, mappings, exceptions);
  }
  return { project, problems: sorted(problems), texts: files.texts, hash: files.hash() };
}

function toProject(
  folder: string,
  settings: Settings,
  mappings: readonly Mapping[],
  exceptions: readonly AcceptedException[],
): Project {
  const { name, connections, embedded, batchRows, stateSchema } = settings;
  const phases = (settings.phases ?? []).map((phase) => phase.value);
  return { folder, name, connections, embedded, phases, batchRows, stateSchema, mappings, exceptions };
}

/** Null where the folder is no project at all. */
async function mappingFiles(files: ProjectFiles, report: Report): Promise<string[] | null> {
  try {
    return await files.mappingFiles();
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
