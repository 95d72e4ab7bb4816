import { ArgumentError } from '../engine/contract/step.js';
import type { Json } from '../engine/contract/value.js';

/** A named part of the argument; undefined where it was left out or the argument has no parts. */
export function part(argument: Json, name: string): Json | undefined {
  if (argument === null || typeof argument !== 'object' || isList(argument)) return undefined;
  return Object.hasOwn(argument, name) ? argument[name] : undefined;
}

/** Text; numbers and booleans as YAML writes them. Throws ArgumentError. */
export function text(json: Json | undefined, what: string): string {
  if (typeof json === 'string') return json;
  if (typeof json === 'number' || typeof json === 'boolean') return String(json);
  throw new ArgumentError(`${what} must be text`);
}

/** A list as it is, a single value as a list of one. */
export function listed(json: Json | undefined): readonly Json[] {
  if (json === undefined) return [];
  return isList(json) ? json : [json];
}

/** Reads one end of a range with `read`; null where it was left out. Throws ArgumentError where both were. */
export function ends<T>(
  argument: Json,
  read: (json: Json, name: string) => T,
): { min: T | null; max: T | null } {
  const [min, max] = [part(argument, 'min'), part(argument, 'max')];
  if (min === undefined && max === undefined) throw new ArgumentError('`min` or `max` is needed, or both');
  return {
    min: min === undefined ? null : read(min, 'min'),
    max: max === undefined ? null : read(max, 'max'),
  };
}

function isList(json: Json): json is readonly Json[] {
  return Array.isArray(json);
}
