import { EXIT, EtlError, ProblemsError } from '../../contract/errors.js';
import { suggest } from '../../contract/suggest.js';
import type { UnitTest, UnitTestReport } from '../../contract/unit-test.js';
import { UNIT_REPORTS } from '../../../reports/unit/index.js';
import { runUnitTests } from '../../unit/unit-tests.js';
import { openTestDatabases } from '../databases.js';
import { err, out, type Output } from '../io.js';
import { readProject, selectMappings, showProblems, type Loaded } from '../project.js';

export interface TestCommandFlags {
  readonly select: readonly string[];
  readonly exclude: readonly string[];
  /** A part of the tests' names; null for all. */
  readonly filter: string | null;
  /** One of {@link UNIT_REPORTS}. */
  readonly format: string;
}

/** `etl test`: the unit tests of mappings, on databases of their own. Exit 5 where one fails. */
export async function testCommand(folder: string, flags: TestCommandFlags, output: Output): Promise<number> {
  const started = performance.now();
  const loaded = await readProject(folder, 'embedded', output, { tests: true });
  const selected = selectMappings(loaded, flags.select, flags.exclude, output);
  const tests = chosenTests(loaded, selected, flags.filter);
  const databases = await openTestDatabases(loaded.project, output.quiet ? () => undefined : err);
  try {
    const { project } = loaded;
    const ports = { open: databases.open, ...loaded.registries };
    const results = await runUnitTests({ project, tests, ports }).catch((error: unknown) => {
      if (error instanceof ProblemsError) showProblems(error.problems, loaded.texts, output);
      throw error;
    });
    const report: UnitTestReport = {
      tests: results,
      untested: [...selected].filter((name) => !loaded.tests.some(({ mapping }) => mapping === name)),
      duration_ms: Math.round(performance.now() - started),
    };
    const format = output.json ? 'json' : flags.format;
    out(UNIT_REPORTS[format]?.(report, { color: output.colorOut }) ?? '');
    return results.every(({ passed }) => passed) ? EXIT.done : EXIT.checks;
  } finally {
    await databases.close();
  }
}

/** The tests to run, by mapping. @throws EtlError where there is none: a success of nothing would hide a misspelt name */
function chosenTests(
  { tests }: Loaded,
  selected: ReadonlySet<string>,
  filter: string | null,
): ReadonlyMap<string, readonly UnitTest[]> {
  const own = tests.flatMap((file) => file.tests).filter(({ mapping }) => selected.has(mapping));
  const wanted = filter?.toLowerCase() ?? '';
  const chosen = own.filter(({ name }) => name.value.toLowerCase().includes(wanted));
  if (chosen.length === 0) {
    const names = own.map(({ name }) => name.value);
    const near = filter === null ? null : suggest(filter, names);
    throw own.length === 0
      ? new EtlError('there is no test of the selected mappings', {
          exitCode: EXIT.usage,
          help: 'tests of tasks.yaml stand beside it in tasks.test.yaml (docs/testing.md)',
        })
      : new EtlError(`no test has "${filter ?? ''}" in its name`, {
          exitCode: EXIT.usage,
          help: near === null ? `there are: ${names.slice(0, 5).join(' · ')}` : `did you mean "${near}"?`,
        });
  }
  const byMapping = new Map<string, UnitTest[]>();
  for (const test of chosen) byMapping.set(test.mapping, [...(byMapping.get(test.mapping) ?? []), test]);
  return byMapping;
}
