import { createLogUpdate } from 'log-update';
import { painter } from '../../../reports/text/paint.js';
import { finishedLine, liveLines, noticeText } from './lines.js';
import type { Progress, ProgressOptions } from './options.js';
import { apply, newState } from './state.js';

/** At most ten pictures a second. */
const FRAME_MS = 100;

/** Progress for a terminal: a block that is drawn again in place, with permanent lines above it. */
export function liveProgress(options: ProgressOptions): Progress {
  const { stream, now = Date.now } = options;
  const paint = painter(options.color);
  const screen = createLogUpdate(stream);
  const state = newState(now());
  const waiting: string[] = [];
  let started = false;
  let stopped = false;

  const width = (): number => stream.columns ?? 80;
  /** Permanent lines and picture leave in one turn, so that nothing is seen of the block's going and coming. */
  const draw = (): void => {
    if (waiting.length > 0) screen.persist(waiting.splice(0).join('\n'));
    if (started) screen(liveLines(state, now(), width(), paint).join('\n'));
  };
  const timer = setInterval(draw, FRAME_MS);
  timer.unref();

  return {
    onEvent(event) {
      apply(state, event, now());
      if (event.type === 'run_started') started = true;
      if (event.type === 'mapping_finished') waiting.push(finishedLine(event.result, state, width(), paint));
      if (event.type === 'notice') waiting.push(noticeText(event, paint));
    },
    log(line) {
      if (stopped) stream.write(`${line}\n`);
      else waiting.push(line);
    },
    stop() {
      if (stopped) return;
      clearInterval(timer);
      stopped = true;
      started = false;
      draw();
      screen.clear();
      screen.done();
    },
  };
}
