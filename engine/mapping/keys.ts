import type { Position } from '../contract/problem.js';
import type { Json } from '../contract/value.js';
import { suggest } from '../contract/suggest.js';
import { reportForm } from './form.js';
import type { Form, Place, Reading } from './form.js';
import { didYouMean, errorAt } from './report.js';
import type { KeyDoc, Limits, Shape } from './shape.js';
import type { MapNode } from './tree.js';

/** One key of a map. */
export interface Key<T> {
  readonly doc: string;
  readonly form: Form<T>;
  readonly required?: true;
  readonly default?: string;
  readonly example?: Json;
}

type KeySpecs = Readonly<Record<string, Key<unknown>>>;

/** What was read of a map: the values of its readable keys, and where each key of the language stands. */
export interface KeysRead<K> {
  readonly values: { readonly [P in keyof K]?: K[P] extends Key<infer T> ? T : never };
  readonly keyAt: ReadonlyMap<string, Position>;
  /** The whole map. */
  readonly at: Position;
  /** The key that holds the map. */
  readonly owner: Position;
}

/** The type that a form reads. */
export type ReadOf<F> = F extends Form<infer T> ? T : never;

export function key<T>(form: Form<T>, doc: string, more: { default?: string; example?: Json } = {}): Key<T> {
  return { form, doc, ...more };
}

export function required<T>(form: Form<T>, doc: string, more: { example?: Json } = {}): Key<T> {
  return { form, doc, required: true, ...more };
}

/** A map with known keys: `what` names it in messages (`a source`). */
export function keys<K extends KeySpecs>(what: string, specs: K, limits: Limits = {}): Form<KeysRead<K>> {
  const shape: Shape = { form: 'keys', what, keys: documentation(specs), limits };
  return {
    shape,
    read: (node, place, reading) => {
      if (node.kind !== 'map') {
        reportForm(node, place, shape, reading);
        return undefined;
      }
      const keyAt = new Map<string, Position>();
      const misspelt = new Map<string, Position>();
      const values: Record<string, unknown> = {};
      for (const entry of node.entries) {
        const spec = Object.hasOwn(specs, entry.key) ? specs[entry.key] : undefined;
        if (spec === undefined) {
          const meant = unknownKey(entry, what, Object.keys(specs), reading);
          if (meant !== null) misspelt.set(meant, entry.keyAt);
          continue;
        }
        keyAt.set(entry.key, entry.keyAt);
        const value = spec.form.read(entry.value, { name: entry.key, at: entry.keyAt }, reading);
        if (value !== undefined) values[entry.key] = value;
      }
      // A misspelt key counts as one that is there and cannot be read: it is no second problem that it is missing.
      const meant = new Map([...misspelt, ...keyAt]);
      checkRequired(specs, meant, place, what, reading);
      checkLimits(limits, keyAt, meant, place, what, reading);
      // The loop above stored under each key what that key's own form gave.
      return { values: values as KeysRead<K>['values'], keyAt: meant, at: node.at, owner: place.at };
    },
  };
}

function documentation(specs: KeySpecs): Record<string, KeyDoc> {
  const docs = Object.entries(specs).map(([name, { form, ...doc }]): [string, KeyDoc] => [
    name,
    { ...doc, shape: form.shape },
  ]);
  return Object.fromEntries(docs);
}

/** Gives the key that was probably meant, or null. */
function unknownKey(
  entry: MapNode['entries'][number],
  what: string,
  known: readonly string[],
  reading: Reading,
): string | null {
  const meant = suggest(entry.key, known);
  const help = didYouMean(meant, known);
  const message = `unknown key "${entry.key}" in ${what}`;
  reading.report(errorAt('ETL-LANG-001', entry.keyAt, message, { label: 'unknown key', help }));
  return meant;
}

type Present = ReadonlyMap<string, Position>;

function checkRequired(
  specs: KeySpecs,
  present: Present,
  place: Place,
  what: string,
  reading: Reading,
): void {
  for (const [name, spec] of Object.entries(specs)) {
    if (spec.required !== true || present.has(name)) continue;
    const message = `${what} needs the key "${name}"`;
    reading.report(
      errorAt('ETL-LANG-002', place.at, message, { label: `"${name}" is missing`, help: spec.doc }),
    );
  }
}

function checkLimits(
  limits: Limits,
  present: Present,
  meant: Present,
  place: Place,
  what: string,
  reading: Reading,
): void {
  for (const group of limits.exactlyOne ?? []) {
    if (group.some((name) => meant.has(name))) continue;
    const message = `${what} needs one of ${group.join(', ')}`;
    reading.report(errorAt('ETL-LANG-005', place.at, message, { label: 'none of them is here' }));
  }
  for (const group of [...(limits.exactlyOne ?? []), ...(limits.atMostOne ?? [])]) {
    const [first, ...others] = [...present.keys()].filter((name) => group.includes(name));
    for (const other of others) {
      const at = present.get(other) ?? place.at;
      const message = `"${other}" and "${first ?? ''}" exclude each other in ${what}`;
      reading.report(errorAt('ETL-LANG-005', at, message, { help: `keep one of ${group.join(', ')}` }));
    }
  }
  for (const [name, others] of Object.entries(limits.needs ?? {})) {
    const at = present.get(name);
    if (at === undefined || others.some((other) => meant.has(other))) continue;
    const message = `"${name}" means nothing without ${others.map((other) => `"${other}"`).join(' or ')}`;
    reading.report(errorAt('ETL-LANG-006', at, message, { help: 'add it, or remove this key' }));
  }
}
