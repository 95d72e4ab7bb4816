import { describe, expect, it } from 'vitest';
import type { KeptPlan, KeptStep } from '../../engine/contract/plan.js';
import { outlookOf, type Known } from '../../engine/outlook/outlook.js';
import { simulate, type Work } from '../../engine/outlook/simulate.js';
import type { Pace } from '../../engine/state/pace.js';
import type { ProjectState, StepState } from '../../engine/state/status.js';

const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();

const counts = { read: 0, inserted: 0, updated: 0, unchanged: 0, skipped: 0, rejected: 0 };

const step = (mapping: string, status: string, more: Partial<StepState> = {}): StepState => ({
  ...{ mapping, status, startedAt: status === 'waiting' ? null : at(0), updatedAt: status === 'waiting' ? null : at(0) },
  ...{ expected: null, ...counts, ...more },
}); // prettier-ignore

const rows = (count: number, from: 'earlier run' | 'estimate' = 'earlier run'): StepState['expected'] => ({
  rows: count,
  from,
});

function stateOf(now: number, steps: readonly StepState[]): ProjectState {
  const read = steps.reduce((sum, one) => sum + one.read, 0);
  const run = {
    ...{ run: 'r2', kind: 'run', status: 'running', operator: '', resumes: 0, exitCode: null },
    ...{ startedAt: at(0), finishedAt: null, ...counts, read },
  };
  const worker = { pid: 1, application: '', client: null };
  return { at: at(now), runs: [run], run, steps, worker, dropped: [], secondPasses: [] };
}

const load = (mapping: string, needs: readonly number[] = [], phase: string | null = null): KeptStep => ({
  ...{ kind: 'load', mapping, column: null, phase, needs },
});

const pace = (count: number, rowSeconds: number, more: Partial<Pace> = {}): Pace => ({
  ...{ run: 'r1', rows: count, rowSeconds, constraintSeconds: 0, afterSeconds: 0, ...more },
});

const known = (
  steps: readonly KeptStep[],
  paces: Readonly<Record<string, Pace>>,
  { jobs = 2, closing = null }: { jobs?: number; closing?: number | null } = {},
): Known => {
  const phases = [...new Set(steps.flatMap(({ phase }) => (phase === null ? [] : [phase])))];
  const plan: KeptPlan = { jobs, phases, steps };
  return { plan, paces: { mappings: new Map(Object.entries(paces)), closingSeconds: closing } };
};

describe('the time left', () => {
  const chain = [load('a'), load('b', [0]), load('c')];
  const cases: readonly (readonly [string, ProjectState, Known, number | null, readonly string[]])[] = [
    [
      'is the longest way, not the sum: a then b, c beside them',
      stateOf(10, [
        step('a', 'running', { read: 100, expected: rows(200) }),
        step('b', 'waiting', { expected: rows(50) }),
        step('c', 'running', { read: 10, expected: rows(20) }),
      ]),
      known(chain, { b: pace(100, 60) }),
      10 + 30,
      ['a', 'b'],
    ],
    [
      'counts jobs: with one at a time all comes one after the other',
      stateOf(10, [
        step('a', 'running', { read: 100, expected: rows(200) }),
        step('b', 'waiting', { expected: rows(50) }),
        step('c', 'waiting', { expected: rows(10) }),
      ]),
      known(chain, { b: pace(100, 60), c: pace(10, 7) }, { jobs: 1 }),
      10 + 7 + 30,
      ['a', 'c', 'b'],
    ],
    [
      'counts constraints of an earlier run in, and what comes when all are done',
      stateOf(10, [step('a', 'running', { read: 100, expected: rows(200) })]),
      known([load('a')], { a: pace(200, 20, { constraintSeconds: 40 }) }, { closing: 5 }),
      10 + 40 + 5,
      ['a'],
    ],
    [
      'never says 0 while constraints are built, however long that takes',
      stateOf(500, [step('a', 'running', { read: 200, expected: rows(200), updatedAt: at(20) })]),
      known([load('a')], { a: pace(200, 20, { constraintSeconds: 40 }) }),
      1,
      ['a'],
    ],
    [
      'is unknown where all expected rows are read and no earlier run tells what is left',
      stateOf(10, [step('a', 'running', { read: 200, expected: rows(200, 'estimate') })]),
      known([load('a')], {}),
      null,
      ['a'],
    ],
    [
      'is unknown where more is read than was expected',
      stateOf(10, [step('a', 'running', { read: 300, expected: rows(200) })]),
      known([load('a')], { a: pace(200, 20) }),
      null,
      ['a'],
    ],
    [
      'takes the present rate where no earlier run is known',
      stateOf(10, [
        step('a', 'succeeded', { read: 100, expected: rows(100, 'estimate'), updatedAt: at(10) }),
        step('b', 'waiting', { expected: rows(50, 'estimate') }),
        step('c', 'succeeded', { read: 100, expected: rows(100, 'estimate'), updatedAt: at(10) }),
      ]),
      known(chain, {}),
      5,
      ['b'],
    ],
    [
      'is longer where this run is slower than the one that tells',
      stateOf(20, [
        step('a', 'succeeded', { read: 100, expected: rows(100), updatedAt: at(20) }),
        step('b', 'waiting', { expected: rows(100) }),
        step('c', 'succeeded', { read: 0, updatedAt: at(0) }),
      ]),
      known(chain, { a: pace(100, 10), b: pace(100, 30) }),
      60,
      ['b'],
    ],
    [
      'leaves out what will not run, since what it needs has failed',
      stateOf(10, [
        step('a', 'failed', { read: 100 }),
        step('b', 'waiting', { expected: rows(50) }),
        step('c', 'running', { read: 10, expected: rows(20) }),
      ]),
      known(chain, { b: pace(100, 60) }),
      10,
      ['c'],
    ],
    [
      'of the checks at the end is what an earlier run took for them',
      stateOf(12, [step('a', 'succeeded', { read: 100, updatedAt: at(10) })]),
      known([load('a')], {}, { closing: 6 }),
      4,
      [],
    ],
    [
      'is unknown at the end where no earlier run tells of it',
      stateOf(12, [step('a', 'succeeded', { read: 100, updatedAt: at(10) })]),
      known([load('a')], {}),
      null,
      [],
    ],
  ];
  it.each(cases)('%s', (_name, state, facts, seconds, path) => {
    const { secondsLeft, criticalPath, basis } = outlookOf(state, null, facts);
    expect([secondsLeft, criticalPath]).toEqual([seconds, path]);
    expect(basis === null).toBe(secondsLeft === null);
  });

  it('comes with what waits for what: references, and phases before', () => {
    const plan = [load('a', [], 'one'), load('b', [0], 'one'), load('c', [], 'two')];
    const state = stateOf(10, [
      step('a', 'running', { read: 1 }),
      step('b', 'waiting'),
      step('c', 'waiting'),
    ]);
    const { steps } = outlookOf(state, null, known(plan, {}));
    expect([...steps].map(([name, { waitsFor, phase }]) => [name, waitsFor, phase])).toEqual([
      ['a', [], 'one'],
      ['b', ['a'], 'one'],
      ['c', ['a', 'b'], 'two'],
    ]);
  });

  it('of a run that is over is the way that it took, by needs and phases; of one that was cut off none', () => {
    const plan = [load('a', [], 'one'), load('b', [0], 'one'), load('c', [], 'one'), load('d', [], 'two')];
    const steps = [
      step('a', 'succeeded', { updatedAt: at(6) }),
      step('b', 'succeeded', { startedAt: at(6), updatedAt: at(9) }),
      step('c', 'succeeded', { updatedAt: at(8) }),
      step('d', 'failed', { startedAt: at(9), updatedAt: at(10) }),
      step('e', 'waiting'),
    ];
    const state = { ...stateOf(20, steps), worker: null };
    const facts = known(plan, {});
    const over = outlookOf(state.run === null ? state : { ...state, run: { ...state.run, status: 'failed' } }, null, facts); // prettier-ignore
    expect([over.criticalPath, over.steps.get('d')?.phase, over.secondsLeft]).toEqual([['a', 'b', 'd'], 'two', null]); // prettier-ignore
    expect(outlookOf(state, null, facts).criticalPath).toEqual([]);
  });

  it('counts a second pass behind what it waits for', () => {
    const pass: KeptStep = { kind: 'second_pass', mapping: 'a', column: 'x', phase: null, needs: [0, 1] };
    const state = {
      ...stateOf(10, [
        step('a', 'succeeded', { read: 100, expected: rows(100), updatedAt: at(5) }),
        step('b', 'running', { read: 100, expected: rows(200) }),
      ]),
      secondPasses: [{ mapping: 'a', column: 'x', rows: 7 }],
    };
    const facts = known([load('a'), load('b'), pass], { a: pace(100, 5, { afterSeconds: 30 }) });
    const { secondsLeft, criticalPath } = outlookOf(state, null, facts);
    expect([secondsLeft, criticalPath]).toEqual([40, ['b', 'a']]);
  });
});

it('400 works that hang on each other by phases are gone through at once', () => {
  const works = Array.from({ length: 400 }, (_, n): Work => {
    const before = Array.from({ length: n - (n % 50) }, (_each, m) => m);
    return { mapping: `m${String(n)}`, seconds: 1, state: 'waiting', needs: before };
  });
  const { seconds, path } = simulate(works, 10);
  expect([seconds, path.length]).toEqual([40, 40]);
});
