import { describe, expect, it } from 'vitest';
import { finishedLine, liveLines, noticeText } from '../../engine/cli/progress/lines.js';
import { apply, newState, type RunState } from '../../engine/cli/progress/state.js';
import { painter } from '../../reports/text/paint.js';
import { cells } from '../../reports/text/width.js';
import { mappingResult } from '../reports/results.js';

const paint = painter(false);
const NOTHING = { read: 0, inserted: 0, updated: 0, unchanged: 0, skipped: 0, rejected: 0, bytes: 0 };

function running(...names: readonly string[]): RunState {
  const state = newState(0);
  const mappings = names.map((name) => ({ name, phase: null, estimatedRows: 1000 }));
  apply(state, { type: 'run_started', run: 'r1', project: 'p', mappings }, 0);
  for (const mapping of names) apply(state, { type: 'mapping_started', mapping }, 0);
  return state;
}

describe('the live block', () => {
  it('shows part, rows, rate, time left and rejects of each mapping in work, and the total', () => {
    const state = running('tasks', 'files');
    apply(state, { type: 'batch', mapping: 'tasks', progress: { ...NOTHING, read: 500, rejected: 3 } }, 1000);
    expect(liveLines(state, 1000, 80, paint)).toEqual([
      '  tasks   50%        500   500 rows/s      1s left  3 rejected',
      '  files    0%          0     0 rows/s',
      '  0 of 2 mappings, 500 rows, 500 rows/s, 3 rejected, 1s',
    ]);
  });

  it('gives no percentage once the estimate is exceeded', () => {
    const state = running('tasks');
    apply(state, { type: 'batch', mapping: 'tasks', progress: { ...NOTHING, read: 1500 } }, 1000);
    expect(liveLines(state, 1000, 80, paint)[0]).toBe('  tasks            1,500    2k rows/s');
  });

  it('names the stage in place of the rate', () => {
    const state = running('tasks');
    apply(state, { type: 'stage', mapping: 'tasks', stage: 'second pass' }, 10);
    expect(liveLines(state, 1000, 80, paint)[0]).toBe('  tasks    0%          0  second pass');
  });

  it.each([20, 40, 80, 100, 200])('wraps no line at %d columns, whatever the names', (width) => {
    const state = running('a'.repeat(300), '日本語'.repeat(30), 'x\n\u001b[2J');
    for (const line of liveLines(state, 1000, width, paint)) {
      expect(cells(line)).toBeLessThanOrEqual(width);
      expect(line).not.toMatch(/\p{Cc}/u);
    }
  });

  it('forgets what is finished and keeps its rows in the total', () => {
    const state = running('tasks');
    apply(state, { type: 'mapping_finished', result: mappingResult('tasks', 1200) }, 2000);
    expect(liveLines(state, 2000, 80, paint)).toEqual(['  1 of 1 mapping, 1,200 rows, 2s']);
  });
});

describe('the line that stays', () => {
  const state = running('tasks');
  it.each([
    [mappingResult('tasks', 1200, { duration_ms: 90 }), '✓ tasks     1,200 rows    90ms'],
    [
      mappingResult('tasks', 1200, { duration_ms: 90, rejected: 7 }),
      '✓ tasks     1,200 rows    90ms  7 rejected',
    ],
    [mappingResult('tasks', 1, { status: 'failed', reason: 'lost\nit' }), '✗ tasks  lost\\nit'],
    [mappingResult('tasks', 1, { status: 'interrupted', reason: null }), '! tasks  interrupted'],
    [mappingResult('tasks', 0, { status: 'not_run', reason: 'files failed' }), '- tasks  files failed'],
  ])('of a mapping', (result, wanted) => {
    expect(finishedLine(result, state, 80, paint)).toBe(wanted);
  });

  it.each([
    ['info', 'resumed', 'resumed'],
    ['warn', 'two\nlines\u001b[2J', 'warning: two\nlines\\u001b[2J'],
    ['error', 'lost', 'error: lost'],
  ] as const)('of a notice: %s', (level, message, wanted) => {
    expect(noticeText({ level, message }, paint)).toBe(wanted);
  });
});
