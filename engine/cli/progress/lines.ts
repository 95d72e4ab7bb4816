import { count, counted, duration, visible } from '../../../reports/format.js';
import type { Paint } from '../../../reports/text/paint.js';
import { cells, cut, cutMiddle, padEnd, padStart } from '../../../reports/text/width.js';
import type { RunEvent } from '../../contract/events.js';
import type { MappingResult } from '../../contract/result.js';
import { partOf, rowsRead, rowsRejected, timeLeft, type InWork, type RunState } from './state.js';

type Notice = Extract<RunEvent, { type: 'notice' }>;

/** Cells of a name where a picture has 80, and where it has 100 or more. */
const NAME_CELLS = { narrow: 19, wide: 32 } as const;
const WIDE = 100;
const BAR_CELLS = 16;

/** The one line that stays of a mapping, at most `width` cells; `not_run` is said with its reason as well. */
export function finishedLine(result: MappingResult, state: RunState, width: number, paint: Paint): string {
  const name = nameCell(result.mapping, state, width);
  if (result.status !== 'succeeded') {
    const mark = result.status === 'failed' ? '✗' : result.status === 'interrupted' ? '!' : '-';
    const line = cut(`${mark} ${name}  ${visible(result.reason ?? result.status)}`, width);
    return paint(result.status === 'failed' ? 'red' : 'yellow', line);
  }
  const facts = [
    padStart(counted(result.read, 'row'), 15),
    padStart(duration(result.duration_ms), 8),
    result.rejected > 0 ? `  ${count(result.rejected)} rejected` : '',
  ];
  const text = cut(` ${name}${facts.join('')}`, width - 1).trimEnd();
  return paint('green', '✓') + (result.rejected > 0 ? paint('yellow', text) : text);
}

/** A notice, its level in front where it is graver than information; line ends in it are kept. */
export function noticeText(notice: Pick<Notice, 'level' | 'message'>, paint: Paint): string {
  const text = notice.message.split('\n').map(visible).join('\n');
  if (notice.level === 'info') return text;
  return notice.level === 'warn'
    ? `${paint('yellow', 'warning:')} ${text}`
    : `${paint('red', 'error:')} ${text}`;
}

/** The live block: a line a mapping in work and the total, each cut to `width` cells. */
export function liveLines(state: RunState, now: number, width: number, paint: Paint): readonly string[] {
  const work = [...state.inWork.values()].map((item) => workLine(item, state, now, width));
  return [...work, paint('dim', cut(`  ${totalText(state, now)}`, width))];
}

/** `3 of 40 mappings, 1,250,312 rows, 420k rows/s, 1,204 rejected, 32s`. */
function totalText(state: RunState, now: number): string {
  const rate = state.rate.perSecond(now);
  const rejected = rowsRejected(state);
  return [
    `${count(state.done.mappings)} of ${counted(state.estimates.size, 'mapping')}`,
    counted(rowsRead(state), 'row'),
    ...(rate > 0 && state.inWork.size > 0 ? [`${short(rate)} rows/s`] : []),
    ...(rejected > 0 ? [`${count(rejected)} rejected`] : []),
    clock(now - state.since),
  ].join(', ');
}

/** One line of a log that says how far a run is. */
export function progressLine(state: RunState, now: number): string {
  const work = [...state.inWork.values()].map((item) => {
    const part = partOf(item);
    const left = timeLeft(item, now);
    const where = item.stage ?? (part === null ? counted(item.read, 'row') : percent(part));
    return `${visible(item.name)} ${visible(where)}${left === null ? '' : ` (${clock(left)} left)`}`;
  });
  return `${totalText(state, now)}${work.length === 0 ? '' : `; in work: ${work.join(', ')}`}`;
}

function workLine(work: InWork, state: RunState, now: number, width: number): string {
  const part = partOf(work);
  const left = timeLeft(work, now);
  const pace = [
    padStart(`${short(work.rate.perSecond(now))} rows/s`, 11),
    padStart(left === null ? '' : `${clock(left)} left`, 11),
  ];
  const fields = [
    nameCell(work.name, state, width),
    ...(width >= WIDE ? [bar(part)] : []),
    padStart(part === null ? '' : percent(part), 4),
    padStart(count(work.read), 9),
    ...(work.stage === null ? pace : [padEnd(visible(work.stage), 24)]),
    work.rejected > 0 ? `${count(work.rejected)} rejected` : '',
  ];
  return cut(`  ${fields.join('  ')}`.trimEnd(), width);
}

/** As wide as the longest name of the run, so that lines stay in columns from first to last. */
function nameCell(name: string, state: RunState, width: number): string {
  const longest = Math.max(...[name, ...state.estimates.keys()].map((other) => cells(visible(other))));
  const room = Math.min(longest, width >= WIDE ? NAME_CELLS.wide : NAME_CELLS.narrow);
  return padEnd(cutMiddle(visible(name), room), room);
}

/** `812`, `41k`, `1.2M`: a rate is read at a glance. */
function short(value: number): string {
  if (value < 1000) return String(Math.round(value));
  if (value < 1_000_000) return `${String(Math.round(value / 1000))}k`;
  return `${(value / 1_000_000).toFixed(1)}M`;
}

/** An unknown part is an empty bar. */
function bar(part: number | null): string {
  const full = Math.floor((part ?? 0) * BAR_CELLS);
  return '█'.repeat(full) + '░'.repeat(BAR_CELLS - full);
}

function percent(part: number): string {
  return `${String(Math.floor(part * 100))}%`;
}

/** Whole seconds: tenths in a line that changes ten times a second only flicker. */
function clock(ms: number): string {
  return ms < 60_000 ? `${String(Math.round(ms / 1000))}s` : duration(ms);
}
