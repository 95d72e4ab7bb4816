import type { AcceptedException } from '../engine/contract/exception.js';
import type { Cause } from './causes.js';
import { findingsOf, type Finding } from './findings.js';
import type { RunResult } from '../engine/contract/result.js';

/** An exception, and what it comes to in one run. */
export interface JudgedException {
  readonly exception: AcceptedException;
  /**
   * `accepted`: what it names stands accepted. `expired` and `exceeded` (more rows than `up_to`): all of it counts
   * again. `unused`: the run has nothing of the kind.
   */
  readonly state: 'accepted' | 'expired' | 'exceeded' | 'unused';
  /** Rows, or checks, that it speaks of. */
  readonly count: number;
}

export interface Judgement {
  readonly exceptions: readonly JudgedException[];
  /** What nobody has accepted. */
  readonly open: readonly Finding[];
  readonly accepted: readonly Finding[];
}

/**
 * Weighs a run's findings against what was agreed to. A finding belongs to the first exception that holds and
 * speaks of it. @param today `YYYY-MM-DD`, UTC
 */
export function judge(result: RunResult, exceptions: readonly AcceptedException[], today: string): Judgement {
  let open = findingsOf(result);
  const accepted: Finding[] = [];
  const states = new Map<AcceptedException, JudgedException>();
  for (const exception of exceptions.filter(({ until }) => until >= today)) {
    const found = open.filter((finding) => speaksOf(exception, finding));
    const judged = weigh(exception, found);
    states.set(exception, judged);
    if (judged.state !== 'accepted') continue;
    accepted.push(...found);
    open = open.filter((finding) => !found.includes(finding));
  }
  return {
    exceptions: exceptions.map((exception) => {
      const found = open.filter((finding) => speaksOf(exception, finding));
      return states.get(exception) ?? { exception, state: 'expired', count: rows(found) };
    }),
    open,
    accepted,
  };
}

function weigh(exception: AcceptedException, found: readonly Finding[]): JudgedException {
  const count = rows(found);
  if (count === 0) return { exception, state: 'unused', count };
  const isOver = exception.upTo !== null && count > exception.upTo;
  return { exception, state: isOver ? 'exceeded' : 'accepted', count };
}

function speaksOf({ mapping, what }: AcceptedException, finding: Finding): boolean {
  if (mapping !== finding.mapping) return false;
  if (what.kind === 'check') return finding.kind === 'check' && what.check === finding.rule;
  if (finding.kind === 'check' || what.rule !== finding.rule) return false;
  return what.column === null || what.column === finding.column;
}

const rows = (findings: readonly Finding[]): number =>
  findings.reduce((total, { count }) => total + count, 0);

/** `tasks.status, map`: what an exception speaks of. */
export function subjectOf({ mapping, what }: AcceptedException): string {
  if (what.kind === 'check') return `${mapping}, check ${what.check}`;
  return `${what.column === null ? mapping : `${mapping}.${what.column}`}, ${what.rule}`;
}

/** Whether somebody has accepted a cause of rejects. */
export const isAccepted = ({ accepted }: Judgement, cause: Cause): boolean =>
  accepted.some((finding) => isOf(finding, cause));

/** Whether a finding is that of a cause of rejects. */
export const isOf = ({ kind, mapping, column, rule }: Finding, cause: Cause): boolean =>
  kind === 'rejected' && mapping === cause.mapping && column === cause.column && rule === cause.rule;
