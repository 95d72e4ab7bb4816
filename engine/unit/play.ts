import type { CompiledProject } from '../compile/project.js';
import { EXIT, EtlError } from '../contract/errors.js';
import type { Project } from '../contract/mapping.js';
import { referredTo } from '../contract/references.js';
import type { MappingResult } from '../contract/result.js';
import type { Difference, UnitTest, UnitTestResult } from '../contract/unit-test.js';
import { makePlan } from '../plan/plan.js';
import { quoteName, quoteTable } from '../postgres/identifier.js';
import { givenKeys } from '../resolve/given-keys.js';
import type { RunInput } from '../run/input.js';
import type { RunPorts } from '../run/ports.js';
import { rehearse } from '../run/run.js';
import { StopSignal } from '../run/stop.js';
import type { Tested } from './bind.js';
import { compareFates } from './compare-fates.js';
import { compareRows, type ExpectedRow } from './compare-rows.js';
import { overGiven } from './given.js';
import { observe } from './observe.js';

/** What the tests of one mapping share. */
export interface Stage extends Tested {
  readonly project: Project;
  /** The mapping alone. */
  readonly bound: CompiledProject;
  readonly ports: RunPorts;
}

/** They work on the whole target, of which a test has one table. */
const NO_HOOKS = { before: [], after: [] };

const NO_END = { host: '', port: 0, database: '', user: '', version: '' };

/** Plays one test: a run of the mapping over what the test gives, in a transaction that is taken back. */
export async function playTest(
  stage: Stage,
  test: UnitTest,
  expected: readonly ExpectedRow[] | null,
): Promise<UnitTestResult> {
  const started = performance.now();
  const differences = await differencesOf(stage, test, expected).catch((error: unknown) => {
    if (!(error instanceof EtlError) || error.exitCode === EXIT.transient) throw error;
    return stoppedAs(test, error.message);
  });
  return {
    mapping: test.mapping,
    name: test.name.value,
    at: test.name.at,
    passed: differences.length === 0,
    differences,
    duration_ms: Math.round(performance.now() - started),
  };
}

async function differencesOf(
  stage: Stage,
  test: UnitTest,
  expected: readonly ExpectedRow[] | null,
): Promise<readonly Difference[]> {
  const { compiled, project } = stage;
  return rehearse(inputOf(stage, test), async (play, open) => {
    const session = await open();
    // Ids of its own sequence begin anew, so that a test can name them.
    await session.query(`truncate ${quoteTable(compiled.table)} restart identity`);
    const result = await play();
    const reason = stopReason(result.mappings[0]);
    const found = await observe(session, compiled, {
      schema: quoteName(project.stateSchema),
      run: result.run,
    });
    await session.close();
    const { expect, name } = test;
    const stopped = stoppedAs(test, reason);
    const key = compiled.targetKey.map((index) => compiled.columns[index]?.column.name ?? '');
    // Of a mapping that stopped only what a test lists is expected to be there.
    const rejects = expect.rejects ?? (reason === null ? [] : null);
    return [
      ...stopped,
      ...(expected === null || stopped.length > 0 ? [] : compareRows(expected, found.rows, key, name.at)),
      ...(rejects === null ? [] : compareFates('rejects', rejects, found.rejects, name.at)),
      ...(expect.warnings === null ? [] : compareFates('warnings', expect.warnings, found.warnings, name.at)),
      ...(expect.skipped === null ? [] : compareFates('skipped', expect.skipped, found.skipped, name.at)),
    ];
  });
}

/** Why the mapping did not come to its end; checks after the load are none of a test's. */
function stopReason(result: MappingResult | undefined): string | null {
  if (result === undefined || result.status === 'succeeded') return null;
  return result.checks.some((check) => check.status === 'failed') ? null : (result.reason ?? result.status);
}

/** A mapping that stopped where it should not have, or otherwise than it should, or not at all. */
function stoppedAs({ expect: { fails }, name }: UnitTest, reason: string | null): readonly Difference[] {
  if (fails === null ? reason === null : reason?.includes(fails) === true) return [];
  const about = { about: 'run', at: name.at, columns: [] } as const;
  if (fails === null) return [{ ...about, kind: 'unexpected', what: 'the mapping stopped', note: reason }];
  const note = reason === null ? 'it came to its end' : `it stopped with: ${reason}`;
  return [{ ...about, kind: 'missing', what: `the mapping stops with "${fails}"`, note }];
}

function inputOf({ project, bound, compiled, columns, ports }: Stage, test: UnitTest): RunInput {
  const mapping = { ...compiled.mapping, hooks: NO_HOOKS };
  const tables = new Map(test.given.references.map(({ name, table }) => [name.value, table]));
  const referenced = referredTo(mapping);
  return {
    project: { ...project, hooks: NO_HOOKS },
    compiled: { ...bound, mappings: [overGiven(compiled, columns, test)] },
    plan: makePlan([mapping], project.phases, bound.dependencies, bound.opened, new Map()),
    tables: new Map(),
    resume: null,
    ports,
    emit: () => undefined,
    stop: new StopSignal(),
    options: {
      jobs: 1,
      failFast: false,
      fresh: true,
      dryRun: true,
      given: new Map(referenced.map((name) => [name, givenKeys(tables.get(name) ?? [])])),
    },
    provenance: {
      ...{ crosswalk: '', mappingsHash: '', gitCommit: null, operator: '' },
      ...{ source: NO_END, target: NO_END },
    },
  };
}
