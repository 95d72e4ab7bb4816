import type { CheckSpec } from '../../contract/check.js';
import type { CompiledMapping } from '../../contract/compiled.js';
import type { CheckResult } from '../../contract/result.js';
import { openKeys } from '../../state/open-rejects.js';
import { countTarget } from '../checks.js';
import type { RunContext } from '../context.js';
import { openAsking, openSource } from '../sessions/sessions.js';
import { aggregateCheck, indexOf, isAggregate, type AggregateSpec } from './aggregate-check.js';
import { compareMapping, type Comparison } from './compare.js';
import type { CompareSessions } from './compare-sessions.js';
import { contentCheck } from './content-check.js';
import type { EvaluateNeeds, Evaluation } from './evaluation.js';
import type { Notes } from './notes.js';
import { queryCheck } from './query-check.js';
import { findCauses, findStrangers } from './strangers.js';
import { uniqueCheck } from './unique-check.js';

/** What the checks of one mapping come to. */
export interface Evaluated {
  readonly checks: readonly CheckResult[];
  /** Null where no check needs it, or the rows cannot be found again. */
  readonly comparison: Comparison | null;
  /** The mapping's rows in the target. */
  readonly rows: number;
}

/** Carries out the checks that a mapping lists, but for `row_count` and `references`, which are always on. */
export async function evaluateChecks(
  context: RunContext,
  compiled: CompiledMapping,
  sessions: CompareSessions,
  needs: EvaluateNeeds,
): Promise<Evaluated> {
  const specs: readonly CheckSpec[] = withContent(compiled.mapping.checks, needs.always, compiled);
  const aggregates = specs.filter(isAggregate);
  const compares = aggregates.length > 0 || specs.some(({ test }) => test.kind === 'content');
  const comparison = compares ? await compare(context, compiled, sessions, aggregates, needs) : null;
  const rows = await countTarget(sessions.target, compiled, context.schema);
  const evaluation: Evaluation = { context, compiled, sessions, needs, comparison, rows };
  const checks: CheckResult[] = [];
  for (const spec of specs) {
    const found = await check(evaluation, spec);
    if (found !== null) checks.push(found);
  }
  return { checks, comparison, rows };
}

/** `etl verify` compares contents always; what the mapping says of how grave that is holds. */
function withContent(
  specs: readonly CheckSpec[],
  always: boolean,
  { mapping }: CompiledMapping,
): readonly CheckSpec[] {
  if (!always || specs.some(({ test }) => test.kind === 'content')) return specs;
  const at = mapping.at;
  return [
    ...specs,
    { name: 'content', test: { kind: 'content' }, severity: 'error', errorIf: null, warnIf: null, at },
  ];
}

async function compare(
  context: RunContext,
  compiled: CompiledMapping,
  sessions: CompareSessions,
  aggregates: readonly AggregateSpec[],
  { most, alone, unanswered }: EvaluateNeeds,
): Promise<Comparison | null> {
  const { schema, project, whole } = context;
  const open = await openKeys(sessions.target, schema, project.name, compiled.mapping.name);
  const comparison = await compareMapping(context, compiled, sessions, {
    known: new Set(open.get(compiled.mapping.name)?.keys),
    keep: [...new Set(aggregates.map((spec) => indexOf(compiled, spec)))],
    sums: aggregates.some(({ test }) => test.kind === 'sum'),
    most,
  });
  if (comparison === null) return null;
  const { findings, notes } = comparison;
  if (whole && mayHaveStrangers(compiled, notes)) {
    await findStrangers(sessions.target, compiled, schema, {
      findings,
      alone,
      note: (handle, kind) => {
        if (kind === 'earlier' || unanswered === 'reported') notes.ignore(handle);
        else notes.replace(handle, null);
      },
    });
    await notes.flush(true);
  }
  await findCauses(sessions.target, compiled, schema, findings);
  return comparison;
}

/** A comparison by key columns that cannot be null has passed every row of the table. */
const mayHaveStrangers = ({ found, targetKey, columns }: CompiledMapping, { anyUnmet }: Notes): boolean =>
  anyUnmet || found !== 'target' || targetKey.some((index) => columns[index]?.column.notNull !== true);

function check(evaluation: Evaluation, spec: CheckSpec): Promise<CheckResult> | CheckResult | null {
  switch (spec.test.kind) {
    case 'row_count':
    case 'references':
      return null;
    case 'content':
      return contentCheck(evaluation, spec);
    case 'unique':
      return uniqueCheck(
        evaluation,
        spec,
        spec.test.columns.map(({ value }) => value),
      );
    case 'query':
      return askQuery(evaluation, spec, spec.test);
    case 'sum':
    case 'min_max':
    case 'distinct':
      return isAggregate(spec) ? aggregateCheck(evaluation, spec) : null;
  }
}

/** On the connection that the check names, of the source in the run's own snapshot. */
async function askQuery(
  { context, compiled, sessions, rows }: Evaluation,
  spec: CheckSpec,
  test: Extract<CheckSpec['test'], { kind: 'query' }>,
): Promise<CheckResult> {
  const hidden = compiled.fields.some(({ sensitive }) => sensitive);
  const { value: connection } = test.connection;
  if (connection === 'target') return queryCheck(sessions.target, spec, test, { rows, hidden });
  const retries = context.retriesOf(compiled.mapping.name);
  const isSource = context.snapshots.has(connection);
  const session = isSource
    ? await openSource(context, connection, retries)
    : await openAsking({ ...context, once: () => context.once(connection) }, retries);
  try {
    return await queryCheck(session, spec, test, { rows, hidden });
  } finally {
    await session.close();
  }
}
