import type { AggregateKind, CheckSpec } from '../../contract/check.js';
import type { CompiledMapping } from '../../contract/compiled.js';
import { compareDecimals, parseDecimal } from '../../contract/decimal.js';
import type { CheckResult } from '../../contract/result.js';
import { sensitiveColumns } from '../../compile/program/program.js';
import { addAll, aggregateBoth, passedThrough, sourceSum } from './aggregates.js';
import { bare, notFound, type Evaluation } from './evaluation.js';
import { judge } from './judge.js';

export type AggregateSpec = CheckSpec & { readonly test: { readonly kind: AggregateKind } };

export const isAggregate = (spec: CheckSpec): spec is AggregateSpec =>
  spec.test.kind === 'sum' || spec.test.kind === 'min_max' || spec.test.kind === 'distinct';

export const indexOf = ({ columns }: CompiledMapping, { test }: AggregateSpec): number =>
  columns.findIndex(({ column }) => column.name === test.column.value);

/** A sum, the least and the greatest, or the number of different values, of both sides. */
export async function aggregateCheck(evaluation: Evaluation, spec: AggregateSpec): Promise<CheckResult> {
  const { context, compiled, sessions, comparison, rows } = evaluation;
  const { kind } = spec.test;
  const column = compiled.columns[indexOf(compiled, spec)];
  if (comparison === null || column === undefined) return notFound(spec);
  const keep = [...new Set(compiled.mapping.checks.filter(isAggregate).map((one) => indexOf(compiled, one)))];
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
    field === null ? null : await sourceSum(sessions.reader, compiled, field, comparison.notes.rejectedKeys);
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

/** Numbers as decimals, all else by the text. */
function same(one: string, other: string): boolean {
  const [a, b] = [parseDecimal(one), parseDecimal(other)];
  return a !== null && b !== null ? compareDecimals(a, b) === 0 : one === other;
}
