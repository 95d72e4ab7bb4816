import { mappingFamilies, type Family, type MappingFigures } from './figures.js';

/** A project's state as Prometheus is told of it. Times are ISO 8601. */
export interface PrometheusFacts {
  readonly project: string;
  /** Crosswalk's own. */
  readonly version: string;
  /** The last run; null where there is none. */
  readonly run: {
    readonly run: string;
    readonly kind: string;
    readonly status: string;
    readonly startedAt: string;
    readonly finishedAt: string | null;
    readonly exitCode: number | null;
    readonly resumes: number;
    /** Its process is at work. */
    readonly alive: boolean;
    readonly memory: number | null;
  } | null;
  readonly mappings: readonly (MappingFigures & {
    readonly status: string;
    readonly expectedRows: number | null;
  })[];
  /** Constraints and indexes that a load has taken away and nothing has put back. */
  readonly constraintsDropped: number;
  /** Rows that wait for a second pass. */
  readonly waiting: readonly { readonly mapping: string; readonly column: string; readonly rows: number }[];
}

const gauge = (name: string, help: string, unit: string, points: Family['points']): Family => ({
  name,
  help,
  kind: 'gauge',
  unit,
  points,
});

const one = (value: number | null): Family['points'] => (value === null ? [] : [{ labels: {}, value }]);

const seconds = (iso: string | null): number | null => (iso === null ? null : Date.parse(iso) / 1000);

/** The state in Prometheus' text format, version 0.0.4. */
export function prometheusText(facts: PrometheusFacts): string {
  const { project } = facts;
  return [...runFamilies(facts), ...stateFamilies(facts), ...mappingFamilies(facts.mappings)]
    .filter(({ points }) => points.length > 0)
    .map((family) => familyText(family, project))
    .join('');
}

function runFamilies({ version, run }: PrometheusFacts): readonly Family[] {
  const labels = run === null ? null : { run: run.run, kind: run.kind, status: run.status };
  return [
    gauge('info', 'Crosswalk’s version.', '', [{ labels: { version }, value: 1 }]),
    gauge('run.info', 'The last run.', '', labels === null ? [] : [{ labels, value: 1 }]),
    gauge('run.active', 'A process works on the last run.', '', one(run === null ? null : Number(run.alive))),
    gauge('run.start.timestamp', 'When the last run began.', 's', one(seconds(run?.startedAt ?? null))),
    gauge('run.end.timestamp', 'When it ended.', 's', one(seconds(run?.finishedAt ?? null))),
    gauge('run.exit.code', 'Exit code of the last run, once it has ended.', '', one(run?.exitCode ?? null)),
    gauge('run.resumes', 'How often it was resumed.', '', one(run?.resumes ?? null)),
    gauge(
      'process.resident.memory',
      'Resident memory of the run’s process at its last checkpoint.',
      'By',
      one(run?.memory ?? null),
    ),
  ];
}

function stateFamilies({ mappings, constraintsDropped, waiting }: PrometheusFacts): readonly Family[] {
  const statuses = mappings.map(({ mapping, status }) => ({ labels: { mapping, status }, value: 1 }));
  const expected = mappings.flatMap(({ mapping, expectedRows }) =>
    expectedRows === null ? [] : [{ labels: { mapping }, value: expectedRows }],
  );
  const passes = waiting.map(({ mapping, column, rows }) => ({ labels: { mapping, column }, value: rows }));
  return [
    gauge('mapping.info', 'The mapping’s status in the last run.', '', statuses),
    gauge('rows.expected', 'Rows that a mapping is expected to read.', '', expected),
    gauge(
      'constraints.dropped',
      'Constraints and indexes that are not back yet.',
      '',
      one(constraintsDropped),
    ),
    gauge('second_pass.rows.waiting', 'Rows that wait for a second pass.', '', passes),
  ];
}

const UNITS: Readonly<Record<string, string>> = { s: '_seconds', By: '_bytes' };

/** `time` in seconds, a counter, becomes `crosswalk_time_seconds_total`. */
function prometheusName({ name, kind, unit }: Family): string {
  const words = `crosswalk_${name.replaceAll('.', '_')}`;
  const base = `${words}${name.startsWith('bytes.') ? '' : (UNITS[unit] ?? '')}`;
  return kind === 'counter' ? `${base}_total` : base;
}

function familyText(family: Family, project: string): string {
  const name = prometheusName(family);
  const lines = family.points.map(({ labels, value }) => {
    const all = Object.entries({ project, ...labels }).map(([key, text]) => `${key}="${escaped(text)}"`);
    return `${name}{${all.join(',')}} ${String(value)}\n`;
  });
  return `# HELP ${name} ${family.help}\n# TYPE ${name} ${family.kind}\n${lines.join('')}`;
}

const escaped = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
