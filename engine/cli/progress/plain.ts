import { counted, visible } from '../../../reports/format.js';
import { painter } from '../../../reports/text/paint.js';
import { finishedLine, noticeText, progressLine } from './lines.js';
import type { Progress, ProgressOptions } from './options.js';
import { apply, newState } from './state.js';

const FIRST_MS = 5_000;
const LAST_MS = 300_000;
/** Each silence may be half as long again as the one before: 11 lines in the first quarter of an hour. */
const GROWTH = 1.5;
/** A log file has no width: only the longest reasons are cut. */
const WIDTH = 200;

/** Progress for logs: a line for each finished mapping, and one now and then while nothing finishes. */
export function plainProgress(options: ProgressOptions): Progress {
  const { stream, now = Date.now } = options;
  const paint = painter(options.color);
  const state = newState(now());
  let interval = FIRST_MS;
  let spoke = now();

  const write = (line: string): void => {
    stream.write(`${line}\n`);
  };
  const report = (): void => {
    if (state.inWork.size === 0 || now() - spoke < interval) return;
    write(progressLine(state, now()));
    spoke = now();
    interval = Math.min(LAST_MS, interval * GROWTH);
  };
  const timer = setInterval(report, FIRST_MS / 5);
  timer.unref();

  return {
    onEvent(event) {
      apply(state, event, now());
      if (event.type === 'run_started') {
        write(`run ${visible(event.run)}: ${counted(event.mappings.length, 'mapping')}`);
      } else if (event.type === 'mapping_finished') {
        write(finishedLine(event.result, state, WIDTH, paint));
        spoke = now();
      } else if (event.type === 'notice') {
        write(noticeText(event, paint));
      } else {
        report();
      }
    },
    log: write,
    stop() {
      clearInterval(timer);
    },
  };
}
