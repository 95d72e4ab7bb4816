import { check } from '../../check/check.js';
import { asProblem } from '../../check/findings.js';
import { EXIT, type ExitCode } from '../../contract/errors.js';
import type { CheckReport, Grade } from '../../contract/finding.js';
import { adviceOn } from '../../../reports/advice.js';
import { PROBLEM_FORMATS, type ProblemFormat } from '../../../reports/problems/index.js';
import { isVerified, openConnections } from '../check/open.js';
import { checkText } from '../check/text.js';
import { openDatabases } from '../databases.js';
import { err, out, type Output } from '../io.js';
import { readProject, selectMappings } from '../project.js';
import { version } from '../version.js';

export interface CheckFlags {
  readonly select: readonly string[];
  readonly exclude: readonly string[];
  readonly embedded: boolean;
  /** All rows, no sample. */
  readonly full: boolean;
  readonly jobs: number | null;
  /** A format of problems, in place of text or JSON. */
  readonly format: ProblemFormat | null;
}

/** A preflight that found the way clear, with or without exceptions, is a success. */
const EXIT_OF: Readonly<Record<Grade, ExitCode>> = {
  ready: EXIT.done,
  'ready with exceptions': EXIT.done,
  'not ready': EXIT.checks,
};

/** `etl check`: the preflight. Reads both ends and writes nothing anywhere. */
export async function checkCommand(folder: string, flags: CheckFlags, output: Output): Promise<number> {
  const loaded = await readProject(folder, flags.embedded ? 'embedded' : 'connections', output);
  const { project } = loaded;
  const selected = selectMappings(loaded, flags.select, flags.exclude, output);
  const say = (line: string): void => {
    if (!output.quiet) err(line);
  };
  const databases = await openDatabases(project, flags.embedded, say, { anyPooler: true });
  const { sessions, ...opened } = await openConnections(project, databases, flags.embedded);
  try {
    const report = await check({
      ...opened,
      project,
      selected,
      sessions,
      verified: (name) => isVerified(project.connections.get(name)),
      open: databases.open,
      registries: loaded.registries,
      advise: adviceOn,
      full: flags.full,
      statistics: output.json || output.verbose,
      jobs: flags.jobs,
      say: (line) => {
        if (output.verbose) say(line);
      },
    });
    if (flags.format === null) print(report, output);
    else printProblems(report, flags.format, [...loaded.texts.keys()]);
    return EXIT_OF[report.grade];
  } finally {
    for (const session of sessions.values()) await session.close();
    await databases.close();
  }
}

/** Errors and warnings as problems; notes ask nothing of anybody. */
function printProblems({ findings }: CheckReport, format: ProblemFormat, files: readonly string[]): void {
  const problems = findings.filter(({ severity }) => severity !== 'note').map(asProblem);
  const document = PROBLEM_FORMATS[format]({ problems, files, version: version(), command: 'etl check' });
  if (document !== '') out(document);
}

function print(report: CheckReport, output: Output): void {
  if (output.json) {
    out(JSON.stringify({ version: 1, ...report, exit_code: EXIT_OF[report.grade] }, null, 2));
  } else {
    out(checkText(report, { color: output.colorOut, verbose: output.verbose, quiet: output.quiet }));
  }
}
