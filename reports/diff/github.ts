import { type Change, type ChangeClass, type ProjectDiff } from '../../engine/contract/diff.js';
import { counted } from '../format.js';
import { data, property } from '../workflow-command.js';
import { dependantText, mappingsText } from './words.js';

/** GitHub shows ten annotations of a step, of each level. */
const MOST = 10;

/** What a reviewer is shown beside the line. */
const LEVEL: Readonly<Record<ChangeClass, 'warning' | 'notice' | null>> = {
  destructive: 'warning',
  'identity-changing': 'warning',
  're-transform': 'notice',
  additive: 'notice',
  cosmetic: null,
};

/** The worst ten changes as annotations of a GitHub workflow; the last of them says how many more there are. */
export function diffAnnotations({ changes }: ProjectDiff): string {
  const told = changes.filter((change) => LEVEL[change.class] !== null);
  const shown = told.slice(0, MOST);
  return shown
    .map((change, n) => annotation(change, n === MOST - 1 ? told.length - shown.length : 0))
    .join('\n');
}

function annotation(change: Change, others: number): string {
  const { at, side, class: own, what, consequence, dependants } = change;
  // A line of a file that is gone has nothing to stand beside.
  const place =
    side === 'base'
      ? []
      : [`file=${property(at.file)}`, `line=${String(at.line)}`, `col=${String(at.column)}`];
  const title = property(`${own}: ${mappingsText(change)}, ${what}`);
  const text = [
    consequence,
    ...(dependants.length > 0 ? [`Runs again with it: ${dependants.map(dependantText).join(', ')}`] : []),
    ...(others > 0 ? [`And ${counted(others, 'more change')}: see the comment or etl diff.`] : []),
  ].join('\n');
  return `::${LEVEL[own] ?? 'notice'} ${[...place, `title=${title}`].join(',')}::${data(text)}`;
}
