import type { ExitCode } from '../engine/contract/errors.js';
import type { MappingResult, MappingStatus, RunResult } from '../engine/contract/result.js';
import { counted, decimal, names } from './format.js';
import { totalsOf } from './totals.js';

/**
 * What the run comes to for the person who signs: `NO-GO` where it did not end well, `GO WITH EXCEPTIONS`
 * where it ended well and something is left to accept, else `GO` (then without reasons).
 */
export interface Verdict {
  readonly name: 'GO' | 'GO WITH EXCEPTIONS' | 'NO-GO';
  /** One sentence each, the gravest first. */
  readonly reasons: readonly string[];
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

export function decide(result: RunResult): Verdict {
  const blockers = blockersOf(result);
  const said = [...result.reasons, ...blockers];
  const ending = endingOf(result);
  const exceptions = exceptionsOf(result);
  const first = ending !== null && said.length === 0 ? [ending] : said;
  const reasons = [...new Set([...first, ...exceptions])];
  if (blockers.length > 0 || ending !== null) return { name: 'NO-GO', reasons };
  return { name: reasons.length > 0 ? 'GO WITH EXCEPTIONS' : 'GO', reasons };
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

function exceptionsOf(result: RunResult): readonly string[] {
  const { rejected } = totalsOf(result);
  const missing = result.mappings.flatMap((mapping) =>
    mapping.references.filter((reference) => reference.missing > 0),
  );
  const missed = missing.reduce((total, reference) => total + reference.missing, 0);
  const warned = result.mappings.map(warningRows);
  const warnings = warned.reduce((total, rows) => total + rows, 0);
  const checks = result.mappings.flatMap((mapping) =>
    mapping.checks
      .filter((check) => check.status === 'warned')
      .map((check) => `${mapping.mapping} ${check.check}`),
  );
  const within = (list: readonly unknown[], noun: string): string => `in ${counted(list.length, noun)}`;
  const rejecting = result.mappings.filter((mapping) => mapping.rejected > 0);
  return [
    ...(rejected > 0
      ? [`${counted(rejected, 'row was', 'rows were')} rejected ${within(rejecting, 'mapping')}`]
      : []),
    ...(missed > 0 ? [`${counted(missed, 'reference')} found no row ${within(missing, 'column')}`] : []),
    ...(warnings > 0
      ? [
          `${counted(warnings, 'warning')} ${within(
            warned.filter((rows) => rows > 0),
            'mapping',
          )}; the rows are loaded`,
        ]
      : []),
    ...(checks.length > 0 ? [`${counted(checks.length, 'check')} warned: ${names(checks)}`] : []),
    ...result.mappings.flatMap(goneWords),
    ...(result.mappings.length === 0 ? ['No mapping was run'] : []),
  ];
}

/** Rows of the target that the source does not have any more. */
function goneWords({ mapping, deleted }: MappingResult): readonly string[] {
  const left = deleted === null ? 0 : deleted.found - deleted.deleted;
  if (deleted === null || left === 0) return [];
  const keys = `${deleted.samples.join(', ')}${deleted.samples.length < left ? ', …' : ''}`;
  const why =
    deleted.kept > 0 ? ', and stay: other rows refer to them, or the project has not made them' : '';
  return [`${mapping}: the source row of ${counted(left, 'row')} is gone (key ${keys})${why}`];
}

function warningRows(mapping: MappingResult): number {
  return Object.values(mapping.warnings).reduce((total, rows) => total + rows, 0);
}
