import { compileProject, type CompiledProject } from '../compile/project.js';
import type { ConstraintPlan } from '../contract/constraints.js';
import { ProblemsError } from '../contract/errors.js';
import type { Project } from '../contract/mapping.js';
import type { Plan } from '../contract/plan.js';
import type { Problem } from '../contract/problem.js';
import type { EndPoint } from '../contract/result.js';
import { planConstraints } from '../plan/constraints.js';
import { makePlan } from '../plan/plan.js';
import { Catalogue } from '../postgres/catalogue.js';
import { readConstraints } from '../postgres/constraints.js';
import { explain } from '../postgres/source.js';
import type { PgSession } from '../postgres/connect.js';
import { restoreDeferred } from '../run/restore.js';
import { readerSql } from '../run/stream.js';
import { STEPS } from '../steps/index.js';
import { RULES } from '../../validators/index.js';
import type { Databases } from './databases.js';
import { err, type Output } from './io.js';
import { showProblems, type Loaded } from './project.js';

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

/**
 * Binds the selected mappings to both catalogues and plans. Reads only, but for what a dead run has left
 * dropped: that is put back first. @throws ProblemsError
 */
export async function prepare(
  loaded: Loaded,
  selected: ReadonlySet<string>,
  databases: Databases,
  output: Output,
): Promise<Prepared> {
  const { project } = loaded;
  const sessions = new Map<string, PgSession>();
  try {
    const names = new Set(['source', 'target', ...project.mappings.map((m) => m.source.connection.value)]);
    for (const name of names) sessions.set(name, await databases.open(name));
    await restore(sessions, project, output);
    const catalogues = new Map<string, Catalogue>();
    for (const [name, session] of sessions) catalogues.set(name, await Catalogue.open(session));
    const target = catalogues.get('target');
    if (target === undefined) throw new Error('no target');
    const problems: Problem[] = [];
    const registries = { steps: STEPS, rules: RULES };
    const compiled = await compileProject(project, selected, catalogues, target, registries, problems);
    showProblems(problems, loaded.texts, output);
    if (compiled === null) throw new ProblemsError(problems);
    const { estimates, tables } = await estimate(compiled, selected, sessions);
    const wanted = project.mappings.filter((mapping) => selected.has(mapping.name));
    const { dependencies, opened } = compiled;
    const constraints = await constraintPlans(compiled, selected, estimates, sessions.get('target'));
    const end = (name: string): EndPoint =>
      sessions.get(name)?.endPoint ?? { host: '', port: 0, database: '', user: '', version: '' };
    return {
      compiled,
      plan: makePlan(wanted, project.phases, dependencies, opened, estimates, constraints),
      tables,
      source: end('source'),
      target: end('target'),
    };
  } finally {
    for (const session of sessions.values()) await session.close();
  }
}

async function restore(
  sessions: ReadonlyMap<string, PgSession>,
  { stateSchema, name }: Project,
  output: Output,
): Promise<void> {
  const session = sessions.get('target');
  if (session === undefined) return;
  for (const line of await restoreDeferred(session, stateSchema, name)) if (!output.quiet) err(line);
}

/** What each load does with its table's constraints. */
async function constraintPlans(
  compiled: CompiledProject,
  selected: ReadonlySet<string>,
  estimates: ReadonlyMap<string, number>,
  target: PgSession | undefined,
): Promise<ReadonlyMap<string, ConstraintPlan>> {
  const plans = new Map<string, ConstraintPlan>();
  const loads = compiled.mappings.filter(({ mapping }) => selected.has(mapping.name));
  for (const one of loads) {
    if (target === undefined) continue;
    const alone = loads.filter((other) => other.table.oid === one.table.oid).length === 1;
    const facts = { estimatedRows: estimates.get(one.mapping.name) ?? 0, alone };
    plans.set(
      one.mapping.name,
      planConstraints(one, { ...facts, table: await readConstraints(target, one.table) }),
    );
  }
  return plans;
}

async function estimate(
  compiled: CompiledProject,
  selected: ReadonlySet<string>,
  sessions: ReadonlyMap<string, PgSession>,
): Promise<{ estimates: Map<string, number>; tables: Map<string, TableName[]> }> {
  const estimates = new Map<string, number>();
  const tables = new Map<string, TableName[]>();
  for (const one of compiled.mappings) {
    const connection = one.mapping.source.connection.value;
    const session = sessions.get(connection);
    if (session === undefined) continue;
    const found = await explain(session, readerSql(one));
    if (selected.has(one.mapping.name)) estimates.set(one.mapping.name, found.rows);
    const list = tables.get(connection) ?? [];
    tables.set(connection, list);
    for (const table of found.tables) {
      if (!list.some((t) => t.schema === table.schema && t.name === table.name)) list.push(table);
    }
  }
  return { estimates, tables };
}
