import type { AcceptedException } from '../engine/contract/exception.js';
import type { RunResult } from '../engine/contract/result.js';
import { bottlenecksOf, type Bottlenecks } from './bottleneck.js';
import { causesOf, type Cause } from './causes.js';
import { pathTaken } from './critical-path.js';
import { differenceOf, type Difference } from './difference.js';
import { judge, type Judgement } from './exceptions.js';
import { nextSteps } from './next-steps.js';
import { decide, type Verdict } from './verdict.js';

/** What a report is made from. */
export interface ReportInput {
  readonly result: RunResult;
  readonly exceptions: readonly AcceptedException[];
  /** The project's run before it, of the same kind; null where there is none. */
  readonly before: RunResult | null;
  /** `YYYY-MM-DD`, UTC: exceptions that ended before do not hold. */
  readonly today: string;
  /** What the report cannot say, one sentence each: of a run that was killed, say. */
  readonly gaps: readonly string[];
  /** The way from the report's folder to the one that paths of mappings begin in, ending in `/`; null for no links. */
  readonly base: string | null;
}

/** The one model of all formats: what a run came to, weighed. */
export interface Report extends Pick<ReportInput, 'result' | 'today' | 'gaps' | 'base'> {
  readonly verdict: Verdict;
  readonly judgement: Judgement;
  readonly causes: readonly Cause[];
  readonly difference: Difference | null;
  /** Names of mappings, in the order in which they waited for each other. */
  readonly criticalPath: readonly string[];
  readonly bottleneck: Bottlenecks;
  /** What there is to do now, one sentence each; text in backticks is to be typed. */
  readonly next: readonly string[];
}

export function reportOf({ result, exceptions, before, today, gaps, base }: ReportInput): Report {
  const judgement = judge(result, exceptions, today);
  const verdict = decide(result, judgement);
  return {
    result,
    today,
    gaps,
    base,
    verdict,
    judgement,
    causes: causesOf(result),
    difference: before === null ? null : differenceOf(result, before),
    criticalPath: pathTaken(result),
    bottleneck: bottlenecksOf(result, before),
    next: nextSteps(result, verdict, judgement),
  };
}
