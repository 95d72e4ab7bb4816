import { describe, expect, it } from 'vitest';
import type { RunResult } from '../../engine/contract/result.js';
import type { Verdict } from '../../reports/verdict.js';
import {
  cleanRun,
  exceptionsRun,
  failedRun,
  mappingResult,
  rejectGroup,
  reportFor,
  runResult,
} from './results.js';

const decide = (run: RunResult): Verdict => reportFor(run).verdict;

const one = (over: Parameters<typeof mappingResult>[2], run: Partial<RunResult> = {}): RunResult =>
  runResult([mappingResult('tasks', 100, over)], run);

const reference = {
  column: 'patient_id',
  mapping: 'patients',
  resolved: 90,
  null: 3,
  defaulted: 4,
  missing: 0,
};
const check = { check: 'sum price', source: '10', target: '9' };

describe('verdict', () => {
  it.each<[string, RunResult, string, string | null]>([
    ['nothing to say', cleanRun(), 'GO', null],
    ['skipped rows alone', one({ skipped: 3, inserted: 97, skippedBy: { deleted: 3 } }), 'GO', null],
    ['null and defaulted references', one({ references: [reference] }), 'GO', null],
    ['unmapped columns', one({ unmapped: ['fax'], defaulted: ['created_by'] }), 'GO', null],
    [
      'rejects',
      one({ rejected: 1, inserted: 99, rejects: [rejectGroup()] }),
      'GO WITH EXCEPTIONS',
      '1 row was rejected in 1 mapping',
    ],
    [
      'missing references',
      one({ references: [{ ...reference, missing: 2 }] }),
      'GO WITH EXCEPTIONS',
      '2 references found no row in 1 column; the rows are loaded without',
    ],
    [
      'warnings',
      one({ warnings: { range: 5 } }),
      'GO WITH EXCEPTIONS',
      '5 warnings in 1 mapping; the rows are loaded',
    ],
    [
      'a check that warned',
      one({ checks: [{ ...check, status: 'warned' }] }),
      'GO WITH EXCEPTIONS',
      '1 check warned: tasks sum price',
    ],
    [
      'a reason of the run alone',
      one({}, { reasons: ['the snapshot was taken twice'] }),
      'GO WITH EXCEPTIONS',
      'the snapshot was taken twice',
    ],
    ['no mapping', runResult([]), 'GO WITH EXCEPTIONS', 'No mapping was run'],
    [
      'a failed check',
      one({ checks: [{ ...check, status: 'failed' }] }),
      'NO-GO',
      'tasks: the check sum price failed (source 10, target 9)',
    ],
    ['unexplained rows', one({ unexplained: 3 }), 'NO-GO', 'tasks: 3 rows unexplained'],
    [
      'an exit code',
      one({}, { exitCode: 4 }),
      'NO-GO',
      'The run ended with exit code 4: more rejects than the threshold allows',
    ],
    [
      'an interrupted run',
      one({ status: 'interrupted' }, { status: 'interrupted' }),
      'NO-GO',
      '1 mapping was interrupted: tasks',
    ],
    ['a status without more', one({}, { status: 'failed' }), 'NO-GO', 'The run failed'],
    ['a failed mapping', one({ status: 'failed', reason: 'lost' }), 'NO-GO', 'tasks failed: lost'],
    ['a mapping not run', one({ status: 'not_run' }), 'NO-GO', '1 mapping was not run: tasks'],
  ])('%s', (_case, run, name, reason) => {
    const verdict = decide(run);
    expect(verdict.name).toBe(name);
    expect(verdict.reasons[0] ?? null).toBe(reason);
  });

  it('puts what blocks before what is to accept', () => {
    const rejected = mappingResult('notes', 5, { rejected: 1, inserted: 4 });
    const run = { ...failedRun(), mappings: [rejected, ...failedRun().mappings] };
    expect(decide(run).reasons.at(-1)).toBe('1 row was rejected in 1 mapping');
    expect(decide(exceptionsRun()).reasons).toHaveLength(4);
  });

  it('does not say twice what the run has said of a mapping', () => {
    const run = one(
      { status: 'failed', reason: 'connection lost' },
      { reasons: ['tasks: connection lost'], exitCode: 3 },
    );
    expect(decide(run).reasons.filter((reason) => reason.includes('connection lost'))).toEqual([
      'tasks: connection lost',
    ]);
  });
});
