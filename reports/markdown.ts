import { checkNote } from './check-note.js';
import type { CheckResult, MappingResult } from '../engine/contract/result.js';
import { PLACES, totalSpent } from '../engine/contract/spent.js';
import { adviceOn } from './advice.js';
import { placeOf, type Cause } from './causes.js';
import { isSame, type Difference } from './difference.js';
import type { Format } from './document.js';
import { subjectOf } from './exceptions.js';
import { count, counted, decimal, duration, moment, share } from './format.js';
import { cell, code, lines, prose, tableOf, withCode } from './markdown/words.js';
import { modesOf } from './mode.js';
import type { Report } from './report.js';
import { totalsOf } from './totals.js';

/** GitHub takes 65,536 characters a comment: parts at the end give way first. */
const LIMIT = 65_000;
const CAUSES = 30;

/** For a pull request or a chat: counts first, causes folded. */
export const markdownReport: Format = {
  format: 'markdown',
  render: (report) =>
    Promise.resolve({
      output: fitting(parts(report)),
      mediaType: 'text/markdown; charset=utf-8',
      extension: 'md',
    }),
};

function parts(report: Report): readonly string[] {
  return [
    head(report),
    accounting(report),
    causes(report.causes),
    exceptions(report),
    checks(report),
    times(report),
    difference(report.difference),
  ].filter((part) => part !== '');
}

function fitting(all: readonly string[]): string {
  const kept: string[] = [];
  let left = LIMIT;
  for (const part of all) {
    if (part.length + 2 > left) {
      kept.push('_More is in the HTML and JSON reports._');
      break;
    }
    kept.push(part);
    left -= part.length + 2;
  }
  return `${kept.join('\n\n')}\n`;
}

function head({ result, verdict, gaps, next }: Report): string {
  const { provenance } = result;
  const facts = [
    `Project ${code(result.project)}, run ${code(result.run)}, ${moment(result.startedAt)}, ${duration(result.duration_ms)}`,
    `${code(provenance.source.database)} → ${code(provenance.target.database)} by ${prose(provenance.operator)}`,
  ];
  return lines([
    `# ${verdict.name}`,
    '',
    ...modesOf(result).flatMap(({ name, meaning }) => [`**${name}** ${prose(meaning)}`, '']),
    ...gaps.map((gap) => `- **Incomplete:** ${prose(gap)}`),
    ...verdict.reasons.map((reason) => `- ${prose(reason)}`),
    ...verdict.accepted.map((words) => `- _${prose(words)}_`),
    '',
    `${facts.join('; ')}.`,
    ...(next.length === 0
      ? []
      : ['', '**What to do next**', '', ...next.map((step) => `1. ${withCode(step)}`)]),
  ]);
}

const FIGURES = ['read', 'inserted', 'updated', 'unchanged', 'skipped', 'rejected', 'unexplained'] as const;

function accounting({ result }: Report): string {
  const row = (name: string, status: string, of: Pick<MappingResult, (typeof FIGURES)[number]>): string[] => [
    name,
    status,
    ...FIGURES.map((figure) => count(of[figure])),
  ];
  return lines([
    '## Accounting',
    '',
    tableOf(
      ['Mapping', 'Status', ...FIGURES],
      [
        ...result.mappings.map((mapping) =>
          row(
            cell(mapping.mapping),
            mapping.status + (mapping.reason === null ? '' : `: ${cell(mapping.reason)}`),
            mapping,
          ),
        ),
        row('**Total**', '', totalsOf(result)),
      ],
      2,
    ),
  ]);
}

function causes(all: readonly Cause[]): string {
  if (all.length === 0) return '';
  const rows = all.slice(0, CAUSES).map((cause) => {
    const [sample] = cause.samples;
    const example = sample === undefined ? '' : `${code(sample.key)}: ${cell(sample.reason)}`;
    const where = code(`${cause.file}:${String(cause.line)}`);
    return [
      count(cause.count),
      `${cell(placeOf(cause))}, ${cell(cause.rule)}`,
      where,
      example,
      withCode(adviceOn(cause)),
    ];
  });
  const rest = all.length - rows.length;
  return lines([
    `<details><summary>Rejected rows: ${counted(all.length, 'cause')}</summary>`,
    '',
    tableOf(['Rows', 'Cause', 'Decided by', 'Example', 'What to do'], rows, 0),
    ...(rest > 0 ? ['', `and ${counted(rest, 'more cause')}`] : []),
    '',
    '</details>',
  ]);
}

function exceptions({ judgement }: Report): string {
  if (judgement.exceptions.length === 0) return '';
  const rows = judgement.exceptions.map(({ exception, state, count: found }) => [
    cell(subjectOf(exception)),
    state,
    count(found),
    exception.upTo === null ? 'any' : count(exception.upTo),
    cell(exception.why),
    cell(exception.who),
    exception.until,
  ]);
  const heads = ['Exception', 'Now', 'Rows', 'Up to', 'Why', 'Who', 'Until'];
  return lines(['## Accepted exceptions', '', tableOf(heads, rows, 7)]);
}

function checks({ result }: Report): string {
  const all = result.mappings.flatMap(({ mapping, checks: own }) => own.map((check) => ({ mapping, check })));
  const notable = all.filter(({ check }) => check.status !== 'passed');
  const passed = `${count(all.length - notable.length)} of ${counted(all.length, 'check')} passed.`;
  const row = ({ mapping, check }: { mapping: string; check: CheckResult }): string[] => [
    cell(mapping),
    cell(check.check),
    check.status,
    cell(decimal(check.source)),
    cell(decimal(check.target)),
    cell(checkNote(check)),
  ];
  return lines([
    '## Checks',
    '',
    passed,
    ...(notable.length === 0
      ? []
      : ['', tableOf(['Mapping', 'Check', 'Result', 'Source', 'Target', 'Note'], notable.map(row), 6)]),
  ]);
}

function times({ result, bottleneck }: Report): string {
  const rows = result.mappings.flatMap(({ mapping, spent }) => {
    if (spent === null) return [];
    const total = totalSpent(spent);
    const parts = PLACES.map((place) => share(spent[place], total));
    return [[cell(mapping), duration(total * 1000), ...parts]];
  });
  if (rows.length === 0) return '';
  const said = bottleneck.run === null ? [] : [prose(`${bottleneck.run}.`), ''];
  return lines([
    '<details><summary>Where the time went</summary>',
    '',
    ...said,
    tableOf(['Mapping', 'Time', ...PLACES], rows, 1),
    '',
    '</details>',
  ]);
}

function difference(found: Difference | null): string {
  if (found === null) return '';
  const title = `## Difference to run ${code(found.before.run)}`;
  if (isSame(found)) return lines([title, '', 'The same rows, the same rejects.']);
  const by = (now: number, before: number): string =>
    now === before
      ? count(now)
      : `${count(now)} (${now > before ? '+' : '−'}${count(Math.abs(now - before))})`;
  const rows = found.mappings.map(({ mapping, before, now }) => [
    cell(mapping),
    ...(['read', 'loaded', 'skipped', 'rejected'] as const).map((name) =>
      now === null ? 'not in this run' : by(now[name], before?.[name] ?? now[name]),
    ),
  ]);
  const cause = (words: string, { mapping, column, rule }: Cause): string =>
    `- ${words}: ${prose(placeOf({ mapping, column }))}, ${prose(rule)}`;
  return lines([
    title,
    '',
    tableOf(['Mapping', 'Read', 'In the target', 'Skipped', 'Rejected'], rows, 1),
    '',
    ...found.appeared.map((each) => cause(`new, ${counted(each.count, 'row')}`, each)),
    ...found.changed.map(({ cause: each, before }) =>
      cause(`${count(before)} → ${counted(each.count, 'row')}`, each),
    ),
    ...found.vanished.map((each) => cause(`gone, ${counted(each.count, 'row')}`, each)),
  ]);
}
