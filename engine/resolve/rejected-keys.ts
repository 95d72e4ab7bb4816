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

/** Rows of a chain that are followed at the most: a ring has no end. */
const LONGEST_CHAIN = 100;

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

/** Why a row is missing: it was rejected, for the row that it referred to was, and so on to the first cause. Empty where nobody knows. */
export function chainOf(rejected: ReadonlyMap<string, RejectedKeys>, row: RejectedRow): readonly Link[] {
  const chain: Link[] = [];
  const seen = new Set<string>();
  let at: RejectedRow | null = row;
  while (at !== null && chain.length < LONGEST_CHAIN) {
    const mapping: string = at.mapping;
    const key: string = at.key;
    const id: string = JSON.stringify([mapping, key]);
    const keys = rejected.get(mapping);
    const found: Rejection | undefined = seen.has(id) ? undefined : keys?.get(key);
    if (found === undefined) break;
    seen.add(id);
    chain.push({ mapping, key, column: found.column, rule: found.rule, run: keys?.run ?? null });
    at = found.parent;
  }
  return chain;
}
