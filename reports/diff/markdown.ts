import { worstOf, type Change, type ChangeClass, type ProjectDiff } from '../../engine/contract/diff.js';
import { count, names } from '../format.js';
import { code, lines, prose } from '../markdown/words.js';
import { sampleParts } from './sample.js';
import { edgeText } from './text.js';
import { clipped, countsText, dependantText, MEANING, placeText, WORST_FIRST } from './words.js';

/** GitHub takes 65,536 characters a comment; what is around it needs some. */
const LIMIT = 60_000;

/** For a pull request: what will happen to the data, worst first; under 65,536 characters however much there is. */
export function diffMarkdown(diff: ProjectDiff): string {
  const kept = [head(diff)];
  let left = LIMIT - 2000 - (kept[0]?.length ?? 0);
  let leftOut = 0;
  for (const name of WORST_FIRST) {
    const own = diff.changes.filter((change) => change.class === name);
    if (own.length === 0) continue;
    const texts = own.map(changeText);
    const fitting = texts.filter((text) => (left -= text.length + 1) > 0);
    leftOut += texts.length - fitting.length;
    if (fitting.length > 0) kept.push(section(name, own.length, fitting));
  }
  if (leftOut > 0) {
    kept.push(
      `_And ${count(leftOut)} more changes, none of them worse than these: \`etl diff --json\` has all._`,
    );
  }
  for (const part of [...sampleParts(diff.sample ?? []), edges(diff), rest(diff)]) {
    if (part === '') continue;
    left -= part.length;
    if (left > 0) kept.push(part);
    else kept.push('_More is left out here: `etl diff --json` has all._');
  }
  return `${kept.join('\n\n')}\n`;
}

function head({ project, changes, base, head: now, rerun, notes }: ProjectDiff): string {
  const worst = worstOf(changes);
  const verdict =
    worst === null
      ? '**Nothing that is loaded differs.** Comments, layout and order are all that may have changed.'
      : `**Worst: ${worst}**, that is, ${MEANING[worst]}.`;
  const run = rerun.length === 0 ? 'Nothing has to run again.' : runText(rerun);
  return lines([
    `## What this change does to the data of ${code(project)}`,
    '',
    verdict,
    '',
    `${countsText(changes)}; from ${code(base.name)} to ${code(now.name)}.`,
    '',
    run,
    ...notes.flatMap((note) => ['', `> ${prose(note)}`]),
  ]);
}

function runText(rerun: readonly string[]): string {
  const shown = rerun.slice(0, 60);
  const more = rerun.length > shown.length ? ` and ${count(rerun.length - shown.length)} more` : '';
  return `**Must run again**, in this order: ${shown.map(code).join(', ')}${more}.`;
}

/** Cosmetic changes are folded: they ask nothing of a reviewer. */
function section(name: ChangeClass, total: number, texts: readonly string[]): string {
  const title = `${name.charAt(0).toUpperCase()}${name.slice(1)} (${count(total)})`;
  return name === 'cosmetic'
    ? lines([`<details><summary>${title}: ${MEANING[name]}</summary>`, '', ...texts, '', '</details>'])
    : lines([`### ${title}`, '', `_${MEANING[name]}_`, '', ...texts]);
}

function changeText(change: Change): string {
  const { mappings, what, before, after, consequence, dependants } = change;
  const who =
    mappings.length === 0
      ? 'the project'
      : `${mappings.slice(0, 12).map(code).join(', ')}${mappings.length > 12 ? ` and ${count(mappings.length - 12)} more` : ''}`;
  const sentence = `${consequence.charAt(0).toUpperCase()}${consequence.slice(1)}.`;
  const values = [
    before === null ? 'nothing before' : code(clipped(before)),
    after === null ? 'nothing now' : code(clipped(after)),
  ];
  return [
    `- **${who}** · ${prose(clipped(what, 120))} · ${code(placeText(change))}`,
    `  ${values.join(' → ')}`,
    `  ${prose(sentence)}`,
    ...(dependants.length > 0
      ? [
          `  Runs again with it: ${names(
            dependants.map((one) => code(dependantText(one))),
            12,
          )}.`,
        ]
      : []),
  ].join('  \n');
}

function edges({ edges: { appear, vanish } }: ProjectDiff): string {
  if (appear.length + vanish.length === 0) return '';
  const list = [
    ...appear.map((edge) => `- new: ${code(edgeText(edge))}`),
    ...vanish.map((edge) => `- gone: ${code(edgeText(edge))}`),
  ];
  const shown = list.slice(0, 60);
  return lines([
    '### Edges of the graph',
    '',
    ...shown,
    ...(list.length > shown.length ? [`- and ${count(list.length - shown.length)} more`] : []),
  ]);
}

function rest({ untold, base, head: now, planHash }: ProjectDiff): string {
  return lines([
    ...(untold.length === 0
      ? []
      : [
          `Text alone differs (comments, layout, order, what nothing uses): ${names(untold.map(code), 20)}.`,
          '',
        ]),
    `Mappings ${code(base.hash.slice(0, 12))} → ${code(now.hash.slice(0, 12))}${planHash === null ? '' : `; plan ${code(planHash.slice(0, 12))}`}.`,
  ]);
}
