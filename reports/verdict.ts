import type { ExitCode } from '../engine/contract/errors.js';
import type { MappingResult, MappingStatus, RunResult } from '../engine/contract/result.js';
import { subjectOf, type JudgedException, type Judgement } from './exceptions.js';
import type { Finding } from './findings.js';
import { counted, decimal, names } from './format.js';

/**
 * What the run comes to for the person who signs: `NO-GO` where it did not end well, `GO WITH EXCEPTIONS`
 * where it ended well and something is left to accept, else `GO` (then without reasons).
 */
export interface Verdict {
  readonly name: 'GO' | 'GO WITH EXCEPTIONS' | 'NO-GO';
  /** What nobody has accepted, one sentence each, the gravest first. */
  readonly reasons: readonly string[];
  /** What somebody has accepted, one sentence each: it no more than makes a GO one with exceptions. */
  readonly accepted: readonly string[];
}

const EXIT_MEANING: Readonly<Record<ExitCode, string>> = {
  0: 'done',
  1: 'an internal error',
  2: 'an error of use, configuration or mapping',
  3: 'a lost connection or another transient error, worth a retry',
  4: 'more rejects than the threshold allows',
  5: 'a failed check, or an accounting that does not close',
  6: 'something is left to do',
  130: 'interrupted',
};

/** Exceptions never make good what ended a run: its exit code is the law, and a NO-GO stays one. */
export function decide(result: RunResult, judgement: Judgement): Verdict {
  const blockers = blockersOf(result);
  const said = [...result.reasons, ...blockers];
  const ending = endingOf(result);
  const first = ending !== null && said.length === 0 ? [ending] : said;
  const reasons = [
    ...new Set([...first, ...openWords(result, judgement.open), ...lapsedWords(judgement.exceptions)]),
  ];
  const accepted = acceptedWords(judgement);
  if (blockers.length > 0 || ending !== null) return { name: 'NO-GO', reasons, accepted };
  const clean = reasons.length === 0 && accepted.length === 0;
  return { name: clean ? 'GO' : 'GO WITH EXCEPTIONS', reasons, accepted };
}

/** How a run ended that did not end well; null for one that is `succeeded` with exit code 0. */
function endingOf({ exitCode, status }: RunResult): string | null {
  if (exitCode !== 0) return `The run ended with exit code ${String(exitCode)}: ${EXIT_MEANING[exitCode]}`;
  return status === 'succeeded' ? null : `The run ${status === 'failed' ? 'failed' : 'was interrupted'}`;
}

function blockersOf(result: RunResult): readonly string[] {
  return [
    ...failures(result),
    ...standing(result, 'interrupted', 'interrupted'),
    ...standing(result, 'not_run', 'not run'),
    ...failedChecks(result),
    ...result.mappings
      .filter((mapping) => mapping.unexplained !== 0 && mapping.status !== 'failed')
      .map((mapping) => `${mapping.mapping}: ${counted(mapping.unexplained, 'row')} unexplained`),
  ];
}

/** Failed mappings one by one, unless the run's own reasons already hold the mapping's. */
function failures(result: RunResult): readonly string[] {
  const failed = result.mappings.filter((mapping) => mapping.status === 'failed');
  const said = (reason: string | null): boolean =>
    reason !== null && result.reasons.some((line) => line.includes(reason));
  return failed
    .filter((mapping) => !said(mapping.reason))
    .map((mapping) => `${mapping.mapping} failed: ${mapping.reason ?? 'no reason was recorded'}`);
}

function standing(result: RunResult, status: MappingStatus, words: string): readonly string[] {
  const list = result.mappings.filter((mapping) => mapping.status === status);
  if (list.length === 0) return [];
  const which = names(list.map((mapping) => mapping.mapping));
  return [`${counted(list.length, 'mapping was', 'mappings were')} ${words}: ${which}`];
}

function failedChecks(result: RunResult): readonly string[] {
  return result.mappings.flatMap((mapping) =>
    mapping.checks
      .filter((check) => check.status === 'failed')
      .map(
        (check) =>
          `${mapping.mapping}: the check ${check.check} failed ` +
          `(source ${decimal(check.source)}, target ${decimal(check.target)})`,
      ),
  );
}

function openWords(result: RunResult, open: readonly Finding[]): readonly string[] {
  const of = (kind: Finding['kind']): readonly Finding[] => open.filter((each) => each.kind === kind);
  const [rejected, unresolved, warned] = [of('rejected'), of('unresolved'), of('warned')];
  const checks = of('check').map(({ mapping, rule }) => `${mapping} ${rule}`);
  return [
    ...(rejected.length > 0
      ? [`${counted(rows(rejected), 'row was', 'rows were')} rejected in ${mappingsOf(rejected)}`]
      : []),
    ...(unresolved.length > 0
      ? [
          `${counted(rows(unresolved), 'reference')} found no row in ${counted(unresolved.length, 'column')}; ` +
            'the rows are loaded without',
        ]
      : []),
    ...(warned.length > 0
      ? [`${counted(rows(warned), 'warning')} in ${mappingsOf(warned)}; the rows are loaded`]
      : []),
    ...(checks.length > 0 ? [`${counted(checks.length, 'check')} warned: ${names(checks)}`] : []),
    ...result.mappings
      .filter(({ mapping }) => of('gone').some((each) => each.mapping === mapping))
      .flatMap(goneWords),
    ...(result.mappings.length === 0 ? ['No mapping was run'] : []),
  ];
}

/** Exceptions that do not hold any more, where there still is what they speak of. */
function lapsedWords(exceptions: readonly JudgedException[]): readonly string[] {
  return exceptions.flatMap(({ exception, state, count }) => {
    const { who, until, upTo } = exception;
    if (state === 'expired' && count > 0) {
      return [
        `${subjectOf(exception)}: the exception of ${who} ended on ${until}, so ${counted(count, 'row')} count again`,
      ];
    }
    if (state !== 'exceeded') return [];
    const most = counted(upTo ?? 0, 'row');
    return [
      `${subjectOf(exception)}: ${who} accepted ${most} at the most, so all ${counted(count, 'row')} count`,
    ];
  });
}

const ACCEPTED: Readonly<Record<Finding['kind'], readonly [one: string, many: string]>> = {
  rejected: ['rejected row is accepted', 'rejected rows are accepted'],
  unresolved: ['reference that found no row is accepted', 'references that found no row are accepted'],
  warned: ['warning is accepted', 'warnings are accepted'],
  check: ['check that warned is accepted', 'checks that warned are accepted'],
  gone: ['row whose source row is gone is accepted', 'rows whose source row is gone are accepted'],
};

function acceptedWords({ accepted }: Judgement): readonly string[] {
  const kinds = Object.keys(ACCEPTED) as readonly Finding['kind'][];
  return kinds.flatMap((kind) => {
    const found = accepted.filter((each) => each.kind === kind);
    if (found.length === 0) return [];
    return `${counted(rows(found), ...ACCEPTED[kind])} in ${mappingsOf(found)}`;
  });
}

const rows = (findings: readonly Finding[]): number =>
  findings.reduce((total, { count }) => total + count, 0);

const mappingsOf = (findings: readonly Finding[]): string =>
  counted(new Set(findings.map(({ mapping }) => mapping)).size, 'mapping');

/** Rows of the target that the source does not have any more. */
function goneWords({ mapping, deleted }: MappingResult): readonly string[] {
  const left = deleted === null ? 0 : deleted.found - deleted.deleted;
  if (deleted === null || left === 0) return [];
  const keys = `${deleted.samples.join(', ')}${deleted.samples.length < left ? ', …' : ''}`;
  const why =
    deleted.kept > 0 ? ', and stay: other rows refer to them, or the project has not made them' : '';
  return [`${mapping}: the source row of ${counted(left, 'row')} is gone (key ${keys})${why}`];
}
