import { describe, expect, it } from 'vitest';
import type { AcceptedException } from '../../engine/contract/exception.js';
import { findingsOf } from '../../reports/findings.js';
import { exceptionsRun, failedRun, mappingResult, rejectGroup, reportFor, runResult } from './results.js';

const at = { file: 'exceptions.yaml', line: 1, column: 1, length: 1 };

/** An exception that holds on the day of the tests' reports, 2026-11-22. */
const exception = (
  mapping: string,
  rule: string,
  over: Partial<AcceptedException> & { readonly column?: string } = {},
): AcceptedException => {
  const { column = null, ...more } = over;
  const what = { kind: 'rule', rule, column } as const;
  return { mapping, what, upTo: null, who: 'A. Adams', why: 'old', until: '2026-11-22', at, ...more };
};

const check: AcceptedException = {
  ...exception('payments', ''),
  what: { kind: 'check', check: 'no two payments in one place' },
};

/** All that `exceptionsRun` leaves open. */
const EVERYTHING = [
  exception('tasks', 'map'),
  exception('tasks', 'references', { upTo: 297 }),
  exception('tasks', 'database'),
  exception('tasks', 'price is not negative', { upTo: 41 }),
  exception('doctors', 'email', { column: 'email' }),
  exception('patients', 'references', { column: 'doctor_id' }),
  check,
];

describe('accepted exceptions', () => {
  it.each<[string, AcceptedException, string, number]>([
    ['of a rule', exception('tasks', 'map'), 'accepted', 4000],
    ['of its column', exception('tasks', 'map', { column: 'status' }), 'accepted', 4000],
    ['up to its number', exception('tasks', 'map', { upTo: 4000 }), 'accepted', 4000],
    ['of more than agreed', exception('tasks', 'map', { upTo: 3999 }), 'exceeded', 4000],
    ['that ended yesterday', exception('tasks', 'map', { until: '2026-11-21' }), 'expired', 4000],
    ['of another column', exception('tasks', 'map', { column: 'kind' }), 'unused', 0],
    ['of another mapping', exception('patients', 'map'), 'unused', 0],
    ['of a warning', exception('tasks', 'price is not negative'), 'accepted', 41],
    ['of references that found no row', exception('patients', 'references'), 'accepted', 14],
    ['of a check', check, 'accepted', 1],
    [
      'of a rule that is named like a check',
      exception('payments', 'no two payments in one place'),
      'unused',
      0,
    ],
  ])('%s', (_case, one, state, count) => {
    const run = exceptionsRun();
    const { judgement, verdict } = reportFor(run, { exceptions: [one] });
    expect(judgement.exceptions).toEqual([{ exception: one, state, count }]);
    expect(verdict.accepted.length > 0).toBe(state === 'accepted');
    expect(judgement.open.length + judgement.accepted.length).toBe(findingsOf(run).length);
  });

  it('leave no reason where they cover everything, and the verdict says that they are there', () => {
    const { verdict, judgement, next } = reportFor(exceptionsRun(), { exceptions: EVERYTHING });
    expect([verdict.name, verdict.reasons, judgement.open]).toEqual(['GO WITH EXCEPTIONS', [], []]);
    expect(verdict.accepted).toEqual([
      '4,314 rejected rows are accepted in 2 mappings',
      '14 references that found no row are accepted in 1 mapping',
      '41 warnings are accepted in 1 mapping',
      '1 check that warned is accepted in 1 mapping',
    ]);
    expect(next.at(-1)).toMatch(/Sign/);
  });

  it('say when they have ended, and what they were about counts again', () => {
    const { verdict } = reportFor(exceptionsRun(), { exceptions: EVERYTHING, today: '2026-11-23' });
    expect(verdict.reasons).toContain('4,314 rows were rejected in 2 mappings');
    expect(verdict.reasons).toContain(
      'tasks, map: the exception of A. Adams ended on 2026-11-22, so 4,000 rows count again',
    );
  });

  it('are renewed by a later entry, and count once', () => {
    const old = exception('tasks', 'map', { until: '2026-01-01' });
    const { judgement, verdict } = reportFor(exceptionsRun(), {
      exceptions: [old, exception('tasks', 'map'), exception('tasks', 'map')],
    });
    expect(judgement.exceptions.map(({ state, count }) => [state, count])).toEqual([
      ['expired', 0],
      ['accepted', 4000],
      ['unused', 0],
    ]);
    expect(verdict.reasons.join()).not.toContain('ended');
  });

  it('never make a NO-GO a GO: neither a failed check nor an exit code', () => {
    const failed = failedRun();
    expect(reportFor(failed, { exceptions: EVERYTHING }).verdict).toMatchObject({ name: 'NO-GO' });
    const over = { ...exceptionsRun(), exitCode: 4 } as const;
    expect(reportFor(over, { exceptions: EVERYTHING }).verdict.name).toBe('NO-GO');
  });
});

describe('causes', () => {
  it('are one for rows that follow from others, and know what they take along', () => {
    const because = 'patients: email, length';
    const run = runResult([
      mappingResult('patients', 10, {
        rejects: [rejectGroup({ column: 'email', rule: 'length', count: 2, line: 3 })],
      }),
      mappingResult('tasks', 10, {
        rejects: [
          rejectGroup({
            rule: 'references',
            count: 5,
            because,
            samples: [{ key: '9', reason: 'gone', value: null }],
          }),
          rejectGroup({ rule: 'references', count: 1, samples: [{ key: '1', reason: 'none', value: null }] }),
        ],
      }),
    ]);
    expect(reportFor(run).causes).toMatchObject([
      {
        mapping: 'tasks',
        count: 6,
        takes: 0,
        follows: [{ because, count: 5 }],
        samples: [{ key: '1' }, { key: '9' }],
      },
      { mapping: 'patients', count: 2, takes: 5, follows: [] },
    ]);
    expect(reportFor(run).next.join()).toContain('patients.email (length: 7 rows)');
  });
});

describe('the critical path', () => {
  const one = (name: string, from: number, to: number, needs: readonly string[], phase = 'core') =>
    mappingResult(name, 1, { startedAfterMs: from, duration_ms: to - from, needs, phase });

  it.each([
    [
      'of mappings that need each other',
      [one('a', 0, 9, []), one('b', 0, 5, []), one('c', 9, 12, ['a', 'b'])],
      'a c',
    ],
    ['of phases', [one('a', 0, 9, []), one('b', 0, 5, []), one('c', 9, 12, [], 'next')], 'a c'],
    ['of one mapping alone', [one('a', 0, 9, []), one('b', 3, 5, [])], 'a'],
    ['of nothing', [], ''],
  ])('%s', (_case, mappings, wanted) => {
    expect(reportFor(runResult(mappings)).criticalPath.join(' ')).toBe(wanted);
  });
});

describe('the difference to the run before', () => {
  const run = (count: number, rule: string, read = 100) =>
    runResult([
      mappingResult('tasks', read, {
        inserted: read - count,
        rejected: count,
        rejects: [rejectGroup({ count, rule })],
      }),
    ]);

  it.each([
    [
      'a cause that came and one that went',
      run(3, 'map'),
      run(2, 'length'),
      [
        ['map', 0, 3],
        ['length', 2, 0],
      ],
    ],
    ['a cause with other rows', run(3, 'map'), run(2, 'map'), [['map', 2, 3]]],
    ['the same', run(3, 'map'), run(3, 'map'), []],
  ])('%s', (_case, result, before, wanted) => {
    const { difference } = reportFor(result, { before });
    const { appeared = [], changed = [], vanished = [] } = difference ?? {};
    expect([
      ...appeared.map(({ rule, count }) => [rule, 0, count]),
      ...changed.map((each) => [each.cause.rule, each.before, each.cause.count]),
      ...vanished.map(({ rule, count }) => [rule, count, 0]),
    ]).toEqual(wanted);
  });
});
