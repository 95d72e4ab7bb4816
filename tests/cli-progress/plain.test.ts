import { describe, expect, it } from 'vitest';
import { createProgress } from '../../engine/cli/progress/index.js';
import { mappingResult, runResult } from '../reports/results.js';
import { Memory } from './fake-stream.js';

const NOTHING = { read: 0, inserted: 0, updated: 0, unchanged: 0, skipped: 0, rejected: 0, bytes: 0 };

function run(mappings: number, secondsEach: number): Memory {
  const stream = new Memory();
  let clock = 0;
  const progress = createProgress({ stream, tty: false, color: false, now: () => clock });
  const names = Array.from({ length: mappings }, (_, index) => `m${String(index)}`);
  progress.onEvent({
    type: 'run_started',
    run: 'r1',
    project: 'p',
    mappings: names.map((name) => ({ name, phase: null, estimatedRows: secondsEach * 100 })),
  });
  for (const mapping of names) {
    progress.onEvent({ type: 'mapping_started', mapping });
    for (let second = 1; second <= secondsEach; second += 1) {
      clock += 1000;
      progress.onEvent({ type: 'batch', mapping, progress: { ...NOTHING, read: second * 100 } });
    }
    progress.onEvent({ type: 'mapping_finished', result: mappingResult(mapping, secondsEach * 100) });
  }
  progress.onEvent({ type: 'run_finished', result: runResult([]) });
  progress.stop();
  return stream;
}

describe('progress in a log', () => {
  it('is a line a mapping and, while nothing finishes, one from time to time', () => {
    expect(run(2, 8).lines).toEqual([
      'run r1: 2 mappings',
      '0 of 2 mappings, 500 rows, 100 rows/s, 5s; in work: m0 62% (3s left)',
      '✓ m0       800 rows    80ms',
      '1 of 2 mappings, 1,600 rows, 100 rows/s, 16s; in work: m1 800 rows',
      '✓ m1       800 rows    80ms',
    ]);
  });

  it.each([
    ['a minute', 40, 2],
    ['half an hour', 40, 45],
    ['three quarters of an hour with one long mapping', 1, 2700],
  ])('a run of %s has less than 60 lines', (_case, mappings, seconds) => {
    const { lines } = run(mappings, seconds);
    expect(lines.length).toBeLessThan(60);
    expect(lines.filter((line) => line.startsWith('✓'))).toHaveLength(mappings);
  });

  it('leaves no escape code behind', () => {
    expect(run(3, 20).text).not.toContain('\u001b');
  });

  it('passes notices and log lines on at once', () => {
    const stream = new Memory();
    const progress = createProgress({ stream, tty: false, color: false });
    progress.onEvent({ type: 'notice', level: 'warn', message: 'the clocks differ by 3s' });
    progress.log('{"level":"info"}');
    expect(stream.lines).toEqual(['warning: the clocks differ by 3s', '{"level":"info"}']);
    progress.stop();
  });
});
