import type { Resolver } from '../../contract/mapping.js';
import type { BaseType, Scalar } from '../../contract/value.js';
import { IntegerKeyMap } from '../../resolve/integer-key-map.js';
import { canonicalKey, type KeyMap } from '../../resolve/key-map.js';
import type { Cause } from '../../resolve/rejected-keys.js';
import { ValueMap } from '../../resolve/value-map.js';
import { Refusal, shown } from './refusal.js';

/** What became of a row's reference; counted when the row is loaded, `missing` whatever becomes of it. */
export const OUTCOME = { none: 0, resolved: 1, null: 2, defaulted: 3, missing: 4, pending: 5 } as const;
export const OUTCOMES = 6;

/** A value after its resolver. */
export type Resolved = string | null | Refusal;

const scalarText = (value: Scalar): string | null => (value.type === 'null' ? null : value.text);

/** Looks a value up in the mapping's own `map`. */
export function mapResolver(
  resolver: Extract<Resolver, { kind: 'map' }>,
  column: string,
  from: BaseType,
): (value: string) => Resolved {
  const table = new ValueMap(from);
  for (const { key, value } of resolver.entries) table.add(key, scalarText(value));
  const { unmapped, at } = resolver;
  return (value) => {
    const found = table.get(value);
    if (found !== undefined) return found;
    switch (unmapped.kind) {
      case 'keep':
        return value;
      case 'null':
        return null;
      case 'value':
        return scalarText(unmapped.value);
      case 'reject':
      case 'fail':
        return new Refusal(column, 'map', `${shown(value)} is not in the map`, value, at, unmapped.kind);
    }
  };
}

/** Looks a value up in a table that was read when the mapping started. */
export function lookupResolver(
  resolver: Extract<Resolver, { kind: 'lookup' }>,
  column: string,
  table: ValueMap,
): (value: string) => Resolved {
  const { missing, at } = resolver;
  const name = resolver.lookup.name === null ? 'the look-up' : `the look-up "${resolver.lookup.name}"`;
  return (value) => {
    const found = table.get(value);
    if (found !== undefined) return found;
    if (missing === 'null') return null;
    return new Refusal(column, 'lookup', `${shown(value)} is not in ${name}`, value, at, missing);
  };
}

/** The refusal of a reference whose row is not there; `cause` where this run has rejected that row. */
export function missingReference(
  resolver: Extract<Resolver, { kind: 'references' }>,
  column: string,
  values: readonly string[],
  cause: Cause | null,
): Refusal {
  const value = values.length === 1 ? (values[0] ?? '') : JSON.stringify(values);
  const by = resolver.by === null ? 'key' : resolver.by.value;
  const { missing, at } = resolver;
  const why =
    cause === null
      ? ''
      : `: that row was rejected in this run (${cause.mapping}: ${cause.column ?? 'the row'}, ${cause.rule})`;
  const reason = `no loaded row of ${resolver.mapping.value} has the ${by} ${shown(value)}${why}`;
  return new Refusal(column, 'references', reason, value, at, missing === 'fail' ? 'fail' : 'reject', cause);
}

/** Finds the canonical form of a reference's values in a key map. */
export function keyFinder(
  map: KeyMap,
  types: readonly BaseType[],
): (values: readonly string[]) => string | undefined {
  if (types.length === 1 && map instanceof IntegerKeyMap) {
    return ([value]) => {
      if (value === undefined) return undefined;
      return map.get(canonicalKey([value], types));
    };
  }
  return (values) => map.get(canonicalKey(values, types));
}
