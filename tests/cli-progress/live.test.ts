import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createProgress } from '../../engine/cli/progress/index.js';
import { mappingResult } from '../reports/results.js';
import { Memory } from './fake-stream.js';

const NOTHING = { read: 0, inserted: 0, updated: 0, unchanged: 0, skipped: 0, rejected: 0, bytes: 0 };

function started(stream: Memory) {
  const progress = createProgress({ stream, tty: true, color: false });
  const mappings = [{ name: 'tasks', phase: null, estimatedRows: 1_000_000 }];
  progress.onEvent({ type: 'run_started', run: 'r1', project: 'p', mappings });
  progress.onEvent({ type: 'mapping_started', mapping: 'tasks' });
  return progress;
}

describe('progress in a terminal', () => {
  it('draws at most ten pictures a second, however many batches there are', async () => {
    const stream = new Memory();
    const begin = performance.now();
    const progress = started(stream);
    for (let batch = 1; batch <= 500; batch += 1) {
      progress.onEvent({ type: 'batch', mapping: 'tasks', progress: { ...NOTHING, read: batch * 100 } });
      await sleep(1);
    }
    progress.stop();
    const tenths = (performance.now() - begin) / 100;
    const pictures = stream.text.split(' of 1 mapping').length - 1;
    expect(pictures).toBeGreaterThan(0);
    expect(pictures).toBeLessThanOrEqual(Math.ceil(tenths) + 1);
  });

  it('prints what still waits when it is stopped, once, and nothing of the block after it', () => {
    const stream = new Memory();
    const progress = started(stream);
    progress.log('a line of the log');
    progress.onEvent({ type: 'mapping_finished', result: mappingResult('tasks', 10) });
    progress.stop();
    progress.stop();
    expect(stream.lines).toEqual(['a line of the log', '✓ tasks        10 rows    80ms']);
    progress.log('after the end');
    expect(stream.lines.at(-1)).toBe('after the end');
  });
});
