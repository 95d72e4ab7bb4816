import type {
  HistoryEntry,
  Refused,
  Trace,
  TracedRule,
  Verdict,
  Writer,
} from '../../engine/contract/trace.js';
import { counted, visible } from '../format.js';
import { painter, type Style } from '../text/paint.js';
import { cells, cut, padEnd, wrap } from '../text/width.js';
import { causeLines, columnLines, type Setting } from './columns.js';
import { shownPlace, shownValue } from './value.js';

/** A trace for people, from the verdict down to the runs that have seen the record. */
export function traceText(trace: Trace, how: { readonly color: boolean; readonly width: number }): string {
  const setting: Setting = { width: Math.max(60, how.width), paint: painter(how.color) };
  const { paint } = setting;
  const blocks = [
    [
      `${paint('bold', `${visible(trace.mapping)} ${shownValue(trace.key)}`)}${trace.named_by === 'source key' ? '' : `, named by its ${trace.named_by}`}  ${paint('dim', visible(trace.at.file))}`,
      ...verdictLines(trace, setting),
    ],
    sourceLines(trace, setting),
    section('columns', columnLines(trace, setting), setting),
    section(
      'rules',
      trace.columns.length === 0 ? [] : trace.rules.flatMap((rule) => ruleLines(rule, setting)),
      setting,
    ),
    targetLines(trace, setting),
    section(
      'runs',
      trace.history.flatMap((entry) => historyLines(entry, setting)),
      setting,
    ),
    section(
      'open questions',
      trace.notes.flatMap((note) => indented(visible(note), setting)),
      setting,
    ),
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

const section = (title: string, lines: readonly string[], { paint }: Setting): readonly string[] =>
  lines.length === 0 ? [] : [paint('bold', title), ...lines];

const indented = (text: string, { width }: Setting, by = 2): readonly string[] =>
  wrap(text, width - by).map((line) => ' '.repeat(by) + line);

function verdictLines({ verdict, target, columns }: Trace, setting: Setting): readonly string[] {
  const { paint } = setting;
  const said = (style: Style, word: string, more: string): readonly string[] => {
    const [first = '', ...rest] = wrap(`${word}${more}`, setting.width - 2);
    return [`  ${paint(style, first)}`, ...rest.map((line) => `  ${paint(style, line)}`)];
  };
  switch (verdict.kind) {
    case 'skip':
      return said('yellow', 'SKIPPED', ` by "${visible(verdict.rule)}", ${shownPlace(verdict.at)}`);
    case 'absent':
      return said('yellow', 'NOT IN THE SOURCE', target.row === null ? '' : ', and still in the target');
    case 'reject':
      return [
        ...said('red', verdict.stops_run ? 'STOPS THE RUN' : 'REJECTED', `: ${refusedText(verdict)}`),
        ...causeLines(verdict.chain).flatMap((line) => indented(line, setting, 4)),
      ];
    case 'insert':
    case 'update':
    case 'unchanged':
    case 'fill': {
      const waits = columns.filter(({ stages }) =>
        stages.some((one) => one.kind === 'reference' && one.outcome === 'second pass'),
      );
      const later =
        waits.length === 0
          ? ''
          : `, ${waits.map(({ column }) => visible(column)).join(', ')} in a second pass`;
      return [
        ...said(
          'green',
          LOADED[verdict.kind],
          verdict.kind === 'update' ? `: ${counted(target.differences.length, 'column')}${later}` : later,
        ),
        ...verdict.warnings.flatMap((warning) => indented(`warning: ${refusedText(warning)}`, setting)),
        ...doubles(verdict).flatMap((line) => indented(line, setting)),
      ];
    }
  }
}

const LOADED = {
  insert: 'A RUN INSERTS IT',
  update: 'A RUN UPDATES IT',
  unchanged: 'UP TO DATE: the target has it as the mapping makes it',
  fill: 'A RUN FILLS THE ROW that another mapping has made',
} as const;

const doubles = ({ doubles: count }: Extract<Verdict, { doubles: number }>): readonly string[] =>
  count === 0
    ? []
    : [
        `${counted(count, 'other source row')} with this key ${count === 1 ? 'gives' : 'give'} way (duplicates: keep)`,
      ];

const refusedText = ({ column, rule, sqlstate, reason, at }: Refused): string =>
  `${column === null ? 'the row' : visible(column)}, ${visible(rule)}${sqlstate === null ? '' : ` [${sqlstate}]`}: ${visible(reason)} (${shownPlace(at)})`;

function sourceLines({ source }: Trace, setting: Setting): readonly string[] {
  const from = source.from === 'query' ? 'the query' : visible(source.from);
  const title = `source: ${from} on ${visible(source.connection)}, key ${source.key.map(visible).join(', ')}`;
  const rows = source.rows.flatMap((row, n) => [
    ...(n === 0 ? [] : [`  — row ${String(n + 1)} with this key —`]),
    ...pairs(Object.entries(row), setting),
  ]);
  return section(title, rows.length === 0 ? ['  no row with this key'] : rows, setting);
}

/** Names and values below each other; a value takes one line. */
function pairs(
  entries: readonly (readonly [string, string | null])[],
  { width }: Setting,
): readonly string[] {
  const room = Math.min(32, Math.max(0, ...entries.map(([name]) => cells(visible(name)))));
  return entries.map(
    ([name, value]) => `  ${padEnd(visible(name), room)}  ${shownValue(value, width - room - 4)}`,
  );
}

function ruleLines({ rule, severity, verdict, reason, at }: TracedRule, setting: Setting): readonly string[] {
  const { width, paint } = setting;
  const mark = { holds: '✓', fails: severity === 'warn' ? '!' : '✗', 'not asked': '-' }[verdict];
  const style: Style | null =
    verdict === 'fails' ? (severity === 'warn' ? 'yellow' : 'red') : verdict === 'holds' ? null : 'dim';
  const said =
    verdict === 'holds'
      ? ''
      : verdict === 'fails'
        ? `: ${visible(reason ?? '')}`
        : ': not asked, the row was refused before';
  const place = shownPlace(at);
  const text = cut(`${mark} ${visible(rule)}${said}`, width - cells(place) - 4);
  const gap = ' '.repeat(Math.max(2, width - 2 - cells(text) - cells(place)));
  return [`  ${style === null ? text : paint(style, text)}${gap}${paint('dim', place)}`];
}

function targetLines({ target, columns, verdict }: Trace, setting: Setting): readonly string[] {
  const found = Object.entries(target.found_by).filter(([, value]) => value !== null);
  const which = found.map(([name, value]) => `${visible(name)} = ${shownValue(value)}`).join(', ');
  const title = `target: ${visible(target.table)}${which === '' ? '' : `, ${which}`}`;
  if (target.row === null) return section(title, ['  no such row yet'], setting);
  const made = new Set(columns.map(({ column }) => column));
  const isSame = verdict.kind === 'unchanged';
  const entries = Object.entries(target.row).filter(([name]) => !isSame || !made.has(name));
  return section(
    title,
    [
      ...writerLines('made', target.made_by, setting),
      ...writerLines('last written', target.written_by, setting),
      ...target.shared_with.flatMap(({ mapping, key }) =>
        indented(`filled by ${visible(mapping)} ${shownValue(key)}, too`, setting),
      ),
      ...target.differences.flatMap(({ column, now, would_be }) =>
        indented(
          `${visible(column)} is ${shownValue(now, 200)}, a run makes it ${shownValue(would_be, 200)}`,
          setting,
        ).map((line) => setting.paint('yellow', line)),
      ),
      ...(isSame && entries.length > 0 ? ['  columns that the mapping leaves to the database:'] : []),
      ...pairs(entries, setting),
    ],
    setting,
  );
}

function writerLines(what: string, writer: Writer | null, setting: Setting): readonly string[] {
  if (writer === null) return [];
  const { run, mapping, batch, partition, at, operator } = writer;
  const range = partition === null || partition === 0 ? '' : ` of key range ${String(partition + 1)}`;
  const parts = [
    `${what} by run ${visible(run)}`,
    `mapping ${visible(mapping)}`,
    ...(batch === null ? [] : [`batch ${String(batch)}${range}`]),
    ...(at === null ? [] : [at]),
    ...(operator === null ? [] : [`started by ${visible(operator)}`]),
  ];
  return indented(parts.join(', '), setting);
}

function historyLines(entry: HistoryEntry, setting: Setting): readonly string[] {
  const { run, at, event, open, column, rule, reason, at_line: place } = entry;
  const why = rule === null ? '' : ` ${column === null ? 'the row' : visible(column)}, ${visible(rule)}`;
  const words =
    event === 'skipped'
      ? ` by ${visible(rule ?? '')}`
      : `${why}${reason === null ? '' : `: ${visible(reason)}`}`;
  const where = place === null ? '' : ` (${shownPlace(place)})`;
  const lines = wrap(
    `${at}  ${visible(run)}  ${event}${open ? ', open:' : ''}${words}${where}`,
    setting.width - 4,
  );
  return lines.map((line, n) => `  ${n === 0 ? '' : '  '}${line}`);
}
