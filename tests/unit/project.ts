import path from 'node:path';
import { openDatabases } from '../../engine/cli/databases.js';
import { readProject } from '../../engine/cli/project.js';
import { ProblemsError } from '../../engine/contract/errors.js';
import type { UnitTestReport } from '../../engine/contract/unit-test.js';
import { emptyTables } from '../../engine/embedded/index.js';
import { withClient } from '../../engine/embedded/roles.js';
import { STEPS } from '../../engine/steps/index.js';
import { runUnitTests } from '../../engine/unit/unit-tests.js';
import { RULES } from '../../validators/index.js';
import type { TestProject } from '../support/project.js';

const QUIET = { json: false, quiet: true, verbose: false, color: false, colorOut: false, tty: false };

/** `etl test` on the databases of a test's project. @returns its report, or its problems as `code file:line:column message` */
export async function runTests(project: TestProject): Promise<UnitTestReport | readonly string[]> {
  const { sourceAdmin, targetAdmin } = project.databases;
  const [state] = await project.target("select to_regnamespace('etl') as name");
  if (state?.['name'] === null) {
    for (const url of [sourceAdmin, targetAdmin]) await withClient(url, emptyTables);
  }
  const { project: settings } = await readProject(project.folder, 'connections', QUIET);
  const databases = await openDatabases(settings, false, () => undefined);
  try {
    const loaded = await readProject(project.folder, 'connections', QUIET, { tests: true });
    const tests = new Map(loaded.tests.map((file) => [file.mapping, file.tests]));
    const ports = { open: databases.open, steps: STEPS, rules: RULES };
    const results = await runUnitTests({ project: loaded.project, tests, ports });
    return { tests: results, untested: [], duration_ms: 0 };
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    return error.problems.map(({ code, at, message, help }) => {
      const place =
        at === undefined ? '' : `${path.basename(at.file)}:${String(at.line)}:${String(at.column)}`;
      return [code, place, message, help].filter((part) => part !== undefined).join(' · ');
    });
  } finally {
    await databases.close();
  }
}
