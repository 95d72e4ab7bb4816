import type { CheckResult, EndPoint, MappingResult, RunResult } from '../engine/contract/result.js';
import { sumSpent, type Spent } from '../engine/contract/spent.js';
import { adviceOn } from './advice.js';
import type { Cause } from './causes.js';
import type { Difference } from './difference.js';
import type { Format } from './document.js';
import type { JudgedException } from './exceptions.js';
import type { Report } from './report.js';

/**
 * The report as plain data, which is what `run --json` prints, too. Scripts rely on the keys of cli.md, which stand
 * first and in its order; docs/schema/v1/report.schema.json describes all of them.
 * @param path of the report that was written beside it, where there is one
 */
export function summary(report: Report, path: string | null = null) {
  const { result, verdict, judgement, gaps, causes, difference } = report;
  return {
    run: result.run,
    status: result.status,
    exit_code: result.exitCode,
    duration_ms: result.duration_ms,
    mappings: result.mappings.map((mapping) =>
      mappingSummary(mapping, report.bottleneck.mappings.get(mapping.mapping) ?? null),
    ),
    reasons: verdict.reasons,
    verdict: verdict.name,
    dry_run: result.dryRun,
    limit: result.limit,
    project: result.project,
    started_at: result.startedAt.toISOString(),
    resumes: result.resumes,
    ...(path === null ? {} : { report: path }),
    version: 1,
    provenance: provenanceSummary(result),
    accepted: verdict.accepted,
    gaps,
    next: report.next,
    causes: causes.map(causeSummary),
    exceptions: judgement.exceptions.map(exceptionSummary),
    difference: difference === null ? null : differenceSummary(difference),
    critical_path: report.criticalPath,
    spent: spentOfRun(result),
    bottleneck: report.bottleneck.run,
    memory: result.memory,
    retries: result.mappings.reduce((sum, { retries }) => sum + retries, 0),
  };
}

/** Of all mappings together, which may have been side by side; null where nothing was measured. */
function spentOfRun({ mappings }: RunResult): Spent | null {
  const all = mappings.flatMap(({ spent }) => (spent === null ? [] : [spent]));
  return all.length === 0 ? null : sumSpent(all);
}

function causeSummary(cause: Cause) {
  const { mapping, column, rule, sqlstate, count, file, line, takes, follows, samples } = cause;
  const where = { mapping, column, rule, sqlstate, count, file, line };
  return { ...where, takes, follows, advice: adviceOn(cause), samples };
}

function exceptionSummary({ exception, state, count }: JudgedException) {
  const { mapping, what, upTo, who, why, until, at } = exception;
  const of = what.kind === 'check' ? { check: what.check } : { rule: what.rule, column: what.column };
  return { mapping, ...of, up_to: upTo, who, why, until, file: at.file, line: at.line, state, count };
}

function differenceSummary({ before, mappings, appeared, vanished, changed }: Difference) {
  const named = ({ mapping, column, rule, sqlstate }: Cause) => ({ mapping, column, rule, sqlstate });
  return {
    run: before.run,
    started_at: before.startedAt.toISOString(),
    status: before.status,
    mappings,
    causes: [
      ...appeared.map((cause) => ({ ...named(cause), before: 0, now: cause.count })),
      ...changed.map(({ cause, before: rows }) => ({ ...named(cause), before: rows, now: cause.count })),
      ...vanished.map((cause) => ({ ...named(cause), before: cause.count, now: 0 })),
    ],
  };
}

function mappingSummary(mapping: MappingResult, bottleneck: string | null) {
  return {
    mapping: mapping.mapping,
    status: mapping.status,
    phase: mapping.phase,
    read: mapping.read,
    inserted: mapping.inserted,
    updated: mapping.updated,
    unchanged: mapping.unchanged,
    skipped: mapping.skipped,
    rejected: mapping.rejected,
    unexplained: mapping.unexplained,
    references: mapping.references.map((reference) => ({
      column: reference.column,
      mapping: reference.mapping,
      resolved: reference.resolved,
      null: reference.null,
      defaulted: reference.defaulted,
      missing: reference.missing,
    })),
    checks: mapping.checks.map(checkSummary),
    duration_ms: mapping.duration_ms,
    bytes: mapping.bytes,
    reason: mapping.reason,
    read_from: mapping.readFrom,
    deleted_rows: mapping.deleted,
    skipped_by: mapping.skippedBy,
    warnings: mapping.warnings,
    rejects: mapping.rejects,
    second_pass: mapping.secondPass,
    retries: mapping.retries,
    unmapped: mapping.unmapped,
    defaulted: mapping.defaulted,
    started_after_ms: mapping.startedAfterMs,
    needs: mapping.needs,
    description: mapping.description,
    file: mapping.file,
    source: mapping.sourceName,
    target: mapping.targetTable,
    spent: mapping.spent,
    bottleneck,
    bytes_sent: mapping.bytesSent,
    batches: mapping.batches,
  };
}

/** A check as every summary shows it; what was found is there where there is something. */
export function checkSummary(check: CheckResult) {
  const { rejected, skipped, found, differences, note } = check;
  return {
    check: check.check,
    status: check.status,
    source: check.source,
    target: check.target,
    ...(rejected === undefined ? {} : { rejected }),
    ...(skipped === undefined ? {} : { skipped }),
    ...(found === undefined ? {} : { found }),
    ...(differences === undefined ? {} : { differences }),
    ...(note === undefined ? {} : { note }),
  };
}

function provenanceSummary({ provenance }: RunResult) {
  return {
    crosswalk: provenance.crosswalk,
    node: provenance.node,
    source: endPoint(provenance.source),
    target: endPoint(provenance.target),
    mappings_hash: provenance.mappingsHash,
    git_commit: provenance.gitCommit,
    operator: provenance.operator,
    snapshot: provenance.snapshot,
  };
}

/** Field by field: whatever else an end point may carry one day must not slip into a printed summary. */
function endPoint({ host, port, database, user, version }: EndPoint): EndPoint {
  return { host, port, database, user, version };
}

export const jsonReport: Format = {
  format: 'json',
  render: (report) =>
    Promise.resolve({
      output: `${JSON.stringify(summary(report), null, 2)}\n`,
      mediaType: 'application/json',
      extension: 'json',
    }),
};
