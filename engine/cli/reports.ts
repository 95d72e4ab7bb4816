import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Project } from '../contract/mapping.js';
import type { RunResult } from '../contract/result.js';
import type { Format } from '../../reports/document.js';
import { reportOf, type Report } from '../../reports/report.js';
import { workFolder } from './databases.js';

/** Where reports go if nobody says otherwise. */
export const reportFolder = (project: Project): string => path.join(workFolder(project), 'reports');

/** What is known of a run for its report. */
export interface Known {
  readonly result: RunResult;
  readonly before: RunResult | null;
  readonly gaps: readonly string[];
}

/** The report as of today, to be written to a folder. @param folder absolute */
export function makeReport({ exceptions }: Project, known: Known, folder: string): Report {
  const today = new Date().toISOString().slice(0, 10);
  return reportOf({ ...known, exceptions, today, base: wayTo(known.result, folder) });
}

/** The way from a report to the project's files; null where they are not found from here. */
function wayTo({ mappings }: RunResult, folder: string): string | null {
  const named = mappings.find(({ file }) => file !== '');
  if (named === undefined || !existsSync(named.file)) return null;
  const way = path.relative(folder, process.cwd()).split(path.sep).join('/');
  return way === '' ? './' : `${way}/`;
}

/**
 * Writes a report in the formats asked for, each file whole or not at all.
 * @returns the files, absolute, in the order of the formats
 */
export async function writeReports(
  report: Report,
  formats: readonly Format[],
  folder: string,
): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const files: string[] = [];
  for (const { render } of formats) {
    const { output, extension } = await render(report);
    const file = path.join(folder, `${report.result.run}.${extension}`);
    // Whoever looks while it is written, or after it was cut off, finds the one before.
    const draft = `${file}.${String(process.pid)}`;
    await writeFile(draft, output);
    await rename(draft, file);
    files.push(file);
  }
  return files;
}
