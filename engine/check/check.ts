import type { Registries } from '../compile/context.js';
import type { CompiledMapping } from '../contract/compiled.js';
import { EtlError } from '../contract/errors.js';
import type { CheckReport, ConnectionSummary, Finding } from '../contract/finding.js';
import type { Project } from '../contract/mapping.js';
import type { Position } from '../contract/problem.js';
import type { EndPoint, RunResult } from '../contract/result.js';
import type { Session } from '../contract/session.js';
import { makePlan } from '../plan/plan.js';
import { BESIDE, sessionsOf } from '../plan/side-by-side.js';
import { Catalogue } from '../postgres/catalogue.js';
import { quoteName, quoteTable } from '../postgres/identifier.js';
import { isWrongStatement } from '../postgres/failure.js';
import { explainEach, exportSnapshot } from '../postgres/source.js';
import { readLastRun } from '../state/last-run.js';
import { readerSql } from '../run/read/reader-copy.js';
import { OBEY_POLICIES, obeying, obeysPolicies } from '../run/row-security.js';
import { readConnections } from '../run/lookups.js';
import { PATIENCE, Retries } from '../run/sessions/retries.js';
import { defaultJobs } from '../run/schedule.js';
import { openSource } from '../run/sessions/sessions.js';
import type { SteadySession } from '../run/sessions/steady-session.js';
import { StopSignal } from '../run/stop.js';
import { bindAll, type Bound } from './bind.js';
import { readConnection, type CheckedSession, type ConnectionFacts } from './connection-facts.js';
import { connectionFindings, type ConnectionNeeds } from './connection-findings.js';
import { estimateDuration } from './duration.js';
import { examine, type Examined, type ExamineInputs } from './examine.js';
import { gradeOf, worstFirst } from './findings.js';
import { foreignKeyFindings } from './foreign-keys.js';
import { loadFindings, readFindings } from './rights/rights.js';
import { sourceRoleFindings } from './rights/source-role.js';
import { tableFindings } from './tables.js';

/** A session of the preflight, with its end point. */
export type OpenedSession = CheckedSession & { readonly endPoint: EndPoint };

export interface CheckInputs extends Pick<ExamineInputs, 'advise' | 'full' | 'statistics' | 'say'> {
  readonly project: Project;
  readonly selected: ReadonlySet<string>;
  /** The open sessions by connection; those that could not be opened are among `failed`. */
  readonly sessions: ReadonlyMap<string, OpenedSession>;
  /** What kept connections from opening. */
  readonly failed: readonly Finding[];
  readonly summaries: readonly ConnectionSummary[];
  /** Whether a connection's certificate is verified. */
  readonly verified: (connection: string) => boolean;
  readonly open: (connection: string) => Promise<Session>;
  readonly registries: Registries;
  readonly jobs: number | null;
}

/** Tables with their indexes, and half as much for the log and the state of the load. */
const DISK_FACTOR = 1.5;

/**
 * The preflight: looks at connections, rights, catalogues and rows, and says what a run would meet. Reads only; each
 * session of the target refuses to write.
 */
export async function check(inputs: CheckInputs): Promise<CheckReport> {
  const { project, sessions, failed } = inputs;
  const jobs = inputs.jobs ?? defaultJobs();
  const wanted = needs(inputs, jobs);
  const facts = await connectionFacts(inputs, wanted);
  const found: Finding[] = [...failed, ...connectionFindings(facts, wanted)];
  const target = sessions.get('target');
  const report = (parts: Partial<CheckReport>): CheckReport => ({
    project: project.name,
    grade: gradeOf(found),
    connections: inputs.summaries,
    findings: worstFirst(found),
    mappings: [],
    disk: null,
    duration: null,
    ...parts,
  });
  // Behind a pooler in transaction mode settings would be left to other people's sessions; one that lets in nobody else
  // would keep the preflight waiting.
  const pooled = facts.some(
    ({ pooler, free }) => pooler === 'transaction' || (pooler === 'session' && free.count === 1),
  );
  if (failed.length > 0 || target === undefined || pooled) return report({});
  await target.query('set default_transaction_read_only = on');
  const closed = await readFindings(project, inputs.selected, sessions);
  found.push(...closed);
  const bound = await bindProject(inputs, target);
  found.push(...bound.findings.filter((one) => !isEcho(one, closed)));
  const open = obeying(inputs.open, bound.compiled?.mappings ?? []);
  if (obeysPolicies(bound.compiled?.mappings ?? [])) await target.query(OBEY_POLICIES);
  const schema = await stateSchema(target, project.stateSchema);
  const { compiled, planned } = bound;
  const loads = (compiled?.mappings ?? []).filter(({ mapping }) => planned.has(mapping.name));
  const read = await readingOf(inputs, compiled?.mappings ?? [], facts);
  found.push(...read.findings, ...(await loadFindings(target, loads, project)));
  const byName = new Map((compiled?.mappings ?? []).map((one) => [one.mapping.name, one]));
  found.push(
    ...loads.flatMap((one) => foreignKeyFindings(one, { bound: byName, mappings: project.mappings })),
  );
  const examined = await examineRows({ ...inputs, open }, bound, {
    target,
    schema,
    estimates: read.estimates,
    found,
  });
  found.push(...examined.findings);
  // What was counted is better than what the planner believes.
  const counted = new Map(examined.summaries.map(({ mapping, rows }) => [mapping, rows ?? 0]));
  found.push(...(await tableFindings(target, loads, counted, schema !== null)));
  const last = await readLastRun(target, project.stateSchema, project.name);
  return report({
    mappings: examined.summaries,
    disk: { source: read.bytes, target: Math.round(read.bytes * DISK_FACTOR) },
    duration: estimateDuration(examined.paces, resultOf(last?.result ?? null), jobs),
  });
}

/** What binding says of tables and SQL because of a right that is missing: the finding about the right has the cure. */
const isEcho = ({ code, subject }: Finding, closed: readonly Finding[]): boolean =>
  ['ETL-BIND-001', 'ETL-BIND-002', 'ETL-BIND-004'].includes(code) &&
  closed.some((one) => one.severity === 'error' && one.subject === subject);

async function connectionFacts(
  { sessions, open, verified }: CheckInputs,
  wanted: ConnectionNeeds,
): Promise<readonly ConnectionFacts[]> {
  const facts: ConnectionFacts[] = [];
  for (const [name, session] of sessions) {
    const needed = wanted.sessions.get(name) ?? 0;
    facts.push(await readConnection(name, session, () => open(name), verified(name), needed));
  }
  return facts;
}

const needs = ({ project, sessions }: CheckInputs, jobs: number): ConnectionNeeds => ({
  at: new Map([...project.connections].map(([name, { at }]) => [name, at])),
  sessions: new Map(
    [...sessions.keys()].map((name) => [name, BESIDE + sessionsOf(name, { jobs, ranges: 1 })]),
  ),
  now: new Date(),
});

async function bindProject(
  { project, selected, sessions, registries }: CheckInputs,
  target: Session,
): Promise<Bound> {
  const opened = [...sessions].map(async ([name, session]) => [name, await Catalogue.open(session)] as const);
  const catalogues = new Map(await Promise.all(opened));
  const own = catalogues.get('target') ?? (await Catalogue.open(target));
  return bindAll(project, selected, { sources: catalogues, target: own }, registries);
}

/** The state schema, quoted; null where there is none, or the role may not read it. */
export async function stateSchema(target: Session, name: string): Promise<string | null> {
  const { rows } = await target.query(
    `select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = 'key_map' and has_schema_privilege(n.oid, 'USAGE')
       and has_table_privilege(c.oid, 'SELECT')`,
    [name],
  );
  return rows.length === 0 ? null : quoteName(name);
}

const atOf = ({ connections }: Project, name: string): Position | null => connections.get(name)?.at ?? null;

interface Reading {
  readonly estimates: ReadonlyMap<string, number>;
  /** Of the tables that are read, with their indexes. */
  readonly bytes: number;
  readonly findings: readonly Finding[];
}

/** What the sources' planners say of the mappings, and what the roles may do with the tables behind them. */
async function readingOf(
  { project, sessions }: CheckInputs,
  mappings: readonly CompiledMapping[],
  facts: readonly ConnectionFacts[],
): Promise<Reading> {
  const estimates = new Map<string, number>();
  const findings: Finding[] = [];
  let bytes = 0;
  for (const [name, session] of sessions) {
    const own = mappings.filter(({ mapping }) => mapping.source.connection.value === name);
    if (own.length === 0) continue;
    // Of one that the role may not read a finding tells already.
    const answers = await explainEach(
      session,
      own.map((one) => readerSql(one)),
    );
    const explained = answers.map((answer) => {
      if (!(answer instanceof EtlError)) return answer;
      if (isWrongStatement(answer)) return null;
      throw answer;
    });
    for (const [n, one] of own.entries()) estimates.set(one.mapping.name, explained[n]?.rows ?? 0);
    const tables = new Map(
      explained.flatMap((one) => (one?.tables ?? []).map((table) => [quoteTable(table), table])),
    );
    const superuser = facts.find((one) => one.name === name)?.superuser ?? false;
    if (name !== 'target') {
      const connection = { name, at: atOf(project, name), superuser };
      findings.push(...(await sourceRoleFindings(session, connection, [...tables.keys()])));
    }
    const { rows } = await session.query(
      'select coalesce(sum(pg_total_relation_size(to_regclass(name))), 0) from json_array_elements_text($1::json) name',
      [JSON.stringify([...tables.keys()])],
    );
    bytes += Number(rows[0]?.[0] ?? 0);
  }
  return { estimates, bytes, findings };
}

interface RowInputs extends Pick<ExamineInputs, 'target' | 'schema' | 'estimates'> {
  readonly found: readonly Finding[];
}

async function examineRows(
  inputs: CheckInputs,
  { compiled, planned, unbound }: Bound,
  { found, ...rest }: RowInputs,
): Promise<Examined> {
  const { project, selected, registries, sessions, open } = inputs;
  const unread = [...selected].filter((name) => !planned.has(name));
  if (compiled === null) return { findings: [], summaries: [], paces: [] };
  const wanted = project.mappings.filter(({ name }) => planned.has(name));
  const { steps } = makePlan(wanted, project.phases, compiled.dependencies, compiled.opened, new Map());
  const byName = new Map(wanted.map((mapping) => [mapping.name, mapping]));
  const order = steps.flatMap((step) => (step.kind === 'load' ? [byName.get(step.mapping)] : []));
  const readers = new Map<string, SteadySession>();
  const retries = new Retries({
    name: 'check',
    emit: () => undefined,
    stop: new StopSignal(),
    patience: PATIENCE,
  });
  try {
    for (const name of readConnections(compiled.mappings)) {
      const keeper = sessions.get(name);
      if (keeper === undefined) continue;
      const snapshots = new Map([[name, await exportSnapshot(keeper, [])]]);
      readers.set(name, await openSource({ onceSource: open, snapshots }, name, retries));
    }
    const examined = await examine({
      ...inputs,
      ...rest,
      compiled,
      mappings: project.mappings,
      order: order.filter((mapping) => mapping !== undefined),
      ports: registries,
      readers,
      suspects: new Set(found.filter(({ severity }) => severity === 'error').map(({ subject }) => subject)),
    });
    const left = project.mappings.filter(({ name }) => unread.includes(name));
    const summaries = left.map(({ name, file }) =>
      notRead(name, file, unbound.get(name) ?? 'it could not be bound'),
    );
    return { ...examined, summaries: [...examined.summaries, ...summaries] };
  } finally {
    for (const reader of readers.values()) await reader.close();
  }
}

const notRead = (mapping: string, file: string, unexamined: string): Examined['summaries'][number] => ({
  mapping,
  file,
  rows: null,
  read: null,
  sampled: false,
  loadable: 0,
  skipped: 0,
  rejected: 0,
  unexamined,
  references: [],
  columns: [],
});

const resultOf = (json: string | null): Pick<RunResult, 'mappings' | 'run'> | null =>
  json === null ? null : (JSON.parse(json) as RunResult);
