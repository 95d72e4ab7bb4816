import type { ProblemCode } from '../contract/codes.js';
import type { CompiledMapping } from '../contract/compiled.js';
import type { Finding, RowsAtStake } from '../contract/finding.js';
import type { Position } from '../contract/problem.js';
import type { RejectGroup } from '../contract/result.js';
import { count, counted } from '../contract/counted.js';
import type { Tally } from '../run/rows/tally.js';
import { exceeds, thresholdText } from '../run/rows/threshold.js';
import { finding } from './findings.js';
import { placeOf } from './lenient.js';

/** What a run would reject, and what is known of it. */
export interface RowFacts {
  readonly compiled: CompiledMapping;
  readonly tally: Tally;
  readonly fatal: ReadonlySet<string>;
  /** One in so many rows was read: 1 for all. */
  readonly oneIn: number;
  readonly isStep: (rule: string) => boolean;
  /** What to do about rejects of one cause. */
  readonly advise: (cause: Pick<RejectGroup, 'rule' | 'sqlstate'>) => string;
}

const BY_RULE: Readonly<Record<string, ProblemCode>> = {
  key: 'ETL-CHECK-040',
  duplicates: 'ETL-CHECK-041',
  map: 'ETL-CHECK-042',
  lookup: 'ETL-CHECK-043',
  references: 'ETL-CHECK-044',
  insert: 'ETL-CHECK-056',
  encoding: 'ETL-CHECK-055',
};

/** Rules of the catalogue, by the name that the row program gives them. */
const BY_CATALOGUE: Readonly<Record<string, ProblemCode>> = {
  not_null: 'ETL-CHECK-045',
  length: 'ETL-CHECK-046',
  range: 'ETL-CHECK-047',
  digits: 'ETL-CHECK-047',
  enum: 'ETL-CHECK-048',
  type: 'ETL-CHECK-055',
};

const BY_SQLSTATE: Readonly<Record<string, ProblemCode>> = {
  '23505': 'ETL-CHECK-052',
  '23514': 'ETL-CHECK-053',
  '23503': 'ETL-CHECK-054',
};

function codeOf(group: RejectGroup, { compiled, isStep }: RowFacts): ProblemCode {
  const isRule = compiled.rules.some(({ rule }) => rule.name === group.rule && rule.at.line === group.line);
  if (isRule) return 'ETL-CHECK-050';
  if (group.rule === 'sql') return 'ETL-CHECK-051';
  if (group.sqlstate !== null) return BY_SQLSTATE[group.sqlstate] ?? 'ETL-CHECK-055';
  return (
    BY_RULE[group.rule] ??
    BY_CATALOGUE[group.rule] ??
    (isStep(group.rule) ? 'ETL-CHECK-049' : 'ETL-CHECK-050')
  );
}

/** Where a group was decided, as exactly as the mapping tells. */
function positionOf(
  { compiled }: Pick<RowFacts, 'compiled'>,
  file: string,
  line: number,
  column: string | null,
): Position {
  const rule = compiled.rules.find((one) => one.rule.at.line === line && one.rule.at.file === file)?.rule;
  const own =
    compiled.columns.find((one) => one.column.name === column && one.at.line === line)?.at ?? rule?.at;
  return own ?? { file, line, column: 1, length: 1 };
}

const atStake = (count: number, oneIn: number): RowsAtStake => ({
  count: count * oneIn,
  estimated: oneIn > 1,
});

/** Findings of what a run would do with the rows: rejects by cause, missing references, warnings, the verdict on their number. */
export function rowFindings(facts: RowFacts): readonly Finding[] {
  const groups = facts.tally.rejectGroups();
  const own = groups.filter(({ because }) => because === null);
  return [
    ...own.map((group) => ofGroup(facts, group)),
    ...dragged(facts, groups),
    ...missing(facts),
    ...warned(facts),
    ...tooMany(facts),
  ];
}

function ofGroup(facts: RowFacts, group: RejectGroup): Finding {
  const { compiled, fatal, oneIn, advise } = facts;
  const isFatal = fatal.has(placeOf(group));
  const end = isFatal ? '; the mapping says "fail" there, so the run would end' : '';
  return finding({
    code: codeOf(group, facts),
    severity: isFatal ? 'error' : 'warning',
    subject: `mapping ${compiled.mapping.name}`,
    message: `${group.column ?? 'the row'} (${group.rule}): ${group.samples[0]?.reason ?? ''}${end}`,
    at: positionOf(facts, group.file, group.line, group.column),
    help: advise(group),
    column: group.column,
    rows: atStake(group.count, oneIn),
    samples: group.samples,
  });
}

/** Causes that a finding names. */
const CAUSES = 3;
const SAMPLES = 5;

/** Rows that go with rejected ones: one finding for each reference, whatever the first causes were. */
function dragged(facts: RowFacts, groups: readonly RejectGroup[]): readonly Finding[] {
  const { compiled, oneIn } = facts;
  const columns = new Map<string | null, RejectGroup[]>();
  for (const group of groups) {
    if (group.because !== null) columns.set(group.column, [...(columns.get(group.column) ?? []), group]);
  }
  return [...columns].map(([column, own]) => {
    const causes = [...new Set(own.map(({ because }) => because ?? ''))];
    const more = causes.length > CAUSES ? `; ${String(causes.length - CAUSES)} more` : '';
    const { file, line } = own[0] ?? { ...compiled.mapping.at };
    return finding({
      code: 'ETL-CHECK-059',
      severity: 'warning',
      subject: `mapping ${compiled.mapping.name}`,
      message: `${column ?? 'the row'}: it refers to rejected rows (${causes.slice(0, CAUSES).join('; ')}${more})`,
      at: positionOf(facts, file, line, column),
      help: 'mend those rows first: these come with them',
      column,
      rows: atStake(
        own.reduce((sum, { count }) => sum + count, 0),
        oneIn,
      ),
      samples: own.flatMap(({ samples }) => samples).slice(0, SAMPLES),
    });
  });
}

/** References that find nothing and let the row pass all the same. */
function missing({ compiled, tally, oneIn }: RowFacts): readonly Finding[] {
  const rejected = new Map<string, number>();
  for (const { rule, column, count } of tally.rejectGroups()) {
    if (rule === 'references' && column !== null) rejected.set(column, (rejected.get(column) ?? 0) + count);
  }
  return tally.referenceCounts().flatMap((reference): readonly Finding[] => {
    const count = reference.missing - (rejected.get(reference.column) ?? 0);
    if (count <= 0) return [];
    const at = compiled.columns.find(({ column }) => column.name === reference.column)?.at;
    return [
      finding({
        code: 'ETL-CHECK-044',
        severity: 'warning',
        subject: `mapping ${compiled.mapping.name}`,
        message: `${reference.column}: no loaded row of ${reference.mapping} has the key; the column is left null`,
        at: at ?? compiled.mapping.at,
        help: 'the mapping says so (missing: null): nothing, if those references may be lost',
        column: reference.column,
        rows: atStake(count, oneIn),
      }),
    ];
  });
}

function warned({ compiled, tally, oneIn }: RowFacts): readonly Finding[] {
  return [...tally.warnings].map(([name, count]) => {
    const rule = compiled.rules.find((one) => one.rule.name === name)?.rule;
    return finding({
      code: 'ETL-CHECK-060',
      severity: 'warning',
      subject: `mapping ${compiled.mapping.name}`,
      message: `the rule ${name} does not hold; its severity is warn, so the rows are loaded`,
      at: rule?.at ?? compiled.mapping.at,
      help: 'look at the rows after the run (etl.warnings), or mend them at the source',
      rows: atStake(count, oneIn),
    });
  });
}

/** Of a sample as many fewer as chance may have brought: three standard deviations. */
const atLeast = (count: number, oneIn: number): number =>
  oneIn === 1 ? count : Math.max(0, Math.floor(count - 3 * Math.sqrt(count)));

function tooMany({ compiled, tally, oneIn }: RowFacts): readonly Finding[] {
  const { mapping } = compiled;
  const { rejected, read } = tally;
  const isOver = (count: number): boolean =>
    exceeds(mapping.maxRejects, mapping.maxRejects.unit === 'rows' ? count * oneIn : count, read);
  if (!isOver(rejected)) return [];
  const about = oneIn === 1 ? '' : 'about ';
  return [
    finding({
      code: 'ETL-CHECK-057',
      severity: isOver(atLeast(rejected, oneIn)) ? 'error' : 'warning',
      subject: `mapping ${mapping.name}`,
      message: `${about}${count(rejected * oneIn)} of ${counted(read * oneIn, 'row')} would be rejected, max_rejects is ${thresholdText(mapping.maxRejects)}`,
      at: mapping.at,
      help: 'mend the causes, or say with max_rejects how many are acceptable, and why',
      rows: atStake(rejected, oneIn),
    }),
  ];
}
