import { assign } from '../compile/assign.js';
import type { TableColumn } from '../contract/catalogue.js';
import type { Json } from '../contract/value.js';
import { datePattern } from './date-forms.js';
import { plainly, type Making } from './draft.js';
import { numberForm } from './number-forms.js';

export interface Conversion {
  readonly making: Making;
  /** False: something is missing that nobody but a human knows. */
  readonly complete: boolean;
  readonly todo: readonly string[];
}

/** What is known beside the catalogue. */
export interface Evidence {
  /** Some of the source column's values; null where they were not asked for. */
  readonly seen: readonly string[] | null;
  /** The zone that the source's local times are meant in; null where nobody has said it. */
  readonly zone: string | null;
}

type Converter = (source: TableColumn, evidence: Evidence) => Conversion;

/** How a source column's values become the target column's: untouched, by steps, or by the source's SQL. */
export function convert(source: TableColumn, target: TableColumn, evidence: Evidence): Conversion {
  const making = plainly(source.name);
  const assignment = assign(source.type, target);
  const found = CONVERTERS[`${source.type.base} ${target.type.base}`];
  if (assignment.how !== 'demand' || found === undefined) {
    const isText = source.type.base === 'text' && ['numeric', 'integer', 'float'].includes(target.type.base);
    if (isText) return numbers(source, evidence);
    if (assignment.how !== 'demand') return { making, complete: true, todo: [] };
    const todo = [`${source.type.display} to ${target.type.display}: ${assignment.help}`];
    return { making, complete: false, todo };
  }
  return found(source, evidence);
}

const bySteps = (source: TableColumn, steps: readonly Json[], ...todo: readonly string[]): Conversion => ({
  making: { ...plainly(source.name), steps },
  complete: true,
  todo,
});

const numbers: Converter = (source, { seen }) => {
  const form = numberForm(seen ?? []);
  if (form === null) return { making: plainly(source.name), complete: true, todo: [] };
  return bySteps(source, form.steps, ...form.todo);
};

/** Words of the bare step `boolean`. */
const WORDS = /^\s*(?:t|true|y|yes|on|1|f|false|n|no|off|0)\s*$/i;

const booleans: Converter = (source, { seen }) => {
  const empty = seen?.includes('') === true ? ['empty_to_null'] : [];
  const strange = (seen ?? []).filter((value) => value !== '' && !WORDS.test(value));
  if (strange.length === 0) return bySteps(source, [...empty, 'boolean']);
  return {
    ...bySteps(source, [...empty, 'boolean']),
    complete: false,
    todo: [
      `say which values are true and false, { boolean: { true: [...], false: [...] } }; seen ${listed(strange)}`,
    ],
  };
};

const dates =
  (time: boolean, zoned: boolean): Converter =>
  (source, { seen, zone }) => {
    const { pattern, todo, before } = datePattern(seen ?? [], time);
    const steps = [...before, { parse_date: pattern ?? (time ? 'YYYY-MM-DD HH:mm:ss' : 'YYYY-MM-DD') }];
    const local = zoned ? localTime(zone) : null;
    return {
      making: { ...plainly(source.name), steps: [...steps, ...(local?.steps ?? [])] },
      complete: pattern !== null && local?.complete !== false,
      todo: [...todo, ...(local?.todo ?? [])],
    };
  };

const localTime = (
  zone: string | null,
): Pick<Conversion, 'complete' | 'todo'> & { steps: readonly Json[] } =>
  zone === null
    ? {
        steps: [{ timezone: 'UTC' }],
        complete: false,
        todo: ['in which zone are these times meant?'],
      }
    : { steps: [{ timezone: zone }], complete: true, todo: [] };

const zoned: Converter = (source, { zone }) => {
  const { steps, complete, todo } = localTime(zone);
  return { making: { ...plainly(source.name), steps }, complete, todo };
};

const epoch: Converter = (source, { seen }) => {
  const most = Math.max(0, ...(seen ?? []).map(Number).filter(Number.isFinite));
  // Seconds of the year 5138 are milliseconds of 1973.
  const unit = most > 1e14 ? 'microseconds' : most > 1e11 ? 'milliseconds' : 'seconds';
  return bySteps(source, [{ epoch: unit }], `is it a number of ${unit} since 1970?`);
};

const bySql = (sql: string, complete: boolean, todo: string): Conversion => ({
  making: { from: null, sql, steps: [], map: null, references: null },
  complete,
  todo: [todo],
});

const quoted = ({ name }: TableColumn): string => `"${name.replaceAll('"', '""')}"`;

/** Takes an instant's zone away; `cast` is what is left of the local time. */
const unzoned =
  (cast: string): Converter =>
  (source, { zone }) => {
    const sql = `(${quoted(source)} at time zone '${(zone ?? 'UTC').replaceAll("'", "''")}')${cast}`;
    return bySql(sql, zone !== null, 'the instant as a local time of this zone: is it meant so?');
  };

const CONVERTERS: Readonly<Record<string, Converter>> = {
  'text boolean': booleans,
  'integer boolean': booleans,
  'text date': dates(false, false),
  'text timestamp': dates(true, false),
  'text timestamptz': dates(true, true),
  'text json': (source, { seen }) =>
    bySteps(source, [...(seen?.includes('') === true ? ['empty_to_null'] : []), 'json_parse']),
  'date timestamptz': zoned,
  'timestamp timestamptz': zoned,
  'integer timestamptz': epoch,
  'timestamp date': (source) =>
    bySql(`${quoted(source)}::date`, true, 'the time of day is cut off: is that meant?'),
  'timestamptz timestamp': unzoned(''),
  'timestamptz date': unzoned('::date'),
};

/** Some values, for a comment: in quotes, without line ends. */
export const listed = (values: readonly string[]): string => {
  const shown = values.slice(0, 6).map((value) => JSON.stringify(value.slice(0, 30)));
  return shown.join(', ') + (values.length > shown.length ? ', …' : '');
};
