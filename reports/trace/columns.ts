import type { AskedParent, Cause, Stage, Trace, TracedColumn } from '../../engine/contract/trace.js';
import { visible } from '../format.js';
import type { Paint } from '../text/paint.js';
import { cells, cut, padEnd, wrap } from '../text/width.js';
import { shownPlace, shownValue } from './value.js';

/** How lines are set: cells of a line, and the colours. */
export interface Setting {
  readonly width: number;
  readonly paint: Paint;
}

/** What happens at one place of a value's way, and what comes of it. */
interface Line {
  readonly what: string;
  readonly result: string;
  /** Lines below, further in. */
  readonly more?: readonly string[];
}

/** Cells of the names at the most. */
const NAMES = 28;

/** Every column with its way: what it begins with, each step, its resolver, and what is written. */
export function columnLines({ columns }: Trace, setting: Setting): readonly string[] {
  const room = Math.min(NAMES, Math.max(0, ...columns.map(({ column }) => cells(column))));
  return columns.flatMap((column) => [headLine(column, room, setting), ...wayLines(column, setting)]);
}

function headLine(column: TracedColumn, room: number, { width, paint }: Setting): string {
  const place = shownPlace(column.at);
  const name = padEnd(visible(column.column), room);
  const left = width - room - cells(place) - 8;
  const value = finalValue(column, left);
  const style = column.refused === null ? 'bold' : 'red';
  const mark = column.refused === null ? '=' : '✗';
  const gap = ' '.repeat(Math.max(2, width - 5 - room - cells(value) - cells(place)));
  return `  ${paint(style, name)} ${mark} ${value}${gap}${paint('dim', place)}`;
}

function finalValue({ value, unknown, refused, stages, origin }: TracedColumn, width: number): string {
  if (refused !== null) return cut(`refused by ${visible(refused.rule)}`, width);
  if (unknown !== null) return cut(`(${visible(unknown)})`, width);
  const from = stages.length === 0 && isCopy(origin) ? `  ← ${visible(origin.from[0] ?? '')}` : '';
  const room = width - cells(from);
  return room < 12 ? shownValue(value, width) : `${shownValue(value, room)}${from}`;
}

/** One source column goes over as it is: its name on the column's own line says it. */
const isCopy = ({ from }: TracedColumn['origin']): boolean =>
  from.length === 1 && from[0]?.startsWith('sql: ') === false;

function wayLines(column: TracedColumn, setting: Setting): readonly string[] {
  const { origin, stages, refused } = column;
  const isPlain = stages.length === 0 && isCopy(origin) && refused === null;
  const lines: Line[] = isPlain || origin.values.length === 0 ? [] : [originLine(column)];
  let before: string | null = origin.values.length === 1 ? (origin.values[0] ?? null) : null;
  for (const [n, stage] of stages.entries()) {
    const isRefused = refused !== null && n === stages.length - 1;
    lines.push(
      stageLine(stage, {
        before,
        isNew: column.sensitive || isRefused || (n === 0 && origin.values.length !== 1),
        isRefused,
        line: column.at.line,
      }),
    );
    before = stage.value;
  }
  const { width, paint } = setting;
  const room = Math.min(NAMES, Math.max(0, ...lines.map(({ what }) => cells(what))));
  const shown = lines.flatMap(({ what, result, more = [] }) => [
    cut(`      ${padEnd(cut(what, Math.max(room, width - 24)), room)}  ${result}`, width),
    ...more.flatMap((text) => wrap(text, width - 10).map((line) => `          ${line}`)),
  ]);
  if (refused === null) return shown;
  return [...shown, ...wrap(visible(refused.reason), width - 8).map((line) => `      ${paint('red', line)}`)];
}

function originLine({ origin }: TracedColumn): Line {
  const what = visible(origin.from.join(', ').replace(/\s+/g, ' '));
  const [only = null, second] = origin.values;
  const result =
    second === undefined ? shownValue(only) : origin.values.map((value) => shownValue(value)).join(' | ');
  return { what, result };
}

/** What a stage is told with. */
interface Around {
  readonly before: string | null;
  /** Its value is shown although it may be the one before. */
  readonly isNew: boolean;
  readonly isRefused: boolean;
  /** Of the column: what stands elsewhere names its place. */
  readonly line: number;
}

function stageLine(stage: Stage, { before, isNew, isRefused, line }: Around): Line {
  const told = isRefused
    ? 'refused'
    : !isNew && stage.value === before
      ? 'as it was'
      : shownValue(stage.value);
  const result = stage.at.line === line ? told : `${told}  (${shownPlace(stage.at)})`;
  switch (stage.kind) {
    case 'step':
      return { what: `${stage.name}${argumentText(stage.argument)}`, result };
    case 'map':
    case 'lookup': {
      const what = `${stage.kind}${stage.name === null ? '' : ` ${visible(stage.name)}`}`;
      return {
        what,
        result: stage.entry
          ? shownValue(stage.value)
          : `no entry → ${isRefused ? 'refused' : shownValue(stage.value)}`,
      };
    }
    case 'default':
      return { what: 'default', result: shownValue(stage.value) };
    case 'reference':
      return { what: 'references', result: referenceResult(stage), more: stage.asked.flatMap(askedLines) };
  }
}

const argumentText = (argument: unknown): string =>
  argument === null ? '' : ` ${visible(typeof argument === 'string' ? argument : JSON.stringify(argument))}`;

function referenceResult({ outcome, value, asked }: Extract<Stage, { kind: 'reference' }>): string {
  const names = [...new Set(asked.map(({ mapping }) => visible(mapping)))].join(' or ');
  const of = names === '' ? '' : ` (${names})`;
  switch (outcome) {
    case 'resolved':
      return asked.some(({ found, state }) => found && state === 'new')
        ? `found${of}`
        : `${shownValue(value)}${of}`;
    case 'second pass':
      return value === null ? `second pass: nobody${of}` : `second pass: found${of}`;
    case 'null':
      return 'null: refers to nobody';
    case 'defaulted':
      return `missing, the default stands in${of}`;
    case 'missing':
      return `missing${of}`;
  }
}

const STATES: Readonly<Record<AskedParent['state'], string>> = {
  'in the target': 'in the target',
  new: 'a run loads it before',
  later: 'a run loads it later',
  rejected: 'rejected',
  skipped: 'skipped',
  'not in the source': 'not in the source',
  'not loaded': 'not loaded',
};

function askedLines({ mapping, by, key, state, chain }: AskedParent): readonly string[] {
  const which = by === null ? shownValue(key) : `with ${visible(by)} ${shownValue(key)}`;
  return [`${visible(mapping)} ${which}: ${STATES[state]}`, ...causeLines(chain)];
}

/** Why rows are missing, from the nearest to the first cause. */
export const causeLines = (chain: readonly Cause[]): readonly string[] =>
  chain.map(({ mapping, key, column, rule, reason, at }) => {
    const where = at === null ? '' : ` (${shownPlace(at)})`;
    const what =
      reason === 'skip_when'
        ? `skipped by ${visible(rule)}`
        : `${column === null ? 'the row' : visible(column)}, ${visible(rule)}${reason === null ? '' : `: ${visible(reason)}`}`;
    return `because ${visible(mapping)} ${shownValue(key)}: ${what}${where}`;
  });
