import type { EndPoint, MappingResult, RunResult } from '../engine/contract/result.js';
import type { Report } from './report.js';
import { decide } from './verdict.js';

/** What `run --json` prints. Scripts rely on the keys of cli.md, which stand first and in its order. */

/** `report` is the path of the report that was written beside it, where there is one. Plain data for JSON. */
export function summary(result: RunResult, report: string | null = null) {
  const verdict = decide(result);
  return {
    run: result.run,
    status: result.status,
    exit_code: result.exitCode,
    duration_ms: result.duration_ms,
    mappings: result.mappings.map(mappingSummary),
    reasons: verdict.reasons,
    verdict: verdict.name,
    dry_run: result.dryRun,
    limit: result.limit,
    project: result.project,
    started_at: result.startedAt.toISOString(),
    resumes: result.resumes,
    ...(report === null ? {} : { report }),
    version: 1,
    provenance: provenanceSummary(result),
  };
}

function mappingSummary(mapping: MappingResult) {
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
    checks: mapping.checks.map((check) => ({
      check: check.check,
      status: check.status,
      source: check.source,
      target: check.target,
      ...(check.note === undefined ? {} : { note: check.note }),
    })),
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
    file: mapping.file,
    source: mapping.sourceName,
    target: mapping.targetTable,
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

export const jsonReport: Report = {
  format: 'json',
  render: (result) => ({
    output: `${JSON.stringify(summary(result), null, 2)}\n`,
    mediaType: 'application/json',
    extension: 'json',
  }),
};
