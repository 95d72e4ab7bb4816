import { ArgumentError } from '../contract/step.js';
import type { Json } from '../contract/value.js';

/** The JSON Schema of an argument that is one word out of a few. */
export function oneOf(words: readonly string[], description: string): Json {
  return { enum: words, description };
}

/** The JSON Schema of an argument with named parts. */
export function parts(properties: Readonly<Record<string, Json>>, required: readonly string[]): Json {
  return { type: 'object', properties, required, additionalProperties: false };
}

/** A named part of the argument; undefined where it was left out or the argument has no parts. */
export function part(argument: Json, name: string): Json | undefined {
  if (argument === null || typeof argument !== 'object' || isList(argument)) return undefined;
  return Object.hasOwn(argument, name) ? argument[name] : undefined;
}

function isList(json: Json | undefined): json is readonly Json[] {
  return Array.isArray(json);
}

/** The argument, or a part of it, as text; numbers and booleans as YAML writes them. Throws ArgumentError. */
export function text(json: Json | undefined, what: string): string {
  if (typeof json === 'string') return json;
  if (typeof json === 'number' || typeof json === 'boolean') return String(json);
  throw new ArgumentError(`${what} must be text`);
}

/** As {@link text}, with a value for a part that was left out. */
export function textOr(json: Json | undefined, otherwise: string, what: string): string {
  return json === undefined ? otherwise : text(json, what);
}

/** A whole number of at least `least`. Throws ArgumentError. */
export function wholeNumber(json: Json | undefined, least: number, what: string): number {
  const value = typeof json === 'string' && /^-?[0-9]{1,9}$/.test(json) ? Number(json) : json;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value;
  throw new ArgumentError(`${what} must be a whole number of at least ${String(least)}`);
}

/** One of the words. Throws ArgumentError. */
export function word<W extends string>(json: Json | undefined, words: readonly W[], what: string): W {
  const found = words.find((candidate) => candidate === json);
  if (found === undefined) throw new ArgumentError(`${what} must be one of ${words.join(', ')}`);
  return found;
}

/** A list as it is, a single value as a list of one. */
export function listed(json: Json | undefined): readonly Json[] {
  if (json === undefined) return [];
  return isList(json) ? json : [json];
}
