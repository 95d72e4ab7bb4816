import { asProblem } from '../check/findings.js';
import { loadFindings, readFindings } from '../check/rights/rights.js';
import { compileProject, type CompiledProject } from '../compile/project.js';
import type { CompiledMapping } from '../contract/compiled.js';
import type { Finding } from '../contract/finding.js';
import type { ConstraintPlan } from '../contract/constraints.js';
import { EXIT, EtlError, ProblemsError } from '../contract/errors.js';
import type { Mapping, Project } from '../contract/mapping.js';
import type { Plan } from '../contract/plan.js';
import type { Problem } from '../contract/problem.js';
import type { EndPoint } from '../contract/result.js';
import { planConstraints } from '../plan/constraints.js';
import { makePlan } from '../plan/plan.js';
import { Catalogue } from '../postgres/catalogue.js';
import { readConstraints } from '../postgres/constraints.js';
import { standbyTarget } from '../postgres/failure.js';
import { explain, type Explained } from '../postgres/source.js';
import type { PgSession } from '../postgres/connect.js';
import { chooseLoad } from './choices.js';
import { plannedReadings } from '../run/delta/delta-plan.js';
import { restoreDeferred } from '../run/bulk/restore.js';
import { readDeferred } from '../state/deferred.js';
import { lookupConnections } from '../run/lookups.js';
import { readerSql } from '../run/read/reader-copy.js';
import { AT_START, patiently } from '../run/sessions/retries.js';
import { StopSignal } from '../run/stop.js';
import type { Databases } from './databases.js';
import { err, type Output } from './io.js';
import { showProblems, type Loaded } from './project.js';
import { tuneForHours } from './tuning.js';

const none: ReadonlyMap<string, string> = new Map();

interface TableName {
  readonly schema: string;
  readonly name: string;
}

/** A project bound to its databases, and what a run of the selected mappings will do. */
export interface Prepared {
  readonly compiled: CompiledProject;
  readonly plan: Plan;
  /** The tables that the readers touch, by source connection. */
  readonly tables: ReadonlyMap<string, readonly TableName[]>;
  readonly source: EndPoint;
  readonly target: EndPoint;
}

export interface PrepareOptions {
  /** What a dead run has left dropped is not put back, but an error. */
  readonly readsOnly?: boolean;
  /** The target is written to afterwards: what its role lacks for that is an error now. */
  readonly loads?: boolean;
}

/**
 * Binds the selected mappings to both catalogues and plans. Reads only, but for what a dead run has left
 * dropped: that is put back first, or, where `readsOnly`, an error. @throws ProblemsError, for rights that are missing too
 */
export async function prepare(
  loaded: Loaded,
  selected: ReadonlySet<string>,
  databases: Databases,
  output: Output,
  { readsOnly = false, loads: willLoad = false }: PrepareOptions = {},
): Promise<Prepared> {
  tuneForHours();
  const { project, registries } = loaded;
  const sessions = new Map<string, PgSession>();
  try {
    const names = new Set(['source', 'target', ...project.mappings.flatMap(connectionsOf)]);
    await openAll([...names], patient(databases, output), sessions);
    if (!readsOnly && sessions.get('target')?.standby === true) throw standbyTarget();
    if (readsOnly) await assertWhole(sessions, project);
    else await restore(sessions, project, output);
    refuse(await readFindings(project, selected, sessions), loaded, output);
    const catalogues = await openCatalogues(sessions);
    const target = catalogues.get('target');
    if (target === undefined) throw new Error('no target');
    const problems: Problem[] = [];
    const compiled = await compileProject(project, selected, catalogues, target, registries, problems);
    showProblems(problems, loaded.texts, output);
    if (compiled === null) throw new ProblemsError(problems);
    const state = sessions.get('target');
    const loads = compiled.mappings.filter(({ mapping }) => selected.has(mapping.name));
    if (willLoad && state !== undefined) refuse(await loadFindings(state, loads, project), loaded, output);
    const { estimates, tables } = await estimate(compiled, selected, sessions);
    const wanted = project.mappings.filter((mapping) => selected.has(mapping.name));
    const { dependencies, opened } = compiled;
    const constraints = await constraintPlans(loads, estimates, sessions.get('target'));
    const readings =
      state === undefined
        ? none
        : await plannedReadings(state, project.stateSchema, compiled.mappings, loads);
    const end = (name: string): EndPoint =>
      sessions.get(name)?.endPoint ?? { host: '', port: 0, database: '', user: '', version: '' };
    const choices = new Map(
      loads.flatMap((one) => {
        const { name, source } = one.mapping;
        const plan = constraints.get(name);
        const ends = [end(source.connection.value), end('target')];
        return plan === undefined
          ? []
          : [[name, chooseLoad(compiled, one, { estimates, constraints: plan, ends, readings })]];
      }),
    );
    return {
      compiled,
      plan: makePlan(wanted, project.phases, dependencies, opened, choices),
      tables,
      source: end('source'),
      target: end('target'),
    };
  } finally {
    await Promise.all([...sessions.values()].map((session) => session.release()));
  }
}

/** Shows what the roles lack. @throws ProblemsError where a run could not do without it */
function refuse(findings: readonly Finding[], { texts }: Loaded, output: Output): void {
  const problems = findings.filter(({ severity }) => severity === 'error').map(asProblem);
  showProblems(problems, texts, output);
  if (problems.length > 0) throw new ProblemsError(problems);
}

/** Where a mapping's rows and look-ups come from, and where its checks ask. */
export const connectionsOf = (mapping: Mapping): readonly string[] => [
  mapping.source.connection.value,
  ...lookupConnections(mapping),
  ...mapping.checks.flatMap(({ test }) => (test.kind === 'query' ? [test.connection.value] : [])),
];

async function restore(
  sessions: ReadonlyMap<string, PgSession>,
  { stateSchema, name }: Project,
  output: Output,
): Promise<void> {
  const session = sessions.get('target');
  if (session === undefined) return;
  for (const line of await restoreDeferred(session, stateSchema, name)) if (!output.quiet) err(line);
}

/** @throws EtlError exit 2 where a dead run has left something dropped */
async function assertWhole(
  sessions: ReadonlyMap<string, PgSession>,
  { stateSchema, name }: Project,
): Promise<void> {
  const session = sessions.get('target');
  const left = session === undefined ? [] : await readDeferred(session, stateSchema, name);
  if (left.length === 0) return;
  const dropped = left.flatMap(({ deferred }) => deferred.map(({ object }) => object)).join(', ');
  throw new EtlError(`a run has dropped or disabled ${dropped} for its load, and they are not back`, {
    exitCode: EXIT.usage,
    help: 'where that run is over, etl plan puts them back: then try again',
  });
}

/** What each load does with its table's constraints. */
async function constraintPlans(
  loads: readonly CompiledMapping[],
  estimates: ReadonlyMap<string, number>,
  target: PgSession | undefined,
): Promise<ReadonlyMap<string, ConstraintPlan>> {
  const plans = new Map<string, ConstraintPlan>();
  if (target === undefined) return plans;
  const loadsOf = new Map<number, number>();
  for (const { table } of loads) loadsOf.set(table.oid, (loadsOf.get(table.oid) ?? 0) + 1);
  const tables = await readConstraints(
    target,
    loads.map(({ table }) => table),
  );
  for (const [n, one] of loads.entries()) {
    const table = tables[n];
    if (table === undefined) continue;
    const alone = loadsOf.get(one.table.oid) === 1;
    const facts = { estimatedRows: estimates.get(one.mapping.name) ?? 0, alone };
    plans.set(one.mapping.name, planConstraints(one, { ...facts, table }));
  }
  return plans;
}

/** Opens connections of a server that is just starting, too. */
const patient = (databases: Databases, output: Output): Databases['open'] =>
  patiently(databases.open, {
    emit: (event) => {
      if (event.type === 'notice' && !output.quiet) err(event.message);
    },
    stop: new StopSignal(),
    patience: AT_START,
  });

/** Opens all at the same time. @throws what kept the first of them from opening; those that did open are in `sessions` */
async function openAll(
  names: readonly string[],
  open: Databases['open'],
  sessions: Map<string, PgSession>,
): Promise<void> {
  const opened = await Promise.allSettled(names.map((name) => open(name)));
  for (const [n, one] of opened.entries()) {
    if (one.status === 'fulfilled') sessions.set(names[n] ?? '', one.value);
  }
  for (const one of opened) if (one.status === 'rejected') throw one.reason;
}

async function openCatalogues(
  sessions: ReadonlyMap<string, PgSession>,
): Promise<ReadonlyMap<string, Catalogue>> {
  const opened = [...sessions].map(async ([name, session]) => [name, await Catalogue.open(session)] as const);
  return new Map(await Promise.all(opened));
}

async function estimate(
  compiled: CompiledProject,
  selected: ReadonlySet<string>,
  sessions: ReadonlyMap<string, PgSession>,
): Promise<{ estimates: Map<string, number>; tables: Map<string, TableName[]> }> {
  const estimates = new Map<string, number>();
  const tables = new Map<string, TableName[]>();
  const explained = await explainAll(compiled.mappings, sessions);
  for (const one of compiled.mappings) {
    const found = explained.get(one);
    if (found === undefined) continue;
    if (selected.has(one.mapping.name)) estimates.set(one.mapping.name, found.rows);
    const connection = one.mapping.source.connection.value;
    const list = tables.get(connection) ?? [];
    tables.set(connection, list);
    list.push(...found.tables);
  }
  return { estimates, tables: new Map([...tables].map(([connection, list]) => [connection, once(list)])) };
}

/** Each table once. */
const once = (tables: readonly TableName[]): TableName[] => [
  ...new Map(tables.map((table) => [JSON.stringify([table.schema, table.name]), table])).values(),
];

/** What each source's planner says of its mappings: one question a source, all at the same time. */
async function explainAll(
  mappings: readonly CompiledMapping[],
  sessions: ReadonlyMap<string, PgSession>,
): Promise<ReadonlyMap<CompiledMapping, Explained>> {
  const answers = [...sessions].map(async ([name, session]) => {
    const own = mappings.filter(({ mapping }) => mapping.source.connection.value === name);
    const found = await explain(
      session,
      own.map((one) => readerSql(one)),
    );
    return own.flatMap((one, n) => {
      const explained = found[n];
      return explained === undefined ? [] : [[one, explained] as const];
    });
  });
  return new Map((await Promise.all(answers)).flat());
}
