import type { Missing, Parent, References, Resolver } from '../../contract/mapping.js';
import type { BaseType, Scalar } from '../../contract/value.js';
import { IntegerKeyMap } from '../../resolve/integer-key-map.js';
import { canonicalKey, type KeyMap } from '../../resolve/key-map.js';
import {
  chainOf,
  type Chain,
  type ChainEnds,
  type Link,
  type RejectedKeys,
} from '../../resolve/rejected-keys.js';
import { ValueMap } from '../../resolve/value-map.js';
import { watched, type Observer } from './observer.js';
import { Refusal, shown, type Because, type Resolved } from './refusal.js';

/** What became of a row's reference; counted when the row is loaded, `missing` whatever becomes of it. */
export const OUTCOME = { none: 0, resolved: 1, null: 2, defaulted: 3, missing: 4, pending: 5 } as const;
export const OUTCOMES = 6;

const scalarText = (value: Scalar): string | null => (value.type === 'null' ? null : value.text);

/** A column whose value is looked up in a table. */
interface Looking {
  readonly column: string;
  /** Of the column among the mapping's. */
  readonly index: number;
  /** What a map's keys compare as. */
  readonly from: BaseType;
  /** A look-up's table; a map has its own. */
  readonly table: ValueMap | undefined;
  readonly observer: Observer | null;
}

/** Looks a value up in the mapping's own `map`, or in a table that was read when the mapping started. */
export function resolvedIn(
  resolver: Extract<Resolver, { kind: 'map' | 'lookup' }>,
  { column, index, from, table: given, observer }: Looking,
): (value: string) => Resolved {
  const table = given ?? new ValueMap(from);
  if (resolver.kind === 'map') {
    for (const { key, value } of resolver.entries) table.add(key, scalarText(value));
  }
  const otherwise = resolver.kind === 'map' ? unmapped(resolver, column) : unfound(resolver, column);
  const miss = watched(observer, otherwise, (o) => {
    o.unfound(index);
  });
  const run = (value: string): Resolved => {
    const found = table.get(value);
    return found === undefined ? miss(value) : found;
  };
  return watched(observer, run, (o, result) => {
    o.resolved(index, result);
  });
}

/** What a value becomes that is not in the mapping's own `map`. */
function unmapped(
  { unmapped, at }: Extract<Resolver, { kind: 'map' }>,
  column: string,
): (value: string) => Resolved {
  return (value) => {
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

/** What a value becomes that is not in a look-up. */
function unfound(
  { missing, at, lookup }: Extract<Resolver, { kind: 'lookup' }>,
  column: string,
): (value: string) => Resolved {
  const name = lookup.name === null ? 'the look-up' : `the look-up "${lookup.name}"`;
  return (value) => {
    if (missing === 'null') return null;
    return new Refusal(column, 'lookup', `${shown(value)} is not in ${name}`, value, at, missing);
  };
}

/** Rows of a chain that are told between the nearest and the last. */
const TOLD = 3;

const causeWords = ({ column, rule }: Link): string => `${column ?? 'the row'}, ${rule}`;

/**
 * `: that row was rejected in this run (patient_id, references), as patients "17" was (email, length)`.
 * @param of ` of patients`, where it is not clear which row is meant
 */
function chainWords(chain: Chain, of: string): string {
  const [nearest, ...others] = chain.nearest;
  if (nearest === undefined) return '';
  const left = chain.length - TOLD - 2;
  const told = left > 0 ? [...others.slice(0, TOLD), chain.last] : others;
  const words = told.map((link, n) => {
    const between = left > 0 && n === TOLD ? `, as ${String(left)} more were` : '';
    return `${between}, as ${link.mapping} ${shown(link.key)} was (${causeWords(link)})`;
  });
  const when = nearest.run === null ? 'in this run' : `in run ${nearest.run}`;
  return `: that row${of} was rejected ${when} (${causeWords(nearest)})${words.join('')}`;
}

/** A parent that was asked for a row, and the canonical key that it was asked for. */
export interface Asked {
  readonly parent: Parent;
  readonly key: string;
}

/** `no loaded row of patients has the key 7`; of several `… of patients or archived_patients …`. */
function missingWords(asked: readonly Asked[], shownValue: string): string {
  const ways = asked.map(({ parent: { mapping, by } }) => ({
    mapping: mapping.value,
    by: by?.value ?? null,
  }));
  const [first] = ways;
  if (first !== undefined && ways.every(({ by }) => by === first.by)) {
    const names = [...new Set(ways.map(({ mapping }) => mapping))].join(' or ');
    return `no loaded row of ${names} has the ${first.by ?? 'key'} ${shownValue}`;
  }
  const words = ways.map(({ mapping, by }) => `${mapping} (by ${by ?? 'its key'})`);
  return `no loaded row of ${words.join(' or ')} is found by ${shownValue}`;
}

/**
 * The refusal of a reference whose row is not there, with the chain of rejected rows up to the first cause: of the first
 * parent that has rejected the row.
 * @param asked at least one
 * @param ends of chains, where many rows are asked about at once
 */
export function missingReference(
  { missing, at }: References,
  column: string,
  values: readonly string[],
  asked: readonly Asked[],
  rejected: ReadonlyMap<string, RejectedKeys>,
  ends?: ChainEnds,
): Refusal {
  const value = valueText(values);
  const chains = asked.flatMap(({ parent, key }) => {
    if (parent.by !== null) return [];
    const row = { mapping: parent.mapping.value, key };
    const chain = chainOf(rejected, row, ends);
    return chain === null ? [] : [{ row, chain }];
  });
  const [told] = chains;
  const because: Because | null = told === undefined ? null : { parent: told.row, first: told.chain.last };
  const of = told === undefined || asked.length === 1 ? '' : ` of ${told.row.mapping}`;
  const reason = `${missingWords(asked, shown(value))}${told === undefined ? '' : chainWords(told.chain, of)}`;
  return new Refusal(column, 'references', reason, value, at, severityOf(missing), because);
}

/** The refusal of a polymorphic reference whose switch has a value without a case. */
export function missingCase(
  { missing, at, parents, switch: name }: References,
  column: string,
  value: string,
): Refusal {
  const known = parents.map(({ when }) => when?.text ?? '').join(', ');
  const reason = `${shown(value)} in ${name?.value ?? ''} is none of the cases ${known}`;
  return new Refusal(column, 'references', reason, value, at, severityOf(missing));
}

const severityOf = (missing: Missing): 'reject' | 'fail' => (missing === 'fail' ? 'fail' : 'reject');

/** A reference's values as rejects show them. */
const valueText = (values: readonly string[]): string =>
  values.length === 1 ? (values[0] ?? '') : JSON.stringify(values);

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
