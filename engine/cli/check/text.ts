import type { CheckReport, Finding, MappingSummary } from '../../contract/finding.js';

const COLOURS = { error: '31;1', warning: '33;1', note: '36' } as const;
const GRADES = { ready: '32;1', 'ready with exceptions': '33;1', 'not ready': '31;1' } as const;

const count = (number: number): string => number.toLocaleString('en');

const rowsWord = (number: number): string => `${count(number)} ${number === 1 ? 'row' : 'rows'}`;

function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** step).toFixed(step === 0 ? 0 : 1)} ${units[step] ?? ''}`;
}

function duration(seconds: number): string {
  if (seconds < 60) return `${count(Math.max(1, seconds))} s`;
  return seconds < 3600 ? `${count(Math.ceil(seconds / 60))} min` : `${(seconds / 3600).toFixed(1)} h`;
}

export interface TextOptions {
  readonly color: boolean;
  readonly verbose: boolean;
  readonly quiet: boolean;
}

/** The preflight for people: connections, mappings, findings with the worst first, the grade at the end. */
export function checkText(report: CheckReport, options: TextOptions): string {
  const paint = (style: string, text: string): string =>
    options.color ? `\u001b[${style}m${text}\u001b[0m` : text;
  const overview = options.quiet
    ? []
    : [connectionsText(report), mappingsText(report.mappings, options.verbose)];
  const parts = [...overview, ...findingsText(report, options, paint), closing(report, options, paint)];
  return parts.filter((part) => part !== '').join('\n\n');
}

type Paint = (style: string, text: string) => string;

const connectionsText = ({ connections }: CheckReport): string =>
  connections
    .map(({ name, host, port, database, user, origin, version, tls }) => {
      const where = host === null ? '' : `${user ?? ''}@${host}:${String(port ?? '')}/${database ?? ''}`;
      const state = version === null ? 'not reached' : `PostgreSQL ${version}, TLS: ${tls ?? 'none'}`;
      return `${name.padEnd(8)} ${where} (${origin}) ${state}`;
    })
    .join('\n');

function mappingsText(mappings: readonly MappingSummary[], verbose: boolean): string {
  if (mappings.length === 0) return '';
  const width = Math.max(7, ...mappings.map(({ mapping }) => mapping.length));
  const head = `${'mapping'.padEnd(width)} ${'rows'.padStart(12)} ${'loadable'.padStart(12)} ${'skipped'.padStart(10)} ${'rejected'.padStart(10)}`;
  const lines = mappings.flatMap((one) => {
    const { mapping, rows, read, loadable, skipped, rejected, sampled, unexamined } = one;
    if (unexamined !== null) return [`${mapping.padEnd(width)} not looked at: ${unexamined}`];
    const figures = [rows ?? 0, loadable, skipped, rejected].map((n, at) =>
      count(Math.round(n)).padStart(at < 2 ? 12 : 10),
    );
    const note = sampled ? `  of a sample of ${count(read ?? 0)} (--full reads all)` : '';
    const more = verbose ? [...referenceLines(one), ...columnLines(one)] : [];
    return [`${mapping.padEnd(width)} ${figures.join(' ')}${note}`, ...more];
  });
  return [head, ...lines].join('\n');
}

const referenceLines = ({ references }: MappingSummary): readonly string[] =>
  references.map(
    (one) =>
      `    ${one.column} → ${one.mapping}: ${count(one.resolved)} resolved, ${count(one.null)} null, ${count(one.defaulted)} defaulted, ${count(one.missing)} missing`,
  );

function columnLines({ columns, read }: MappingSummary): readonly string[] {
  const width = Math.max(0, ...columns.map(({ column }) => column.length));
  const short = (text: string | null): string =>
    text === null ? '' : JSON.stringify(text.length > 24 ? `${text.slice(0, 23)}…` : text);
  return columns.map(({ column, type, nulls, distinct, min, max, shortest, longest }) => {
    const share = read === null || read === 0 ? 0 : (nulls / read) * 100;
    const range = min === null ? '' : `, ${short(min)} … ${short(max)}`;
    const length = longest === null ? '' : `, ${String(shortest ?? 0)} to ${String(longest)} characters`;
    return `    ${column.padEnd(width)} ${type}: ${share.toFixed(1)} % null, ${count(distinct)} different${range}${length}`;
  });
}

const HEADINGS = {
  error: 'A run would fail, or reject more than is allowed',
  warning: 'Rows or promises are at stake',
  note: 'Good to know',
} as const;

/** Findings under a heading for each severity, those about one thing together, what has most rows at stake first. */
function findingsText({ findings }: CheckReport, options: TextOptions, paint: Paint): readonly string[] {
  return (['error', 'warning', 'note'] as const).flatMap((severity) => {
    const own = findings.filter((one) => one.severity === severity);
    if (own.length === 0) return [];
    const subjects = [...new Set(own.map(({ subject }) => subject))];
    const groups = subjects.map((subject) => {
      const lines = own
        .filter((one) => one.subject === subject)
        .map((one) => findingText(one, options, paint));
      return `${paint('1', subject)}\n${lines.join('\n')}`;
    });
    return [paint(COLOURS[severity], HEADINGS[severity]), ...groups];
  });
}

function findingText(one: Finding, { verbose }: TextOptions, paint: Paint): string {
  const { severity, code, message, at, help, rows, samples } = one;
  const stake = rows === null ? '' : ` · ${rows.estimated ? 'about ' : ''}${rowsWord(rows.count)}`;
  const place = at === null ? '' : `\n    --> ${at.file}:${String(at.line)}:${String(at.column)}`;
  const advice = help === null ? '' : `\n    = help: ${help}`;
  const keys = verbose
    ? samples
        .map(
          ({ key, reason, value }) =>
            `\n    key ${key}: ${reason}${value === null ? '' : ` (value ${value})`}`,
        )
        .join('')
    : samples.length === 0
      ? ''
      : `\n    ${samples.length === 1 ? 'key' : 'keys'} ${samples.map(({ key }) => key).join(', ')}${(rows?.count ?? 0) > samples.length ? ', …' : ''}`;
  return `  ${paint(COLOURS[severity], `${severity}[${code}]`)} ${message}${stake}${place}${keys}${advice}`;
}

function closing(
  { grade, findings, disk, duration: time }: CheckReport,
  { quiet }: TextOptions,
  paint: Paint,
): string {
  const of = (severity: Finding['severity']): string => {
    const number = findings.filter((one) => one.severity === severity).length;
    return number === 0 ? '' : `${String(number)} ${severity}${number === 1 ? '' : 's'}`;
  };
  const counts = [of('error'), of('warning'), of('note')].filter((text) => text !== '').join(', ');
  const room =
    disk === null || quiet
      ? []
      : [
          `The source's tables take ${size(disk.source)}; the target may need about ${size(disk.target)} (a guess: what is free the server does not say).`,
        ];
  const run =
    time === null || quiet
      ? []
      : [`A run may take about ${duration(time.seconds)} (a guess by ${time.basis}).`];
  return [
    ...room,
    ...run,
    `${paint(GRADES[grade], grade.toUpperCase())}${counts === '' ? '' : `  ${counts}`}`,
  ].join('\n');
}
