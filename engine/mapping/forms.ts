import type { Located, Position } from '../contract/problem.js';
import type { SqlText } from '../contract/sql-text.js';
import type { Scalar } from '../contract/value.js';
import type { Threshold } from '../contract/mapping.js';
import { suggest } from '../contract/suggest.js';
import { reportForm } from './form.js';
import type { Form } from './form.js';
import { didYouMean, errorAt, located } from './report.js';
import { wholeNumber } from './scalars.js';
import type { Shape, SqlKind, WordDoc } from './shape.js';
import { quoted } from './tree.js';
import type { Entry, Node, ScalarNode } from './tree.js';

/** Text that is not empty; `what` names its kind in messages, `numberHelp` says what to do about a number. */
export function text(what = 'text', numberHelp = 'put it in quotes to make it text'): Form<Located<string>> {
  const shape: Shape = { form: 'text', what };
  return {
    shape,
    read: (node, place, reading) => {
      if (node.kind === 'scalar' && node.scalar.type === 'string' && node.scalar.text.trim() !== '') {
        return located(node.scalar.text, node.at);
      }
      const quote = node.kind === 'scalar' && node.scalar.type !== 'null' && node.scalar.type !== 'string';
      reportForm(node, place, shape, reading, quote ? numberHelp : undefined);
      return undefined;
    },
  };
}

/** SQL of a database: its position is its own first character, white space around it is cut. */
function sqlOf(holds: SqlKind): Form<SqlText> {
  const shape: Shape = { form: 'sql', holds };
  return {
    shape,
    read: (node, place, reading) => {
      const read = text('SQL').read(node, place, reading);
      if (read === undefined || node.kind !== 'scalar') return undefined;
      const sql = { value: read.value.trim(), at: node.textAt, ...written(node) };
      reading.onSql(sql, holds);
      return sql;
    },
  };
}

/** Statements of any kind. */
export const sql = sqlOf('statements');
/** One select. */
export const query = sqlOf('query');
/** One value, or a condition, over a row. */
export const expression = sqlOf('expression');

function written({ raw, plain }: ScalarNode): Pick<SqlText, 'written' | 'quote'> {
  if (plain) return { written: raw, quote: null };
  const [sign] = raw;
  if (sign === '"' || sign === "'") return { written: raw.slice(1, -1), quote: sign };
  return { written: raw.replace(/^[|>][^\n]*\n\s*/, ''), quote: null };
}

export function integer(minimum: number): Form<number> {
  const shape: Shape = { form: 'integer', minimum };
  return {
    shape,
    read: (node, place, reading) => {
      const isNumber = node.kind === 'scalar' && node.scalar.type === 'number';
      const value = isNumber ? wholeNumber(node.scalar.text) : null;
      if (value !== null && value >= minimum) return value;
      reportForm(node, place, shape, reading);
      return undefined;
    },
  };
}

const SCALAR: Shape = { form: 'scalar' };

export const scalar: Form<Located<Scalar>> = {
  shape: SCALAR,
  read: (node, place, reading) => {
    if (node.kind === 'scalar' && node.raw !== '') return located(node.scalar, node.at);
    reportForm(node, place, SCALAR, reading);
    return undefined;
  },
};

const BOOLEAN: Shape = { form: 'boolean' };

export const bool: Form<Located<boolean>> = {
  shape: BOOLEAN,
  read: (node, place, reading) => {
    if (node.kind === 'scalar' && node.scalar.type === 'boolean')
      return located(node.scalar.text === 'true', node.at);
    reportForm(node, place, BOOLEAN, reading);
    return undefined;
  },
};

const THRESHOLD: Shape = { form: 'threshold' };

export const threshold: Form<Threshold> = {
  shape: THRESHOLD,
  read: (node, place, reading) => {
    const value = node.kind === 'scalar' ? toThreshold(node.scalar) : null;
    if (value !== null) return value;
    reportForm(node, place, THRESHOLD, reading);
    return undefined;
  },
};

/** Rows, or per cent; null where it is neither. */
export function toThreshold({ type, text }: Scalar): Threshold | null {
  if (type === 'number') {
    const count = wholeNumber(text);
    return count !== null && count >= 0 ? { unit: 'rows', count } : null;
  }
  const percent = /^(\d+(?:\.\d+)?) ?%$/.exec(text)?.[1];
  if (type !== 'string' || percent === undefined || Number(percent) > 100) return null;
  return { unit: 'percent', percent: Number(percent) };
}

const DURATION: Shape = { form: 'duration' };

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** A length of time in seconds. */
export const duration: Form<number> = {
  shape: DURATION,
  read: (node, place, reading) => {
    const text = node.kind === 'scalar' && node.scalar.type === 'string' ? node.scalar.text : '';
    const [, count, unit] = /^(\d{1,6}) ?([smhd])$/.exec(text) ?? [];
    const seconds = UNITS[unit ?? ''];
    if (seconds !== undefined) return Number(count) * seconds;
    reportForm(node, place, DURATION, reading);
    return undefined;
  },
};

/** One of the words that the key knows. `null` may stand bare, although YAML does not read it as text. */
export function word<W extends string>(words: Readonly<Record<W, WordDoc>>): Form<Located<W>> {
  const shape: Shape = { form: 'word', words };
  const isWord = (value: string): value is W => Object.hasOwn(words, value);
  return {
    shape,
    read: (node, place, reading) => {
      const bareNull = node.kind === 'scalar' && node.raw === 'null';
      if (node.kind !== 'scalar' || (node.scalar.type !== 'string' && !bareNull)) {
        reportForm(node, place, shape, reading);
        return undefined;
      }
      const value = bareNull ? 'null' : node.scalar.text;
      if (!isWord(value)) {
        const known = Object.keys(words);
        const message = `"${place.name}" cannot be ${quoted(node)}`;
        const help = didYouMean(suggest(value, known), known);
        reading.report(errorAt('ETL-LANG-004', node.at, message, { label: 'unknown word', help }));
        return undefined;
      }
      return located(value, node.at);
    },
  };
}

export interface ListRead<T> {
  readonly items: readonly T[];
  /** False where an item could not be read and is left out. */
  readonly complete: boolean;
  readonly at: Position;
}

export function list<T>(items: Form<T>): Form<ListRead<T>> {
  const shape: Shape = { form: 'list', items: items.shape };
  return {
    shape,
    read: (node, place, reading) => {
      if (node.kind !== 'list') {
        reportForm(node, place, shape, reading);
        return undefined;
      }
      const read = node.items.map((item) =>
        items.read(item, { name: `an item of ${place.name}`, at: item.at }, reading),
      );
      const usable = read.filter((item) => item !== undefined);
      return { items: usable, complete: usable.length === read.length, at: node.at };
    },
  };
}

/** One value, or a list of at least one; undefined where one of them cannot be read. */
export function oneOrMore<T>(items: Form<T>): Form<readonly T[]> {
  const shape: Shape = { form: 'one_or_more', items: items.shape };
  return {
    shape,
    read: (node, place, reading) => {
      if (node.kind === 'map' || (node.kind === 'list' && node.items.length === 0)) {
        reportForm(node, place, shape, reading);
        return undefined;
      }
      const nodes = node.kind === 'list' ? node.items : [node];
      const read = nodes.map((each) => items.read(each, place, reading));
      const usable = read.filter((item) => item !== undefined);
      return usable.length === nodes.length ? usable : undefined;
    },
  };
}

/** An entry of a map whose keys the user names; its value is undefined where it cannot be read. */
export interface RecordEntry<T> {
  readonly entry: Entry;
  readonly value: T | undefined;
}

/** A map whose keys the user names; `keys`: what they name. */
export function record<T>(keys: string, values: Form<T>): Form<readonly RecordEntry<T>[]> {
  const shape: Shape = { form: 'record', keys, values: values.shape };
  return {
    shape,
    read: (node, place, reading) => {
      if (node.kind !== 'map') {
        reportForm(node, place, shape, reading);
        return undefined;
      }
      return node.entries.map((entry) => ({
        entry,
        value: values.read(entry.value, { name: entry.key, at: entry.keyAt }, reading),
      }));
    },
  };
}

/** Forms that the kind of YAML node tells apart. */
export function either<S = never, L = never, M = never>(forms: {
  readonly scalar?: Form<S>;
  readonly list?: Form<L>;
  readonly map?: Form<M>;
}): Form<S | L | M> {
  const shape: Shape = {
    form: 'either',
    ...(forms.scalar === undefined ? {} : { scalar: forms.scalar.shape }),
    ...(forms.list === undefined ? {} : { list: forms.list.shape }),
    ...(forms.map === undefined ? {} : { map: forms.map.shape }),
  };
  return {
    shape,
    read: (node: Node, place, reading): S | L | M | undefined => {
      const empty = node.kind === 'scalar' && node.raw === '';
      const form: Form<S | L | M> | undefined = empty ? undefined : forms[node.kind];
      if (form !== undefined) return form.read(node, place, reading);
      reportForm(node, place, shape, reading);
      return undefined;
    },
  };
}

/** A form that may contain itself. */
export function named<T>(name: string, form: () => Form<T>): Form<T> {
  return {
    shape: { form: 'named', name, shape: () => form().shape },
    read: (node, place, reading) => form().read(node, place, reading),
  };
}
