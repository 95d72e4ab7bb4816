import { differenceWords } from '../engine/contract/difference.js';
import type { CheckResult } from '../engine/contract/result.js';
import type { VerifiedMapping, VerifyResult } from '../engine/contract/verify.js';
import { counted, decimal, duration, visible } from './format.js';
import { checkSummary } from './json.js';

/** What `verify --json` prints. Plain data for JSON; its keys may be relied on (docs/verify.md). */
export function verifySummary(result: VerifyResult) {
  return {
    version: 1,
    project: result.project,
    exit_code: result.exitCode,
    clean: result.exitCode === 0,
    started_at: result.startedAt.toISOString(),
    duration_ms: result.duration_ms,
    source: endPoint(result.source),
    target: endPoint(result.target),
    mappings: result.mappings.map((one) => ({
      mapping: one.mapping,
      status: one.status,
      reason: one.reason,
      file: one.file,
      target: one.targetTable,
      read: one.read,
      loaded: one.loaded,
      skipped: one.skipped,
      rejected: one.rejected,
      checks: one.checks.map(checkSummary),
      since:
        one.since === null
          ? null
          : {
              run: one.since.run,
              at: one.since.at,
              read: one.since.read,
              changed: one.since.changed,
              edited: one.since.edited,
            },
      duration_ms: one.duration_ms,
    })),
  };
}

const endPoint = ({ host, port, database, user, version }: VerifyResult['source']) => ({
  host,
  port,
  database,
  user,
  version,
});

const MARK = { passed: 'ok', warned: 'warn', failed: 'FAIL', not_verified: 'FAIL' } as const;

/** What `etl verify` prints for people. */
export function verifyText(result: VerifyResult): string {
  const checks = result.mappings.flatMap((one) => one.checks);
  const passed = checks.filter(({ status }) => status === 'passed').length;
  const verdict = result.exitCode === 0 ? 'CLEAN' : 'DIFFERENCES';
  const sum = `${verdict}  ${String(passed)} of ${counted(checks.length, 'check')} passed, ${duration(result.duration_ms)}`;
  return `${[...result.mappings.flatMap(mappingLines), sum].join('\n')}\n`;
}

function mappingLines(one: VerifiedMapping): readonly string[] {
  const rows = `${counted(one.read, 'source row')}, ${counted(one.skipped, 'row')} skipped, ${String(one.rejected)} rejected`;
  const passed = one.checks.filter(({ status }) => status === 'passed').length;
  return [
    `${MARK[one.status].padEnd(5)}${visible(one.mapping)}  ${one.reason ?? `${rows}; ${String(passed)} of ${counted(one.checks.length, 'check')} passed`}`,
    ...(one.since?.words ?? []).map((word) => `     since then: ${word}`),
    ...one.checks.filter(({ status }) => status !== 'passed').flatMap(checkLines),
  ];
}

function checkLines(check: CheckResult): readonly string[] {
  const parts =
    check.rejected === undefined
      ? ''
      : `, rejected ${decimal(check.rejected)}, skipped ${decimal(check.skipped ?? '0')}`;
  const sides =
    check.source === '' && check.target === ''
      ? ''
      : `: source ${decimal(check.source)}, target ${decimal(check.target)}${parts}`;
  const differences = check.differences ?? [];
  const more = (check.found ?? 0) > differences.length && differences.length > 0;
  return [
    `     ${MARK[check.status].padEnd(5)}${visible(check.check)}${sides}${check.note === undefined ? '' : ` (${visible(check.note)})`}`,
    ...differences.map(
      (one) =>
        `          ${visible(differenceWords(one))}${one.note === null ? '' : ` (${visible(one.note)})`}`,
    ),
    ...(more ? [`          … ${counted(check.found ?? 0, 'row')} in all`] : []),
  ];
}
