import { count, counted, visible } from '../../../reports/format.js';
import { cut } from '../../../reports/text/width.js';
import type { RejectCount } from '../../state/rejects.js';

/** Rejects by cause, for people. @param run null for those that are open */
export function listText(
  folder: string,
  run: string | null,
  { groups, total }: { readonly groups: readonly RejectCount[]; readonly total: number },
  width: number,
): string {
  const of = run === null ? 'open' : `of run ${run}`;
  if (total === 0) return run === null ? 'no open rejects' : `no rejects of run ${run}`;
  const lines = groups.flatMap((group) => [
    `  ${count(group.count).padStart(7)}  ${visible(group.mapping)}${group.column === null ? '' : `.${visible(group.column)}`}  ${visible(group.rule)}${group.sqlstate === null ? '' : ` [${group.sqlstate}]`}  ${visible(group.file)}:${String(group.line)}`,
    cut(`           first key ${visible(group.key ?? 'null')}: ${visible(group.reason)}`, width),
  ]);
  const shown = groups.reduce((sum, group) => sum + group.count, 0);
  return [
    `${counted(total, 'reject')} ${of}${shown < total ? `, ${count(shown)} of them in the ${counted(groups.length, 'cause')} shown` : ''}`,
    ...lines,
    ...(run === null ? ['', `one row: etl rejects ${folder} show MAPPING KEY; again: etl rejects ${folder} replay`] : []),
  ].join('\n'); // prettier-ignore
}

/** The document of `etl rejects list --json`; its keys may be relied on. */
export const listJson = (
  project: string,
  run: string | null,
  { groups, total }: { readonly groups: readonly RejectCount[]; readonly total: number },
): object => ({ version: 1, project, run, total, groups });
