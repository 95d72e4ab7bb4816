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
export function interruptedWords(folder: string, embedded: boolean, how: TestFlags | 'replay'): string {
  const where = embedded ? `${folder} --embedded` : folder;
  const stays = 'interrupted: what is committed stays. To go on: etl';
  if (how === 'replay') {
    return `${stays} ${['rejects', folder, 'replay', ...(embedded ? ['--embedded'] : [])].join(' ')}`;
  }
  const sample = how.limit === null ? '' : ` --limit ${String(how.limit)}`;
  if (how.dryRun) {
    return `interrupted: it was a dry run, nothing stays. To try again: etl run ${where}${sample} --dry-run`;
  }
  return `${stays} ${how.limit === null ? 'resume' : 'run'} ${where}${sample}`;
}
