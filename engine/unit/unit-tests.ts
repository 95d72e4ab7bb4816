import { compileProject, type CompiledProject } from '../compile/project.js';
import { ProblemsError } from '../contract/errors.js';
import type { Mapping, Project } from '../contract/mapping.js';
import type { Problem } from '../contract/problem.js';
import type { UnitTest, UnitTestResult } from '../contract/unit-test.js';
import { Catalogue } from '../postgres/catalogue.js';
import type { RunPorts } from '../run/ports.js';
import { StateStore } from '../state/store.js';
import { checkTests, expectedRows, type Sides } from './bind.js';
import { SessionPool } from './pool.js';
import { playTest, type Stage } from './play.js';

export interface UnitTestInput {
  readonly project: Project;
  /** By mapping; mappings without tests have no entry. */
  readonly tests: ReadonlyMap<string, readonly UnitTest[]>;
  /** `source` and `target`: databases with the tables of both sides, empty and without foreign keys. */
  readonly ports: RunPorts;
}

/**
 * Runs unit tests, one after the other; nothing of any of them stays but the state schema.
 * @throws ProblemsError with all that is wrong with mappings and tests, before the first one runs
 */
export async function runUnitTests(input: UnitTestInput): Promise<readonly UnitTestResult[]> {
  const { project, tests } = input;
  // The embedded source stands for whatever mappings read from.
  const pool = new SessionPool((name) => input.ports.open(name === 'target' ? name : 'source'));
  const ports = { ...input.ports, open: pool.open };
  const sides = { source: await ports.open('source'), target: await ports.open('target') };
  try {
    await withState(ports, project);
    const { stages, problems } = await stagesOf({ ...input, ports }, sides);
    for (const stage of stages) {
      const own = tests.get(stage.compiled.mapping.name) ?? [];
      problems.push(...(await checkTests(stage, own, sides)));
    }
    if (problems.some(({ severity }) => severity === 'error')) throw new ProblemsError(problems);
    const results: UnitTestResult[] = [];
    for (const stage of stages) {
      const own = tests.get(stage.compiled.mapping.name) ?? [];
      const expected = await expectedRows(stage, own, sides.target);
      for (const [n, test] of own.entries()) {
        results.push(await playTest(stage, test, expected[n] ?? null));
      }
    }
    return results;
  } finally {
    for (const session of Object.values(sides)) await session.close();
    await pool.close();
  }
}

/** The state schema is made once: within a test it would be taken back with it. */
async function withState(ports: RunPorts, { stateSchema, name }: Project): Promise<void> {
  const session = await ports.open('target');
  try {
    await StateStore.open(session, stateSchema, name);
  } finally {
    await session.close();
  }
}

/** Binds each tested mapping as if it were the only one that is loaded. */
async function stagesOf(
  { project, tests, ports }: UnitTestInput,
  sides: Sides,
): Promise<{ readonly stages: readonly Stage[]; readonly problems: Problem[] }> {
  const problems = new Map<string, Problem>();
  const bound: { readonly mapping: Mapping; readonly project: CompiledProject }[] = [];
  const [source, target] = await Promise.all([Catalogue.open(sides.source), Catalogue.open(sides.target)]);
  const names = project.mappings.map((mapping) => mapping.source.connection.value);
  const sources = new Map(names.map((name) => [name, name === 'target' ? target : source]));
  for (const mapping of project.mappings) {
    if (!tests.has(mapping.name)) continue;
    const found: Problem[] = [];
    const selected = new Set([mapping.name]);
    const compiled = await compileProject(project, selected, sources, target, ports, found);
    for (const one of found) problems.set(JSON.stringify([one.code, one.at, one.message]), one);
    if (compiled !== null) bound.push({ mapping, project: compiled });
  }
  const stages = bound.map(async ({ mapping, project: own }): Promise<Stage[]> => {
    const compiled = own.mappings.find((one) => one.mapping.name === mapping.name);
    if (compiled === undefined) return [];
    const catalogue = sources.get(mapping.source.connection.value) ?? source;
    const [columns = []] = await catalogue.describe([compiled.rowsSql]);
    if (columns instanceof Error) throw columns;
    const alone = own.dependencies.filter(({ from, to }) => from === mapping.name && to === mapping.name);
    return [{ project, compiled, columns, ports, bound: { ...own, dependencies: alone } }];
  });
  return { stages: (await Promise.all(stages)).flat(), problems: [...problems.values()] };
}
