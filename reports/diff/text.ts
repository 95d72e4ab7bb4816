import { worstOf, type Change, type ChangedEdge, type ProjectDiff } from '../../engine/contract/diff.js';
import { names, visible } from '../format.js';
import { sampleLines } from './sample.js';
import { clipped, countsText, dependantText, mappingsText, placeText, WORST_FIRST } from './words.js';

/** For a terminal: worst first, one paragraph a change. */
export function diffText(diff: ProjectDiff): string {
  const { changes, edges, rerun, untold, sample, notes } = diff;
  const sections = WORST_FIRST.flatMap((name) => {
    const own = changes.filter((change) => change.class === name);
    return own.length === 0 ? [] : [name.toUpperCase(), ...own.flatMap(changeLines), ''];
  });
  return [
    `${diff.base.name} → ${diff.head.name}: ${countsText(changes)}`,
    '',
    ...sections,
    ...(rerun.length > 0 ? [`must run again, in this order: ${rerun.join(', ')}`] : []),
    ...(sample ?? []).flatMap(sampleLines),
    ...edges.appear.map((edge) => `new edge: ${edgeText(edge)}`),
    ...edges.vanish.map((edge) => `edge that is gone: ${edgeText(edge)}`),
    ...(untold.length > 0 ? [`text alone differs (comments, layout, order): ${names(untold, 10)}`] : []),
    ...notes.map((note) => `note: ${note}`),
    ...(worstOf(changes) === null && untold.length === 0 ? ['nothing differs'] : []),
  ].join('\n');
}

function changeLines(change: Change): readonly string[] {
  const { before, after, consequence, dependants } = change;
  return [
    `  ${visible(mappingsText(change))}: ${visible(change.what)}   ${placeText(change)}`,
    ...(before === null ? [] : [`    - ${clipped(before)}`]),
    ...(after === null ? [] : [`    + ${clipped(after)}`]),
    `    ${consequence}`,
    ...(dependants.length > 0 ? [`    runs again with it: ${names(dependants.map(dependantText), 12)}`] : []),
  ];
}

export const edgeText = ({ from, to, column, kind }: ChangedEdge): string =>
  `${from} → ${to} (${column ?? kind})`;
