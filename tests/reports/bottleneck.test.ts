import { describe, expect, it } from 'vitest';
import { NO_TIME, type Spent, type StepSettings } from '../../engine/contract/spent.js';
import { bottleneckOf, bottlenecksOf, runBottleneck } from '../../reports/bottleneck.js';
import type { StepTime } from '../../reports/bottleneck/why.js';
import { mappingResult, runResult } from './results.js';

const KEPT = ['tasks_pkey', 'tasks_legacy_task_id_key', 'tasks_patient_id_fkey'];

const settings = (over: Partial<StepSettings> = {}): StepSettings => ({
  estimated_rows: 1_000_000,
  batch_rows: 10_000,
  constraints: {
    mode: 'rebuild',
    dropped: KEPT.slice(1),
    kept: KEPT.slice(0, 1),
    reason: null,
    asked: 'auto',
  },
  ranges: { count: 1, reason: 'fewer than 100,000 rows' },
  keys: [{ column: 'patient_id', mapping: 'patients', kind: 'integer', reason: 'dense whole numbers' }],
  existing: '',
  reading: '',
  ...over,
});
const keep = (asked: 'auto' | 'keep', reason: string): StepSettings =>
  settings({ constraints: { mode: 'keep', dropped: [], kept: KEPT, reason, asked } });

const step = (spent: Partial<Spent> | null, over: Partial<StepTime> = {}): StepTime => ({
  mapping: 'tasks',
  ...{ read: 1_000_000, inserted: 900_000, updated: 100_000, batches: 100, retries: 0 },
  spent: spent === null ? null : { ...NO_TIME, ...spent },
  settings: settings(),
  ...over,
});

const MOST_TARGET = { target: 610, source: 290, program: 100 };

describe('where a mapping’s time goes', () => {
  it.each<[string, StepTime, string | null]>([
    ['nothing measured', step(null), null],
    ['too short to say', step({ target: 0.9 }), null],
    [
      'an older version’s settings',
      step(MOST_TARGET, { settings: null }),
      'waiting for the target takes 61 % of the time',
    ],
    [
      'constraints kept as asked for',
      step(MOST_TARGET, { settings: keep('keep', 'the mapping says keep') }),
      'waiting for the target takes 61 % of the time: tasks_pkey and 2 more are kept while rows load (the mapping says keep); constraints: rebuild would build them behind the rows',
    ],
    [
      'constraints kept for a reason: no advice that could not be followed',
      step(MOST_TARGET, { settings: keep('auto', 'several mappings load the table') }),
      'waiting for the target takes 61 % of the time: tasks_pkey and 2 more are kept while rows load (several mappings load the table)',
    ],
    [
      'an earlier run has shown the other way: 0.37 s a thousand rows',
      step(MOST_TARGET, {
        settings: keep('keep', 'the mapping says keep'),
        earlier: { run: 'R1', mode: 'rebuild', written: 500_000, seconds: 185 },
      }),
      'waiting for the target takes 61 % of the time: tasks_pkey and 2 more are kept while rows load (the mapping says keep); constraints: rebuild would save about 4m 00s, by run R1, which took 6m 10s a million rows for both',
    ],
    [
      'an earlier run in the same way says nothing',
      step(MOST_TARGET, { earlier: { run: 'R1', mode: 'rebuild', written: 500_000, seconds: 1 } }),
      'waiting for the target takes 61 % of the time: one range writes (fewer than 100,000 rows)',
    ],
    [
      'small batches',
      step(MOST_TARGET, {
        batches: 10_000,
        settings: settings({ batch_rows: 100, ranges: { count: 2, reason: '' } }),
      }),
      'waiting for the target takes 61 % of the time: batches of 100 rows are small (batch_rows: 100)',
    ],
    [
      'one reader',
      step({ source: 7, program: 3 }),
      'waiting for the source takes 70 % of the time: it is read by one reader (fewer than 100,000 rows)',
    ],
    [
      'several readers',
      step({ source: 7, program: 3 }, { settings: settings({ ranges: { count: 4, reason: 'x' } }) }),
      'waiting for the source takes 70 % of the time: 4 ranges are read side by side already',
    ],
    [
      'the rows themselves',
      step({ program: 12, target: 8 }),
      'making rows takes 60 % of the time: 12.0 µs a row, on one processor; fewer or cheaper steps would help, more ranges would not',
    ],
    [
      'keys that are asked for',
      step(
        { resolution: 5 },
        {
          settings: settings({
            keys: [{ column: 'p', mapping: 'patients', kind: 'batched', reason: 'texts beyond the bound' }],
          }),
        },
      ),
      'finding keys takes 100 % of the time: keys of patients are asked of the target, not kept in memory (texts beyond the bound)',
    ],
    [
      'building constraints',
      step({ constraints: 9, target: 1 }),
      'dropping and building constraints and indexes takes 90 % of the time: tasks_legacy_task_id_key, tasks_patient_id_fkey are built behind the rows; a larger maintenance_work_mem of the target’s role helps',
    ],
    [
      'what comes after',
      step({ after: 3, target: 1 }),
      'second passes, counts and checks take 75 % of the time',
    ],
    [
      'pauses',
      step({ other: 30 }, { retries: 2 }),
      'what is not told apart takes 100 % of the time: pauses before 2 retries',
    ],
  ])('%s', (_, given, said) => {
    expect(bottleneckOf(given)).toBe(said);
  });
});

describe('where a run’s time goes', () => {
  it.each<[string, readonly StepTime[], number | null, string | null]>([
    ['nothing', [], 10, null],
    [
      'one mapping',
      [step({ source: 7, program: 3 })],
      10,
      'tasks: waiting for the source takes 70 % of the time: it is read by one reader (fewer than 100,000 rows)',
    ],
    [
      'the mapping with the most of it',
      [
        step({ source: 1, target: 1 }, { mapping: 'a' }),
        step({ source: 3, program: 2 }),
        step(null, { mapping: 'b' }),
      ],
      7,
      'waiting for the source takes 57 % of the time of 2 mappings, tasks 75 % of it: it is read by one reader (fewer than 100,000 rows)',
    ],
    [
      'its own process, though each mapping waits more than it works',
      [step({ target: 6, program: 4 }, { mapping: 'a' }), step({ source: 5.5, program: 4.5 })],
      10,
      'this process is the limit: for 85 % of 10.0s it has made rows, on one processor; more jobs or ranges would not help, fewer or cheaper steps would',
    ],
    [
      'the same with no time known',
      [step({ target: 6, program: 4 })],
      null,
      'tasks: waiting for the target takes 60 % of the time: one range writes (fewer than 100,000 rows)',
    ],
  ])('%s', (_, steps, seconds, said) => {
    expect(runBottleneck(steps, seconds)).toBe(said);
  });

  it('compares a run with the one before where that loaded the mapping whole, in the other way', () => {
    const spent = { ...NO_TIME, target: 100 };
    const now = mappingResult('tasks', 1000, { spent, settings: keep('keep', 'the mapping says keep') });
    const before = mappingResult('tasks', 500, { spent: { ...NO_TIME, target: 20 }, settings: settings() });
    const said = (was: typeof before): string | undefined =>
      bottlenecksOf(runResult([now]), runResult([was])).mappings.get('tasks');
    expect(said(before)).toMatch(/rebuild would save about 1m 00s/);
    expect(said({ ...before, readFrom: '2026-01-01' })).not.toMatch(/save/);
    expect(said({ ...before, status: 'failed' })).not.toMatch(/save/);
    expect(said({ ...before, settings: null })).not.toMatch(/save/);
  });
});
