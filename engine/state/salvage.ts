import { EXIT } from '../contract/errors.js';
import type { MappingResult, MappingStatus, Provenance, RejectGroup, RunResult } from '../contract/result.js';
import type { Spent, StepSettings } from '../contract/spent.js';
import type { Session } from '../contract/session.js';
import { isoSql } from './reading.js';
import { mappingResult, NO_PROVENANCE, type KeptRun } from './stored-result.js';

const GAPS = [
  'The process of the run died before its end: this is made from what its committed batches have left.',
  'Not known are: the independent count of the source, checks, references, unused columns and what rejects follow from.',
];

/** What is known of a run that never came to its end, from its batches. */
export async function salvage(session: Session, schema: string, run: string): Promise<KeptRun> {
  const { rows } = await session.query(
    `select project, ${isoSql('started_at')}, mappings_hash, operator, snapshot, provenance, resumes,
       (extract(epoch from coalesce(finished_at, (select max(updated_at) from ${schema}.steps s where s.run = r.run), started_at)
         - started_at) * 1000)::bigint
     from ${schema}.runs r where run = $1`,
    [run],
  );
  const [project, startedAt, mappingsHash, operator, snapshot, provenance, resumes, ms] = rows[0] ?? [];
  const kept = (JSON.parse(provenance ?? '{}') ?? {}) as Partial<Provenance> & {
    readonly estimates?: Readonly<Record<string, number>>;
  };
  const { estimates = {}, ...made } = kept;
  const result: RunResult = {
    run,
    project: project ?? '',
    status: 'interrupted',
    exitCode: EXIT.interrupted,
    dryRun: false,
    limit: null,
    reasons: ['The process of the run died before its end'],
    startedAt: new Date(startedAt ?? ''),
    duration_ms: Number(ms ?? 0),
    resumes: Number(resumes ?? 0),
    memory: null,
    mappings: await mappingsOf(session, schema, run, Object.keys(estimates)),
    provenance: {
      ...NO_PROVENANCE,
      ...made,
      mappingsHash: mappingsHash ?? '',
      operator: operator ?? '',
      snapshot: snapshot ?? null,
    },
  };
  return { result, gaps: GAPS };
}

/** Those that had begun, in that order; then those that never did. */
async function mappingsOf(
  session: Session,
  schema: string,
  run: string,
  planned: readonly string[],
): Promise<readonly MappingResult[]> {
  const { rows } = await session.query(
    `select s.mapping, min(s.status) filter (where s.partition = 0), sum(s.read), sum(s.inserted), sum(s.updated),
       sum(s.unchanged), sum(s.skipped), sum(s.rejected), sum(s.bytes_read),
       (extract(epoch from min(s.started_at) - r.started_at) * 1000)::bigint,
       (extract(epoch from max(s.updated_at) - min(s.started_at)) * 1000)::bigint,
       min(s.own_rows ->> 'table'), to_json(min(s.refers_to) filter (where s.partition = 0)),
       sum(s.bytes), sum(s.batches), sum(s.retries),
       min(s.spent::text) filter (where s.partition = 0), min(s.settings::text) filter (where s.partition = 0)
     from ${schema}.steps s join ${schema}.runs r on r.run = s.run where s.run = $1
     group by s.mapping, r.started_at order by min(s.started_at)`,
    [run],
  );
  const rejects = await rejectsOf(session, schema, run);
  const [skipped, warnings] = [
    await namedOf(session, schema, run, 'skipped'),
    await namedOf(session, schema, run, 'warnings'),
  ];
  const begun = rows.map(([mapping, status, ...others]) => {
    const name = mapping ?? '';
    const [
      read = 0,
      inserted = 0,
      updated = 0,
      unchanged = 0,
      skips = 0,
      rejected = 0,
      bytes = 0,
      start = 0,
      ms = 0,
    ] = others.slice(0, 9).map(Number);
    const ended = standing(status ?? '');
    const groups = rejects.get(name) ?? [];
    return mappingResult({
      ...{ mapping: name, read, inserted, updated, unchanged, skipped: skips, rejected, bytes },
      file: groups[0]?.file ?? '',
      targetTable: (others[9] ?? '').replaceAll('"', ''),
      needs: JSON.parse(others[10] ?? '[]') as string[],
      bytesSent: Number(others[11] ?? 0),
      batches: Number(others[12] ?? 0),
      retries: Number(others[13] ?? 0),
      spent: JSON.parse(others[14] ?? 'null') as Spent | null,
      settings: JSON.parse(others[15] ?? 'null') as StepSettings | null,
      status: ended,
      reason: ended === 'interrupted' ? 'the process of the run died' : null,
      startedAfterMs: Math.max(0, start),
      duration_ms: ms,
      rejects: groups,
      skippedBy: skipped.get(name) ?? {},
      warnings: warnings.get(name) ?? {},
    });
  });
  const waiting = planned.filter((name) => !rows.some(([mapping]) => mapping === name));
  const reason = 'the run died before its turn';
  return [...begun, ...waiting.map((mapping) => mappingResult({ mapping, reason }))];
}

const standing = (status: string): MappingStatus =>
  status === 'succeeded' || status === 'failed' ? status : 'interrupted';

/** Rejects by mapping and cause, with the five lowest keys of each. */
async function rejectsOf(
  session: Session,
  schema: string,
  run: string,
): Promise<ReadonlyMap<string, readonly RejectGroup[]>> {
  const { rows } = await session.query(
    `select mapping, column_name, rule, sqlstate, file, line, count(*),
       json_agg(json_build_object('key', coalesce(source_key, 'null'), 'reason', reason, 'value', value) order by n)
         filter (where n <= 5)
     from (select *, row_number() over (partition by mapping, column_name, rule, sqlstate, file, line order by source_key) n
       from ${schema}.rejects where run = $1) r
     group by 1, 2, 3, 4, 5, 6 order by count(*) desc`,
    [run],
  );
  const groups = new Map<string, RejectGroup[]>();
  for (const [mapping, column, rule, sqlstate, file, line, count, samples] of rows) {
    const group = {
      column: column ?? null,
      rule: rule ?? '',
      sqlstate: sqlstate ?? null,
      count: Number(count),
      file: file ?? '',
      line: Number(line),
      because: null,
      samples: JSON.parse(samples ?? '[]') as RejectGroup['samples'],
    };
    groups.set(mapping ?? '', [...(groups.get(mapping ?? '') ?? []), group]);
  }
  return groups;
}

/** Rows by mapping and the name of what skipped them, or warned. */
async function namedOf(
  session: Session,
  schema: string,
  run: string,
  table: 'skipped' | 'warnings',
): Promise<ReadonlyMap<string, Readonly<Record<string, number>>>> {
  const { rows } = await session.query(
    `select mapping, json_object_agg(rule, n) from (
       select mapping, rule, count(*) n from ${schema}.${table} where run = $1 group by 1, 2) t group by 1`,
    [run],
  );
  return new Map(
    rows.map(([mapping, counts]) => [mapping ?? '', JSON.parse(counts ?? '{}') as Record<string, number>]),
  );
}
