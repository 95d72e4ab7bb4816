import type { AggregateKind, CheckSpec } from '../../contract/check.js';
import type { CompiledMapping } from '../../contract/compiled.js';
import { compareDecimals, parseDecimal } from '../../contract/decimal.js';
import type { CheckResult, Difference } from '../../contract/result.js';
import { sensitiveColumns } from '../../compile/program/program.js';
import { quoteName } from '../../postgres/identifier.js';
import { openKeys } from '../../state/open-rejects.js';
import { countTarget, rowsOf } from '../checks.js';
import type { RunContext } from '../context.js';
import { openAsking, openSource } from '../sessions.js';
import { addAll, aggregateBoth, passedThrough, sourceSum } from './aggregates.js';
import { compareMapping, type CompareSessions, type Comparison } from './compare.js';
import type { Finding } from './findings.js';
import { judge } from './judge.js';
import type { Notes } from './notes.js';
import { queryCheck } from './query-check.js';
import { findCauses, findStrangers } from './strangers.js';

type AggregateSpec = CheckSpec & { readonly test: { readonly kind: AggregateKind } };

const isAggregate = (spec: CheckSpec): spec is AggregateSpec =>
  spec.test.kind === 'sum' || spec.test.kind === 'min_max' || spec.test.kind === 'distinct';

/** How a mapping's own checks are carried out. */
export interface EvaluateNeeds {
  /** Findings of each kind and column that are kept. */
  readonly most: number;
  /** No other mapping of the project tells of rows in its table that are not the project's. */
  readonly alone: boolean;
  /** Rows whose source row is gone do not count: a run says of them in another place. */
  readonly gone: 'reported' | 'differs';
  /** Compares the rows whether a check asks for it or not. */
  readonly always: boolean;
}

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
  const evaluation = new Evaluation(context, compiled, sessions, needs, comparison, rows);
  const checks: CheckResult[] = [];
  for (const spec of specs) {
    const found = await evaluation.check(spec);
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

const indexOf = ({ columns }: CompiledMapping, { test }: AggregateSpec): number =>
  columns.findIndex(({ column }) => column.name === test.column.value);

async function compare(
  context: RunContext,
  compiled: CompiledMapping,
  sessions: CompareSessions,
  aggregates: readonly AggregateSpec[],
  { most, alone, gone }: EvaluateNeeds,
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
        if (kind === 'earlier' || (kind === 'gone' && gone === 'reported')) notes.ignore(handle);
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

/** The checks of one mapping, one after the other. */
class Evaluation {
  constructor(
    private readonly context: RunContext,
    private readonly compiled: CompiledMapping,
    private readonly sessions: CompareSessions,
    private readonly needs: EvaluateNeeds,
    private readonly comparison: Comparison | null,
    private readonly rows: number,
  ) {}

  async check(spec: CheckSpec): Promise<CheckResult | null> {
    switch (spec.test.kind) {
      case 'row_count':
      case 'references':
        return null;
      case 'content':
        return this.content(spec);
      case 'unique':
        return this.unique(
          spec,
          spec.test.columns.map(({ value }) => value),
        );
      case 'query':
        return this.query(spec, spec.test);
      case 'sum':
      case 'min_max':
      case 'distinct':
        return isAggregate(spec) ? this.aggregate(spec) : null;
    }
  }

  private content(spec: CheckSpec): CheckResult {
    const { comparison, needs } = this;
    if (comparison === null) return this.notFound(spec);
    const { findings, leftOut } = comparison;
    const gone = needs.gone === 'reported' ? findings.count('gone') : 0;
    const found = findings.rows - gone;
    const expected = findings.matched + findings.count('missing');
    const judged = judge(spec, found, this.rows);
    const status = judged === 'passed' && (gone > 0 || findings.count('earlier') > 0) ? 'warned' : judged;
    const left = leftOut.length === 0 ? '' : `not compared: ${leftOut.join(', ')}`;
    const note = [...this.words(), left].filter((part) => part !== '').join('; ');
    return {
      check: spec.name,
      status,
      source: String(expected),
      target: String(expected - this.differing()),
      found,
      differences: findings.list().map(bare),
      ...(note === '' ? {} : { note }),
    };
  }

  /** Rows of the source that the target does not have just as they should be. */
  private differing(): number {
    const { findings } = this.comparison ?? {};
    if (findings === undefined) return 0;
    const others = (['refused', 'broken', 'gone', 'added'] as const).reduce(
      (sum, kind) => sum + findings.count(kind),
      0,
    );
    return findings.rows - others;
  }

  /** What was found, by kind. */
  private words(): readonly string[] {
    const findings = this.comparison?.findings;
    if (findings === undefined) return [];
    const changed = this.differing() - findings.count('missing');
    const words: readonly (readonly [number, string])[] = [
      [changed, 'with other values'],
      [findings.count('missing'), 'missing in the target'],
      [findings.count('refused'), 'whose source row is not loaded'],
      [findings.count('broken'), 'whose reference leads nowhere'],
      [findings.count('gone'), 'whose source row is gone'],
      [findings.count('added'), 'that nobody of the project has made'],
      [findings.count('earlier'), 'that were there before the project'],
    ];
    return words.flatMap(([count, what]) =>
      count === 0 ? [] : [`${String(count)} ${count === 1 ? 'row' : 'rows'} ${what}`],
    );
  }

  private notFound({ name }: CheckSpec): CheckResult {
    const note =
      'its rows cannot be told from others, or have a key without a text that both sides share: compare them with a query';
    return { check: name, status: 'warned', source: '', target: '', note };
  }

  private async unique(spec: CheckSpec, columns: readonly string[]): Promise<CheckResult> {
    const names = columns.map((name) => `t.${quoteName(name)}`);
    const there = names.map((name) => `${name} is not null`).join(' and ');
    const { rows } = await this.sessions.target.query(
      `select count(*), (array_agg(g.shown))[1:3] from (
         select concat_ws(', ', ${names.map((name) => `${name}::text`).join(', ')}) as shown
         ${rowsOf(this.compiled, this.context.schema)} and ${there} group by ${names.join(', ')} having count(*) > 1) g`,
    );
    const found = Number(rows[0]?.[0] ?? 0);
    const said = {
      check: spec.name,
      status: judge(spec, found, this.rows),
      source: '0',
      target: String(found),
      found,
    };
    if (found === 0) return said;
    const hidden = columns.some((name) => sensitiveColumns(this.compiled).has(name));
    const values = hidden ? '' : `: ${rows[0]?.[1] ?? ''}`;
    return { ...said, note: `${String(found)} values stand in several rows${values}` };
  }

  private async query(
    spec: CheckSpec,
    test: Extract<CheckSpec['test'], { kind: 'query' }>,
  ): Promise<CheckResult> {
    const { context, compiled, sessions, rows } = this;
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

  private async aggregate(spec: AggregateSpec): Promise<CheckResult> {
    const { context, compiled, sessions, comparison, rows } = this;
    const { kind } = spec.test;
    const column = compiled.columns[indexOf(compiled, spec)];
    if (comparison === null || column === undefined) return this.notFound(spec);
    const keep = [
      ...new Set(compiled.mapping.checks.filter(isAggregate).map((one) => indexOf(compiled, one))),
    ];
    const place = keep.indexOf(compiled.columns.indexOf(column));
    const { expected, actual } = await aggregateBoth(sessions.target, compiled, context.schema, {
      kind,
      column,
      place,
      part: !context.whole,
    });
    const hidden = kind === 'min_max' && sensitiveColumns(compiled).has(column.column.name);
    const differences = comparison.findings.list(column.column.name).map(bare);
    const field = kind === 'sum' ? passedThrough(column) : null;
    const sum =
      field === null
        ? null
        : await sourceSum(sessions.reader, compiled, field, comparison.notes.rejectedKeys);
    const closes = sum === null || same(sum.total, addAll([expected, sum.rejected, sum.skipped]));
    const isSame = same(expected, actual);
    const differing = Math.max(1, comparison.findings.inColumn(column.column.name));
    const found = isSame && closes ? 0 : isSame ? 1 : differing;
    const note = !closes
      ? 'the source’s own sum is not what was loaded, rejected and skipped'
      : sum === null && kind === 'sum'
        ? 'source: what the mapping makes of the loaded rows'
        : null;
    return {
      check: spec.name,
      status: judge(spec, found, rows),
      source: hidden ? '***' : (sum?.total ?? expected),
      target: hidden ? '***' : actual,
      ...(sum === null ? {} : { rejected: sum.rejected, skipped: sum.skipped }),
      found,
      ...(found === 0 || differences.length === 0 ? {} : { differences }),
      ...(note === null ? {} : { note }),
    };
  }
}

/** Numbers as decimals, all else by the text. */
function same(one: string, other: string): boolean {
  const [a, b] = [parseDecimal(one), parseDecimal(other)];
  return a !== null && b !== null ? compareDecimals(a, b) === 0 : one === other;
}

const bare = ({ handle: _handle, ...difference }: Finding): Difference => difference;
