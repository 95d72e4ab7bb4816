import type { Finding, FindingSeverity, Grade } from '../contract/finding.js';
import type { Problem } from '../contract/problem.js';

/** What every finding says; the rest may be left out. */
export type FindingParts = Pick<Finding, 'code' | 'severity' | 'subject' | 'message'> &
  Partial<Omit<Finding, 'code' | 'severity' | 'subject' | 'message'>>;

/** A finding with nothing where nothing is said. */
export const finding = (parts: FindingParts): Finding => ({
  at: null,
  help: null,
  column: null,
  rows: null,
  samples: [],
  ...parts,
});

const WEIGHT: Readonly<Record<FindingSeverity, number>> = { error: 0, warning: 1, note: 2 };

/** Worst first: by severity, then by rows at stake, then by file and line. */
export function worstFirst(findings: readonly Finding[]): readonly Finding[] {
  const place = ({ at }: Finding): string =>
    at === null
      ? ''
      : `${at.file}\0${String(at.line).padStart(7, '0')}\0${String(at.column).padStart(5, '0')}`;
  return [...findings].sort(
    (a, b) =>
      WEIGHT[a.severity] - WEIGHT[b.severity] ||
      (b.rows?.count ?? 0) - (a.rows?.count ?? 0) ||
      (place(a) < place(b) ? -1 : place(a) > place(b) ? 1 : 0),
  );
}

/** `ready` where nothing but notes was found, `not ready` where a run would fail. */
export function gradeOf(findings: readonly Finding[]): Grade {
  if (findings.some(({ severity }) => severity === 'error')) return 'not ready';
  return findings.some(({ severity }) => severity === 'warning') ? 'ready with exceptions' : 'ready';
}

/** A problem of the files, or of what they say of the databases, as a finding. */
export const ofProblem = (problem: Problem, subject: string): Finding =>
  finding({
    code: problem.code,
    severity: problem.severity,
    subject,
    message: problem.message,
    at: problem.at ?? null,
    help: problem.help ?? null,
  });

/** A finding without rows, as formats for problems take it; a note is a warning there. */
export const asProblem = ({ code, severity, message, at, help, rows }: Finding): Problem => {
  const stake =
    rows === null
      ? ''
      : ` (${rows.estimated ? 'about ' : ''}${rows.count.toLocaleString('en')} ${rows.count === 1 ? 'row' : 'rows'})`;
  return {
    code,
    severity: severity === 'error' ? 'error' : 'warning',
    message: `${message}${stake}`,
    ...(at === null ? {} : { at }),
    ...(help === null ? {} : { help }),
  };
};
