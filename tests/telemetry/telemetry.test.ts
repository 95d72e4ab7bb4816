import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunEvent } from '../../engine/contract/events.js';
import { otlpSettings } from '../../engine/telemetry/environment.js';
import { Telemetry } from '../../engine/telemetry/telemetry.js';
import { CHECKOUT, start } from '../cli/etl.js';
import { createProject, type TestProject } from '../support/project.js';
import { receiver, type Receiver } from './receiver.js';

const SECRET = 'Annabel';
let project: TestProject;
const events: RunEvent[] = [];
beforeAll(async () => {
  project = await createProject({
    source: `create table person (id int primary key, name text, boss int);
      insert into person select n, '${SECRET}', nullif(31 - n, 0) from generate_series(1, 30) n`,
    target: `create table human (id int generated always as identity primary key, old int unique, name varchar(9) check (old <> 7), boss int references human);
      create index human_boss on human (boss)`,
    mappings: {
      person: `source: { table: person, key: id }
target: { table: human, identity: id, key: old, constraints: rebuild }
columns: { old: id, name: name, boss: { from: boss, references: person } }
max_rejects: 5`,
    },
    settings: 'defaults: { batch_rows: 10 }',
  });
  await project.run({ onEvent: (event) => void events.push(event) });
});
afterAll(() => project.drop());

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}
interface SpanJson {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code: number };
  readonly attributes: readonly Attribute[];
}
interface MetricJson {
  readonly name: string;
  readonly sum?: {
    readonly dataPoints: readonly ({ readonly attributes: readonly Attribute[] } & Record<string, unknown>)[];
  };
}

const spansOf = (to: Receiver): readonly SpanJson[] =>
  to.got.flatMap(({ path, body }) =>
    path === '/v1/traces'
      ? (body as { resourceSpans: { scopeSpans: { spans: SpanJson[] }[] }[] }).resourceSpans.flatMap(
          ({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans),
        )
      : [],
  );

function lastMetrics(to: Receiver): readonly MetricJson[] {
  const last = to.got.findLast(({ path }) => path === '/v1/metrics')?.body as
    { resourceMetrics: { scopeMetrics: { metrics: MetricJson[] }[] }[] } | undefined;
  return last?.resourceMetrics[0]?.scopeMetrics[0]?.metrics ?? [];
}

/** Plays the run's events to whoever the environment names; gives what was told. */
async function play(env: Readonly<Record<string, string>>, some = events): Promise<readonly string[]> {
  const told: string[] = [];
  const settings = otlpSettings(env, (message) => told.push(message));
  if (settings === null) return told;
  const telemetry = new Telemetry(settings, (message) => told.push(message));
  for (const event of some) telemetry.onEvent(event);
  await telemetry.close();
  return told;
}

describe('OpenTelemetry', () => {
  it('is told of a run as one trace, and of each mapping’s figures; no value goes along', async () => {
    const to = await receiver();
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: `${to.url}/`,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20x,a=b',
      OTEL_SERVICE_NAME: 'clinic',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=other,deployment.environment=test',
    };
    expect(await play(env)).toEqual([]);
    await to.close();
    expect(to.got.map(({ headers }) => [headers.authorization, headers['a']])).toEqual(
      to.got.map(() => ['Bearer x', 'b']),
    );
    expect(JSON.stringify(to.got)).toContain('"clinic"');
    expect(JSON.stringify(to.got)).not.toContain(SECRET);
    const spans = spansOf(to);
    const parentOf = ({ parentSpanId }: SpanJson): string | null =>
      spans.find(({ spanId }) => spanId === parentSpanId)?.name ?? null;
    expect(spans.map((span) => [span.name, parentOf(span), span.status.code])).toEqual([
      ['constraints', 'load person', 1],
      ['count', 'load person', 1],
      ['load person', 'etl run', 1],
      ['second pass boss person', 'etl run', 1],
      ['etl run', null, 1],
    ]);
    for (const { traceId, spanId, startTimeUnixNano: from, endTimeUnixNano: until } of spans) {
      expect([traceId, spanId]).toEqual([spans[0]?.traceId, expect.stringMatching(/^[0-9a-f]{16}$/)]);
      expect(BigInt(until) >= BigInt(from) && from.length === 19).toBe(true);
    }
    const metrics = new Map(lastMetrics(to).map(({ name, sum }) => [name, sum?.dataPoints ?? []]));
    const mapping = [{ key: 'mapping', value: { stringValue: 'person' } }];
    expect(metrics.get('crosswalk.rows.read')).toMatchObject([{ asInt: '30', attributes: mapping }]);
    expect(metrics.get('crosswalk.rows.rejected')).toMatchObject([{ asInt: '2' }]);
    expect(metrics.get('crosswalk.time')).toHaveLength(7);
  });

  it.each<[string, Record<string, string>, readonly string[]]>([
    ['nothing', {}, []],
    ['disabled', { OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: 'U' }, []],
    ['traces alone', { OTEL_EXPORTER_OTLP_ENDPOINT: 'U', OTEL_METRICS_EXPORTER: 'none' }, ['/v1/traces']],
    ['an address of its own', { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'U/x' }, ['/x']],
  ])('sends what the environment asks for: %s', async (_, env, paths) => {
    const to = await receiver();
    const named = Object.fromEntries(
      Object.entries(env).map(([key, value]) => [key, value.replace('U', to.url)]),
    );
    expect(await play(named)).toEqual([]);
    await to.close();
    expect([...new Set(to.got.map(({ path }) => path))]).toEqual(paths);
  });

  it.each([
    [
      'another protocol',
      { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://x' },
      /grpc is not spoken/,
    ],
    ['no address', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'x:4318' }, /no http\(s\) address/],
    ['nobody there', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' }, /ECONNREFUSED|bad port/],
  ])('says once what it cannot do: %s', async (_, env, said) => {
    expect(await play(env)).toEqual([expect.stringMatching(said)]);
  });

  it('waits for no collector that does not answer, and tells of one that refuses', async () => {
    const [silent, refusing] = [await receiver(null), await receiver(503)];
    expect(await play({ OTEL_EXPORTER_OTLP_ENDPOINT: silent.url })).toEqual([
      expect.stringMatching(/it has not answered/),
    ]);
    expect(await play({ OTEL_EXPORTER_OTLP_ENDPOINT: refusing.url })).toEqual([
      expect.stringMatching(/it answers 503; the run goes on/),
    ]);
    await Promise.all([silent.close(), refusing.close()]);
  });

  it('is told of a run that broke off', async () => {
    const to = await receiver();
    const broken = events.slice(0, events.findIndex(({ type }) => type === 'batch') + 1);
    await play({ OTEL_EXPORTER_OTLP_ENDPOINT: to.url }, broken);
    await to.close();
    expect(spansOf(to).map(({ name, status }) => [name, status.code])).toEqual([
      ['load person', 2],
      ['etl run', 2],
    ]);
  });

  it('is told by etl run, and a collector that is away changes nothing', async () => {
    const to = await receiver();
    const run = (url: string): ReturnType<typeof start> =>
      start(['run', project.folder, '--quiet', '--json'], { env: { OTEL_EXPORTER_OTLP_ENDPOINT: url } });
    const told = await run(to.url).ended;
    await to.close();
    expect(told.code).toBe(0);
    expect(spansOf(to).at(-1)?.name).toBe('etl run');
    const summary = JSON.parse(told.stdout) as Record<string, unknown> & {
      mappings: Record<string, unknown>[];
    };
    expect(summary).toMatchObject({ retries: 0, spent: { source: expect.any(Number) as number } });
    expect(summary['memory']).toBeGreaterThan(1e6);
    expect(summary.mappings[0]).toMatchObject({ batches: 1, bytes_sent: expect.any(Number) as number });
    const alone = await start(['run', project.folder], { env: { OTEL_EXPORTER_OTLP_ENDPOINT: to.url } })
      .ended;
    expect(alone.code).toBe(0);
    expect(alone.stderr.match(/the collector does not take what is sent/g)).toHaveLength(1);
  });
});

describe('etl status --format prometheus', () => {
  it('gives the state as Prometheus reads it', async () => {
    const { code, stdout } = await start(['status', project.folder, '--format', 'prometheus']).ended;
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    const kinds = new Map<string, string>();
    for (const line of lines) {
      const type = /^# TYPE (\w+) (counter|gauge)$/.exec(line);
      if (type !== null) kinds.set(type[1] ?? '', type[2] ?? '');
      else if (line.startsWith('#')) expect(line).toMatch(/^# HELP \w+ \S.*\.$/);
      else {
        const name = /^(\w+)\{project="trial"(,\w+="[^"]*")*\} -?[\d.e+-]+$/.exec(line)?.[1] ?? line;
        // A type comes before its first figure; counters and they alone end in _total.
        expect([name, kinds.get(name)]).toEqual([name, name.endsWith('_total') ? 'counter' : 'gauge']);
      }
    }
    expect(lines).toEqual(
      expect.arrayContaining([
        'crosswalk_rows_read_total{project="trial",mapping="person"} 30',
        'crosswalk_rows_rejected_total{project="trial",mapping="person"} 2',
        'crosswalk_run_active{project="trial"} 0',
        'crosswalk_run_exit_code{project="trial"} 0',
        'crosswalk_mapping_info{project="trial",mapping="person",status="succeeded"} 1',
      ]),
    );
    for (const name of ['time_seconds_total', 'bytes_sent_total', 'process_resident_memory_bytes']) {
      expect(kinds.has(`crosswalk_${name}`), name).toBe(true);
    }
    const page = await readFile(path.join(CHECKOUT, 'docs/monitoring.md'), 'utf8');
    for (const [name, kind] of kinds) expect(page).toMatch(new RegExp(`^\\| \`${name}\` +\\| ${kind} `, 'm'));
    const both = await start(['status', project.folder, '--format', 'prometheus', '--watch']).ended;
    expect(both.code).toBe(2);
  });
});
