import { referredTo } from '../contract/references.js';
import path from 'node:path';
import { ProblemsError } from '../contract/errors.js';
import type { Project } from '../contract/mapping.js';
import type { Problem } from '../contract/problem.js';
import type { UnitTestFile } from '../contract/unit-test.js';
import { suggest } from '../contract/suggest.js';
import type { Edge } from '../graph/graph.js';
import { select, type Selectable } from '../graph/select.js';
import { formatProblems, loadProject, type LoadedProject } from '../mapping/index.js';
import { STEPS } from '../steps/index.js';
import { RULES } from '../../validators/index.js';
import { err, type Output } from './io.js';

export interface Loaded {
  readonly project: Project;
  /** Empty where they were not asked for. */
  readonly tests: readonly UnitTestFile[];
  readonly texts: ReadonlyMap<string, string>;
  readonly hash: string;
  /** See {@link LoadedProject.digests}. */
  readonly digests: ReadonlyMap<string, string>;
  /** The engine's steps and rules, and the project's own. */
  readonly registries: LoadedProject['registries'];
  /** Warnings alone: an error is thrown. */
  readonly problems: readonly Problem[];
}

/** `none`: the command asks no database, so that connections need no values. */
type Databases = 'connections' | 'embedded' | 'none';

/** `tests`: the files with unit tests, too. `mayBeEmpty`: mappings are yet to be written. */
interface More {
  readonly tests?: boolean;
  readonly mayBeEmpty?: boolean;
}

/** Reads the project folder and shows what is wrong. @throws ProblemsError where anything is an error */
export async function readProject(
  folder: string,
  databases: Databases,
  output: Output,
  more: More = {},
): Promise<Loaded> {
  const { project, ...loaded } = await loadFiles(folder, databases, output, more);
  if (project === null) throw new ProblemsError(loaded.problems);
  return { project, ...loaded };
}

/** Reads the project folder and shows what is wrong; the project is null where anything is an error. */
export async function loadFiles(
  folder: string,
  databases: Databases,
  output: Output,
  more: More = {},
): Promise<LoadedProject> {
  const loaded = await loadSilently(folder, databases, more);
  showProblems(loaded.problems, loaded.texts, output);
  return loaded;
}

/** The same for who shows in another way what is wrong. */
export const loadSilently = (
  folder: string,
  databases: Databases,
  { tests = false, mayBeEmpty = false }: More = {},
): Promise<LoadedProject> =>
  loadProject(path.resolve(folder), {
    steps: STEPS,
    rules: RULES,
    env: process.env,
    embedded: databases === 'embedded',
    offline: databases === 'none',
    tests,
    mayBeEmpty,
    cwd: process.cwd(),
  });

/** Prints problems with their frames; `report` adds the document where `--json` was asked for. */
export function showProblems(
  problems: readonly Problem[],
  texts: ReadonlyMap<string, string>,
  output: Output,
): void {
  if (problems.length > 0) err(formatProblems(problems, texts, { color: output.color }));
}

/** The names that the selectors give; all where there are none. @throws ProblemsError for one that matches nothing */
export function selectMappings(
  { project, texts }: Loaded,
  selectors: readonly string[],
  excluded: readonly string[],
  output: Output,
): ReadonlySet<string> {
  const nodes = project.mappings.map((mapping) => ({
    name: mapping.name,
    tags: mapping.tags,
    phase: mapping.phase,
    path: path.relative(project.folder, path.resolve(mapping.file)),
  }));
  const edges = edgesOf(project);
  const words = project.phases.map((p) => `phase:${p}`);
  return selectAmong({ nodes, edges, words }, selectors, excluded, (problems) => {
    showProblems(problems, texts, output);
  });
}

/** Which mapping needs which, as the files say it. */
export const edgesOf = ({ mappings }: Project): readonly Edge[] =>
  mappings.flatMap((mapping) => [
    ...mapping.dependsOn.map(({ value }) => ({ from: mapping.name, to: value })),
    ...referredTo(mapping).map((to) => ({ from: mapping.name, to })),
  ]);

/** What can be selected, how it hangs together, and words that a selector could have meant besides. */
export interface Selection {
  readonly nodes: readonly Selectable[];
  readonly edges: readonly Edge[];
  readonly words: readonly string[];
}

/** As {@link selectMappings}, among what is given. @throws ProblemsError for a selector that matches nothing */
export function selectAmong(
  { nodes, edges, words: more }: Selection,
  selectors: readonly string[],
  excluded: readonly string[],
  show: (problems: readonly Problem[]) => void,
): ReadonlySet<string> {
  const all = new Set(nodes.map((node) => node.name));
  const wanted = selectors.length === 0 ? { names: all, empty: [] } : select(selectors, nodes, edges);
  const unwanted = select(excluded, nodes, edges);
  const words = [...all, ...nodes.flatMap((n) => n.tags.map((tag) => `tag:${tag}`)), ...more];
  const problems = [...wanted.empty, ...unwanted.empty].map((selector): Problem => {
    const near = suggest(selector.replaceAll('+', ''), words);
    return {
      code: 'ETL-SEL-001',
      severity: 'error',
      message: `the selector "${selector}" matches no mapping`,
      help: near === null ? `there are ${[...all].join(', ')}` : `did you mean "${near}"?`,
    };
  });
  show(problems);
  if (problems.length > 0) throw new ProblemsError(problems);
  return new Set([...wanted.names].filter((name) => !unwanted.names.has(name)));
}
