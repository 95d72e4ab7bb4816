import { join } from 'node:path';
import { basename } from 'node:path';
import { parse as parseDotenv } from 'dotenv';
import type { Mapping, Project } from '../contract/mapping.js';
import type { Position, Problem } from '../contract/problem.js';
import type { RuleDefinition } from '../contract/rule.js';
import type { StepDefinition } from '../contract/step.js';
import type { Build } from './build.js';
import { substitute } from './environment.js';
import { ProjectFiles } from './files.js';
import type { Place } from './form.js';
import { normaliseMapping, plainCopy } from './mapping.js';
import { checkReferences } from './references.js';
import { errorAt } from './report.js';
import type { Report } from './report.js';
import { defaultSettings, normaliseSettings } from './settings.js';
import type { Settings } from './settings.js';
import { ETL } from './spec/etl.js';
import { MAPPING } from './spec/mapping.js';
import type { Node } from './tree.js';
import { FILE_LIMIT, parseYaml } from './yaml.js';

export interface LoadOptions {
  readonly steps: ReadonlyMap<string, StepDefinition>;
  readonly rules: ReadonlyMap<string, RuleDefinition>;
  /** The environment; it goes before the `.env` file beside etl.yaml. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The run builds its own servers: connections may be missing, and variables that they lack are no error. */
  readonly embedded: boolean;
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
 * Reads a project folder: etl.yaml, the mappings and the files that they name. What is wrong is never thrown
 * but reported as problems, all of them at once.
 */
export async function loadProject(folder: string, options: LoadOptions): Promise<LoadedProject> {
  const files = new ProjectFiles(folder, options.cwd);
  const problems: Problem[] = [];
  const report: Report = (problem) => problems.push(problem);
  const build = { report, files, steps: options.steps, rules: options.rules, connections: null };
  const paths = await mappingFiles(files, report);
  if (paths !== null) {
    const settings = readSettings(options, build);
    const mappings = readMappings(
      paths,
      settings,
      { ...build, connections: connectionNames(settings) },
      problems,
    );
    if (!problems.some((problem) => problem.severity === 'error')) {
      const { copies: _copies, defaults: _defaults, lookups: _lookups, ...kept } = settings;
      const phases = (settings.phases ?? []).map((phase) => phase.value);
      const project = { ...kept, folder: files.folder, phases, mappings };
      return { project, problems: sorted(problems), texts: files.texts, hash: files.hash() };
    }
  }
  return { project: null, problems: sorted(problems), texts: files.texts, hash: files.hash() };
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

function readSettings(options: LoadOptions, build: Build): Settings {
  const { files, report } = build;
  const path = join(files.folder, 'etl.yaml');
  const start: Position = { file: files.shown(path), line: 1, column: 1, length: 1 };
  const root = readYaml(path, files, (problem) => {
    const missing = problem.code === 'ETL-FILE-002';
    const message = `${start.file}: ${problem.message}`;
    const help = 'name the folder that holds etl.yaml, or write one: version: 1, project, connections';
    report(missing ? { code: 'ETL-LANG-009', severity: 'error', message, help } : problem);
  });
  if (root === null) return defaultSettings(start);
  const dotenv = files.dotenv();
  const environment = {
    variables: options.env,
    dotenv: dotenv === null ? {} : parseDotenv(dotenv),
    lenientConnections: options.embedded,
  };
  const substituted = substitute(root, environment, report);
  const raw = ETL.read(substituted.root, rootPlace(root, 'etl.yaml'), build);
  if (raw === undefined) return defaultSettings(start);
  return normaliseSettings(raw, substituted, options.embedded, build);
}

/** The tree of a YAML file; null with the problem reported where there is none. */
function readYaml(path: string, files: ProjectFiles, report: Report): Node | null {
  const read = files.read(path, FILE_LIMIT);
  const at: Position = { file: files.shown(path), line: 1, column: 1, length: 1 };
  if ('text' in read) {
    const root = parseYaml(read.shown, read.text, report);
    if (root === null || root.kind !== 'scalar' || root.raw !== '') return root;
    report(errorAt('ETL-YAML-008', at, 'the file is empty'));
  } else if (read.tooLarge) {
    const message = `the file has ${read.reason}, more than ${String(FILE_LIMIT / 1024)} KB`;
    report(
      errorAt('ETL-YAML-003', at, message, {
        help: 'move long SQL into a query_file, long tables into a look-up',
      }),
    );
  } else {
    report(errorAt('ETL-FILE-002', at, `the file cannot be read: ${read.reason}`));
  }
  return null;
}

/** The whole file as a place: its first key. */
function rootPlace(root: Node, name: string): Place {
  return { name, at: (root.kind === 'map' ? root.entries[0]?.keyAt : undefined) ?? root.at };
}

function connectionNames({ connections, phases }: Settings): ReadonlySet<string> | null {
  const unread = connections.size === 0 && phases === null;
  return unread ? null : new Set([...connections.keys(), 'source', 'target']);
}

/** All mappings that can be read, by name; checks what they say of each other. */
function readMappings(
  paths: readonly string[],
  settings: Settings,
  build: Build,
  problems: readonly Problem[],
): readonly Mapping[] {
  const places = new Map<string, Position>();
  const mappings = new Map<string, Mapping>();
  const add = (name: string, at: Position, mapping: Mapping | null): void => {
    const first = places.get(name);
    if (first !== undefined) reportSecond(name, at, first, build.report);
    else places.set(name, at);
    if (first === undefined && mapping !== null) mappings.set(name, mapping);
  };
  for (const path of paths) {
    const name = basename(path).replace(/\.ya?ml$/, '');
    const root = readYaml(path, build.files, build.report);
    const shown = build.files.shown(path);
    const place =
      root === null
        ? { name, at: { file: shown, line: 1, column: 1, length: 1 } }
        : rootPlace(root, basename(path));
    const raw = root === null ? undefined : MAPPING.read(root, place, build);
    add(name, place.at, raw === undefined ? null : normaliseMapping(raw, name, settings, build));
  }
  for (const copy of settings.copies) add(copy.table.value, copy.table.at, plainCopy(copy, settings, build));
  const etl = build.files.shown(join(build.files.folder, 'etl.yaml'));
  if (places.size === 0 && settings.phases !== null) {
    const message = 'the project has no mapping';
    const help = 'write one (mappings/<table>.yaml), or name tables under copy';
    build.report(errorAt('ETL-LANG-018', { file: etl, line: 1, column: 1, length: 1 }, message, { help }));
  }
  const known = {
    mappings,
    names: new Set(places.keys()),
    phases: settings.phases?.map((phase) => phase.value) ?? null,
    faulty: new Set(problems.flatMap((problem) => problem.at?.file ?? [])),
    steps: build.steps,
  };
  checkReferences(known, build.report);
  return [...mappings.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function reportSecond(name: string, at: Position, first: Position, report: Report): void {
  const message = `two mappings have the name "${name}"`;
  const label = `the other is ${first.file}:${String(first.line)}`;
  const help = 'a mapping is named after its file, a copy after its table: rename one';
  report(errorAt('ETL-LANG-008', at, message, { label, help }));
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
