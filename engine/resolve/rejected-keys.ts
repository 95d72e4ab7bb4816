import type { BaseType } from '../contract/value.js';
import { memoryKeyMap } from './choose.js';
import type { KeyMap } from './key-map.js';
import { TextKeyMap } from './text-key-map.js';

/** What a row was rejected for. */
export interface Cause {
  readonly mapping: string;
  /** Null where the whole row is meant. */
  readonly column: string | null;
  readonly rule: string;
}

/** A row that was rejected, named by its canonical key. */
export interface RejectedRow {
  readonly mapping: string;
  readonly key: string;
}

/** Why a row was rejected, and the rejected row that it referred to. */
export interface Rejection extends Cause {
  readonly parent: RejectedRow | null;
}

/** One row of a chain: what it was rejected for. */
export interface Link extends Cause {
  readonly key: string;
  /** The run that rejected it; null for the one under way. */
  readonly run: string | null;
}

/** Bytes of a mapping's rejected keys; of rows beyond, those that refer to them do not say why they are missing. */
const REJECTED_BYTES = 16 << 20;

/** Rows of a chain that are followed at the most, where its end is not known: a ring has none. */
const LONGEST_CHAIN = 100;

/** Rows of a chain that are kept, from the nearest on. */
const NEAREST = 5;

/** From a row's cause to the first one of all. */
export interface Chain {
  /** The nearest rows, at least one. */
  readonly nearest: readonly Link[];
  readonly last: Link;
  /** Rows of the chain; beyond {@link NEAREST} more than are kept. */
  readonly length: number;
}

/**
 * The ends of chains that are asked for while no row more is rejected. Rows that are asked about in the order in which they
 * hang on each other cost no more than the few steps to the next end that is known.
 */
export class ChainEnds {
  private readonly ends = new Map<string, { readonly last: Link; readonly length: number }>();

  get(id: string): { readonly last: Link; readonly length: number } | undefined {
    return this.ends.get(id);
  }

  /** Keeps that of every eighth row of a chain: 100 bytes each. */
  set(id: string, { last, length }: Chain): void {
    if (length % 8 === 0) this.ends.set(id, { last, length });
  }
}

/** The keys of a mapping's rows that a run has rejected, each with what it was rejected for. */
export class RejectedKeys {
  private readonly keys: KeyMap;
  private readonly parents = new TextKeyMap();
  private readonly causes: (Cause & { readonly parent: string | null })[] = [];
  private readonly numbers = new Map<string, number>();

  constructor(
    keyTypes: readonly BaseType[],
    private readonly bound = REJECTED_BYTES,
    /** The run that rejected them; null for the one under way. */
    readonly run: string | null = null,
  ) {
    this.keys = memoryKeyMap(keyTypes, ['integer']);
  }

  /** Whether a key more is still taken. */
  get isFull(): boolean {
    return this.keys.bytes + this.parents.bytes > this.bound;
  }

  add(key: string, { mapping, column, rule, parent }: Rejection): void {
    if (this.isFull) return;
    const of = parent?.mapping ?? null;
    const name = JSON.stringify([mapping, column, rule, of]);
    let number = this.numbers.get(name);
    if (number === undefined) {
      number = this.causes.push({ mapping, column, rule, parent: of }) - 1;
      this.numbers.set(name, number);
    }
    this.keys.set(key, String(number));
    if (parent !== null) this.parents.set(key, parent.key);
  }

  get(key: string): Rejection | undefined {
    const number = this.keys.get(key);
    const cause = number === undefined ? undefined : this.causes[Number(number)];
    if (cause === undefined) return undefined;
    const { mapping, column, rule } = cause;
    const above = this.parents.get(key);
    const parent =
      cause.parent === null || above === undefined ? null : { mapping: cause.parent, key: above };
    return { mapping, column, rule, parent };
  }
}

/**
 * Why a row is missing: it was rejected, for the row that it referred to was, and so on to the first cause. Null where
 * nobody knows.
 */
export function chainOf(
  rejected: ReadonlyMap<string, RejectedKeys>,
  row: RejectedRow,
  ends?: ChainEnds,
): Chain | null {
  const nearest: Link[] = [];
  const seen = new Set<string>();
  let last: Link | null = null;
  let at: RejectedRow | null = row;
  while (at !== null && seen.size < LONGEST_CHAIN) {
    const mapping: string = at.mapping;
    const key: string = at.key;
    const id = `${mapping}\0${key}`;
    const known = nearest.length === NEAREST ? ends?.get(id) : undefined;
    if (known !== undefined) {
      return keep(ends, row, { nearest, last: known.last, length: seen.size + known.length });
    }
    const keys = rejected.get(mapping);
    const found: Rejection | undefined = keys?.get(key);
    if (found === undefined) break;
    // In a ring each row would have another end.
    if (seen.has(id)) return last === null ? null : { nearest, last, length: seen.size };
    seen.add(id);
    last = { mapping, key, column: found.column, rule: found.rule, run: keys?.run ?? null };
    if (nearest.length < NEAREST) nearest.push(last);
    at = found.parent;
  }
  if (last === null) return null;
  const chain = { nearest, last, length: seen.size };
  return chain.length < LONGEST_CHAIN ? keep(ends, row, chain) : chain;
}

function keep(ends: ChainEnds | undefined, { mapping, key }: RejectedRow, chain: Chain): Chain {
  ends?.set(`${mapping}\0${key}`, chain);
  return chain;
}
