import { counted } from '../../reports/format.js';

/** How a run is tried out. */
export interface TestFlags {
  /** Everything is done and then taken back. */
  readonly dryRun: boolean;
  /** Rows of each mapping, to which come those that they refer to; null for all. */
  readonly limit: number | null;
}

export const NO_TEST: TestFlags = { dryRun: false, limit: null };

/** What a test mode does otherwise, said before it begins. */
export const testNotices = ({ dryRun, limit }: TestFlags): readonly string[] => [
  ...(limit === null
    ? []
    : [`sample: ${counted(limit, 'row')} of each mapping and every row that they refer to`]),
  ...(dryRun ? ['dry run: one transaction, taken back at the end; only sequences move on'] : []),
];

/** What is said of a run that was interrupted: what stays, and how to go on. */
export function interruptedWords(folder: string, embedded: boolean, { dryRun, limit }: TestFlags): string {
  const flags = [
    folder,
    ...(embedded ? ['--embedded'] : []),
    ...(limit === null ? [] : [`--limit ${String(limit)}`]),
    ...(dryRun ? ['--dry-run'] : []),
  ].join(' ');
  if (dryRun) return `interrupted: it was a dry run, nothing stays. To try again: etl run ${flags}`;
  const again = limit === null ? 'resume' : 'run';
  return `interrupted: what is committed stays. To go on: etl ${again} ${flags}`;
}
