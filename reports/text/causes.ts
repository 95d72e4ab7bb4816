import { placeOf, type Cause } from '../causes.js';
import { count, counted, visible } from '../format.js';
import type { Paint } from './paint.js';
import { cells, cut, padStart } from './width.js';

const SHOWN = 10;

/** Rejected rows by cause, the ten largest, each with one example; empty where nothing was rejected. */
export function causeLines(causes: readonly Cause[], width: number, paint: Paint): readonly string[] {
  if (causes.length === 0) return [];
  const shown = causes.slice(0, SHOWN);
  const room = Math.max(...shown.map((cause) => cells(count(cause.count))));
  const rest = causes.slice(SHOWN);
  const restRows = rest.reduce((total, cause) => total + cause.count, 0);
  return [
    paint('bold', 'Rejected, by cause'),
    ...shown.flatMap((cause) => lines(cause, room, width, paint)),
    ...(rest.length === 0
      ? []
      : [`  and ${counted(rest.length, 'more cause')} with ${counted(restRows, 'row')}`]),
  ];
}

function lines(cause: Cause, room: number, width: number, paint: Paint): readonly string[] {
  const state = cause.sqlstate === null ? '' : ` (SQLSTATE ${cause.sqlstate})`;
  const what = visible(`${placeOf(cause)}  ${cause.rule}${state}`);
  const where = visible(`${cause.file}:${String(cause.line)}`);
  const number = padStart(count(cause.count), room);
  const indent = ' '.repeat(room + 4);
  const fits = room + 6 + cells(what) + cells(where) <= width;
  const head = `  ${paint('red', number)}  ${cut(what, width - room - 4)}`;
  return [
    ...(fits ? [`${head}  ${paint('dim', where)}`] : [head, `${indent}${paint('dim', where)}`]),
    ...cause.samples.slice(0, 1).map((sample) => {
      const value = sample.value === null ? '' : ` (value ${sample.value})`;
      return `${indent}${cut(visible(`key ${sample.key}: ${sample.reason}${value}`), width - indent.length)}`;
    }),
  ];
}
