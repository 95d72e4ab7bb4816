import path from 'node:path';
import { EXIT, EtlError } from '../../contract/errors.js';
import type { Project } from '../../contract/mapping.js';
import { suggest } from '../../contract/suggest.js';
import type { Format } from '../../../reports/document.js';
import { FORMATS } from '../../../reports/index.js';
import { summary } from '../../../reports/json.js';
import { shownPath } from '../../mapping/index.js';
import { readKeptRun, readRunBefore } from '../../state/kept-run.js';
import { out, type Output } from '../io.js';
import { readProject } from '../project.js';
import { readState } from '../reading.js';
import { makeReport, reportFolder, writeReports, type Known } from '../reports.js';

export interface ReportFlags {
  /** Null: the last one. */
  readonly run: string | null;
  /** Names of formats, parted by commas. */
  readonly format: string;
  /** A folder, or `-` for stdout; null for the project's own. */
  readonly out: string | null;
  readonly embedded: boolean;
}

/** `etl report`: the report of a run again, from the state, weighed against exceptions.yaml as it is now. */
export async function reportCommand(folder: string, flags: ReportFlags, output: Output): Promise<number> {
  const formats = formatsOf(flags.format);
  const [only] = formats;
  if (flags.out === '-' && (formats.length > 1 || output.json)) {
    throw new EtlError('--out - takes one document', {
      exitCode: EXIT.usage,
      help: 'name one --format, and leave --json out',
    });
  }
  const { project } = await readProject(folder, flags.embedded ? 'embedded' : 'connections', output);
  const known = await readKnown(project, flags);
  const place = flags.out === null || flags.out === '-' ? reportFolder(project) : path.resolve(flags.out);
  const report = makeReport(project, known, place);
  if (flags.out === '-' && only !== undefined) {
    out((await only.render(report)).output);
    return EXIT.done;
  }
  const files = (await writeReports(report, formats, place)).map((file) => shownPath(file, process.cwd()));
  if (output.json) out(JSON.stringify(summary(report, files[0] ?? null), null, 2));
  else out([`${report.verdict.name}, run ${report.result.run}`, ...files].join('\n'));
  return EXIT.done;
}

/** @throws EtlError exit 2 for a format that there is not */
function formatsOf(text: string): readonly Format[] {
  const names = [...new Set(text.split(',').map((name) => name.trim()))];
  return names.map((name) => {
    const found = FORMATS.find(({ format }) => format === name);
    if (found !== undefined) return found;
    const known = FORMATS.map(({ format }) => format);
    const near = suggest(name, known);
    throw new EtlError(`there is no format "${name}"`, {
      exitCode: EXIT.usage,
      help: near === null ? `there are ${known.join(', ')}` : `did you mean "${near}"?`,
    });
  });
}

/** @throws EtlError exit 2 where there is no such run, 3 while it is under way */
async function readKnown(project: Project, { run, embedded }: ReportFlags): Promise<Known> {
  const { name, stateSchema } = project;
  const read = await readState(project, embedded, async (session, schema) => {
    const kept = await readKeptRun(session, schema, { project: name, stateSchema, run });
    if (kept === null || kept === 'under_way') return kept;
    const { limit } = kept.result;
    const before = await readRunBefore(session, schema, { project: name, run: kept.result.run, limit });
    return { ...kept, before };
  });
  const known = read?.value ?? null;
  if (known === 'under_way') {
    throw new EtlError('the run is still under way', {
      exitCode: EXIT.transient,
      help: 'etl status DIR --watch shows how far it is; its report is written when it ends',
    });
  }
  if (known !== null) return known;
  const what = run === null ? 'has not been run yet' : `has no run "${run}"`;
  throw new EtlError(`project "${name}" ${what}`, {
    exitCode: EXIT.usage,
    help: 'etl status DIR lists the last runs; a dry run leaves none, only the report that it wrote',
  });
}
