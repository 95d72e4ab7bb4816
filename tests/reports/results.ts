import { NO_TIME } from '../../engine/contract/spent.js';
import type { MappingResult, RejectGroup, RunResult } from '../../engine/contract/result.js';
import { reportOf, type Report, type ReportInput } from '../../reports/report.js';

/** A mapping that went well, all its rows inserted; `over` names what differs. */
/** As of a mapping that ran. */
export function mappingResult(
  mapping: string,
  read: number,
  over: Partial<MappingResult> = {},
): MappingResult {
  return {
    mapping,
    file: `mappings/core/${mapping}.yaml`,
    description: '',
    sourceName: `clinic_${mapping}`,
    targetTable: mapping,
    status: 'succeeded',
    reason: null,
    phase: 'core',
    needs: [],
    readFrom: null,
    deleted: null,
    read,
    inserted: read,
    updated: 0,
    unchanged: 0,
    skipped: 0,
    rejected: 0,
    unexplained: 0,
    skippedBy: {},
    warnings: {},
    rejects: [],
    references: [],
    checks: [{ check: 'row_count', status: 'passed', source: String(read), target: String(read) }],
    secondPass: 0,
    retries: 0,
    unmapped: [],
    defaulted: [],
    startedAfterMs: 0,
    duration_ms: Math.max(80, read / 50),
    bytes: read * 120,
    bytesSent: read * 110,
    batches: Math.ceil(read / 10_000),
    spent: { ...NO_TIME, target: read / 1000, source: read / 3000, program: read / 5000 },
    settings: null,
    ...over,
  };
}

export function runResult(mappings: readonly MappingResult[], over: Partial<RunResult> = {}): RunResult {
  return {
    run: '2026-11-22T09-30-00-7f3a',
    project: 'clinic-migration',
    status: 'succeeded',
    exitCode: 0,
    dryRun: false,
    limit: null,
    reasons: [],
    startedAt: new Date(Date.UTC(2026, 10, 22, 9, 30, 0)),
    duration_ms: Math.max(0, ...mappings.map((mapping) => mapping.startedAfterMs + mapping.duration_ms)),
    resumes: 0,
    memory: null,
    mappings,
    provenance: {
      crosswalk: '0.1.0',
      node: '20.20.0',
      source: {
        host: 'legacy-db.clinic.internal',
        port: 5432,
        database: 'clinic',
        user: 'etl_reader',
        version: 'PostgreSQL 13.14',
      },
      target: {
        host: 'db.clinic.example',
        port: 5432,
        database: 'clinic_new',
        user: 'etl',
        version: 'PostgreSQL 16.4',
      },
      mappingsHash: '9f2c4e1b7a60d3585c1be0aa4f7cd2913e84b5f6a2d17c09e3b8f4d65a1c7e20',
      gitCommit: '7c6038b1d2a94e5f8b3c6d7e9f0a1b2c3d4e5f60',
      operator: 'm.keller@build-7',
      snapshot: '00000004-0000029F-1',
    },
    ...over,
  };
}

export function rejectGroup(over: Partial<RejectGroup> = {}): RejectGroup {
  return {
    column: 'status',
    rule: 'map',
    sqlstate: null,
    because: null,
    count: 1,
    file: 'mappings/business/tasks.yaml',
    line: 24,
    samples: [{ key: '1023', reason: 'the map has no entry for "X"', value: 'X' }],
    ...over,
  };
}

/** Three mappings without a blemish. */
export function cleanRun(): RunResult {
  return runResult([
    mappingResult('roles', 12),
    mappingResult('patients', 48_210, {
      startedAfterMs: 120,
      references: [
        { column: 'doctor_id', mapping: 'doctors', resolved: 48_010, null: 200, defaulted: 0, missing: 0 },
      ],
      checks: [
        { check: 'row_count', status: 'passed', source: '48210', target: '48210' },
        { check: 'sum balance', status: 'passed', source: '4012345.67', target: '4012345.67' },
        {
          check: 'content',
          status: 'passed',
          source: '48210',
          target: '48210',
          note: 'created_by is left out: the database fills it',
        },
      ],
    }),
    mappingResult('payments', 91_004, { phase: 'business', startedAfterMs: 1_150 }),
  ]);
}

/** Ten mappings of the clinic that ended well and leave something to accept. */
export function exceptionsRun(): RunResult {
  return runResult([
    mappingResult('roles', 12),
    mappingResult('doctors', 1_840, {
      startedAfterMs: 95,
      inserted: 1_838,
      rejected: 2,
      secondPass: 1_204,
      rejects: [
        rejectGroup({
          column: 'email',
          rule: 'email',
          count: 2,
          file: 'mappings/core/doctors.yaml',
          line: 18,
          samples: [
            { key: '311', reason: 'no e-mail address: nothing stands before the @', value: '@smile.example' },
            { key: '1207', reason: 'no e-mail address: it has no @', value: 'n/a' },
          ],
        }),
      ],
      references: [
        {
          column: 'default_patient_id',
          mapping: 'patients',
          resolved: 1_204,
          null: 634,
          defaulted: 0,
          missing: 0,
        },
      ],
      unmapped: ['fax', 'pager'],
    }),
    mappingResult('patients', 48_210, {
      startedAfterMs: 140,
      inserted: 47_020,
      skipped: 1_190,
      skippedBy: { 'soft-deleted': 1_102, 'test patients': 88 },
      references: [
        { column: 'doctor_id', mapping: 'doctors', resolved: 46_806, null: 200, defaulted: 0, missing: 14 },
      ],
      unmapped: ['middle_initial', 'old_chart_number', 'ssn_last4'],
      defaulted: ['created_by', 'version'],
    }),
    mappingResult('orders', 60_112, { startedAfterMs: 1_110 }),
    mappingResult('tasks', 762_000, {
      phase: 'business',
      startedAfterMs: 2_400,
      duration_ms: 41_310,
      file: 'mappings/business/tasks.yaml',
      sourceName: 'query',
      targetTable: 'public.tasks',
      inserted: 700_000,
      updated: 20_000,
      unchanged: 37_688,
      rejected: 4_312,
      secondPass: 212_040,
      rejects: [
        rejectGroup({
          count: 4_000,
          samples: [
            { key: '1023', reason: 'the map has no entry for "?"', value: '?' },
            { key: '88112', reason: 'the map has no entry for "X"', value: 'X' },
          ],
        }),
        rejectGroup({
          column: 'patient_id',
          rule: 'references',
          count: 297,
          line: 27,
          samples: [{ key: '55', reason: 'patients has no row with the key 990001', value: '990001' }],
        }),
        rejectGroup({
          column: null,
          rule: 'database',
          sqlstate: '23514',
          count: 15,
          line: 9,
          samples: [
            {
              key: '7',
              reason: 'new row for relation "tasks" violates check constraint "tasks_price_positive"',
              value: null,
            },
          ],
        }),
      ],
      references: [
        { column: 'patient_id', mapping: 'patients', resolved: 757_391, null: 0, defaulted: 0, missing: 297 },
        { column: 'parent_id', mapping: 'tasks', resolved: 212_040, null: 545_648, defaulted: 0, missing: 0 },
      ],
      warnings: { 'price is not negative': 41 },
      checks: [
        { check: 'row_count', status: 'passed', source: '757688', target: '757688' },
        { check: 'sum price', status: 'passed', source: '2914470.25', target: '2914470.25' },
        {
          check: 'min_max created',
          status: 'passed',
          source: '2009-03-01 … 2026-11-20',
          target: '2009-03-01 … 2026-11-20',
        },
      ],
    }),
    mappingResult('messages', 210_400, { phase: 'business', startedAfterMs: 3_000 }),
    mappingResult('payments', 91_004, {
      phase: 'business',
      startedAfterMs: 7_300,
      checks: [
        { check: 'row_count', status: 'passed', source: '91004', target: '91004' },
        { check: 'sum amount', status: 'passed', source: '1412345.67', target: '1412345.67' },
        {
          check: 'no two payments in one place',
          status: 'warned',
          source: '',
          target: '3',
          note: 'the query gave 3 rows where none was expected',
        },
      ],
    }),
    mappingResult('treatment_plans', 30_120, {
      phase: 'clinical',
      startedAfterMs: 43_800,
      inserted: 0,
      unchanged: 30_120,
    }),
    mappingResult('template_view_groups', 420, { phase: 'clinical', startedAfterMs: 43_850 }),
    mappingResult('message_attachments', 45_000, { phase: 'operations', startedAfterMs: 44_500 }),
  ]);
}

/** A run that lost its source in the middle and has a check that failed. */
export function failedRun(): RunResult {
  return runResult(
    [
      mappingResult('roles', 12),
      mappingResult('patients', 48_210, {
        startedAfterMs: 100,
        checks: [
          {
            check: 'sum balance',
            status: 'failed',
            source: '4012345.67',
            target: '4012300.67',
            note: 'the target is 45.00 below the source',
          },
        ],
      }),
      mappingResult('tasks', 310_000, {
        phase: 'business',
        status: 'failed',
        startedAfterMs: 1_200,
        unexplained: 3,
        inserted: 309_997,
        reason:
          'the source closed the connection (57P01: terminating connection due to administrator command)',
        checks: [],
      }),
      ...['files', 'comments'].map((name) =>
        mappingResult(name, 0, {
          phase: 'business',
          status: 'not_run',
          reason: 'tasks failed, which it needs',
          checks: [],
          duration_ms: 0,
        }),
      ),
    ],
    { status: 'failed', exitCode: 3 },
  );
}

/** A run whose every text is the same one: what a hostile database or file could put into a report. */
export function filledWith(text: string): RunResult {
  const endPoint = { host: text, port: 5432, database: text, user: text, version: text };
  const mapping = mappingResult(text, 10, {
    file: text,
    description: text,
    sourceName: text,
    targetTable: text,
    status: 'failed',
    reason: text,
    phase: text,
    rejected: 1,
    skipped: 1,
    inserted: 8,
    skippedBy: { [text]: 1 },
    warnings: { [text]: 2 },
    rejects: [
      {
        column: text,
        rule: text,
        sqlstate: text,
        because: text,
        count: 1,
        file: text,
        line: 1,
        samples: [{ key: text, reason: text, value: text }],
      },
    ],
    references: [{ column: text, mapping: text, resolved: 1, null: 2, defaulted: 3, missing: 4 }],
    checks: [
      {
        ...{ check: text, status: 'failed', source: text, target: text, note: text },
        ...{ rejected: text, skipped: text, found: 2 },
        differences: [
          {
            ...{ kind: 'changed', key: text, column: text, source: text, target: text },
            ...{ cause: 'target', note: text },
          },
        ],
      },
    ],
    secondPass: 1,
    unmapped: [text],
    defaulted: [text],
  });
  return runResult([mapping], {
    run: text,
    project: text,
    reasons: [text],
    provenance: {
      crosswalk: text,
      node: text,
      source: endPoint,
      target: endPoint,
      mappingsHash: text,
      gitCommit: text,
      operator: text,
      snapshot: text,
    },
  });
}

/** The report of a run without exceptions or a run before; `over` names what differs. */
export function reportFor(result: RunResult, over: Partial<ReportInput> = {}): Report {
  return reportOf({
    result,
    exceptions: [],
    before: null,
    today: '2026-11-22',
    gaps: [],
    base: null,
    ...over,
  });
}
