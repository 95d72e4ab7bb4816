import type { BaseType } from '../contract/value.js';
import { memoryKeyMap } from './choose.js';
import type { KeyMap } from './key-map.js';

/** Where it began that a row was rejected: its own column and rule, or those of the row it refers to. */
export interface Cause {
  readonly mapping: string;
  /** Null where the whole row is meant. */
  readonly column: string | null;
  readonly rule: string;
}

/** Bytes of a mapping's rejected keys; of rows beyond, those that refer to them do not say why they are missing. */
const REJECTED_BYTES = 16 << 20;

/** The keys of a mapping's rows that this run has rejected, each with its cause. */
export class RejectedKeys {
  private readonly keys: KeyMap;
  private readonly causes: Cause[] = [];
  private readonly numbers = new Map<string, number>();

  constructor(
    keyTypes: readonly BaseType[],
    private readonly bound = REJECTED_BYTES,
  ) {
    this.keys = memoryKeyMap(keyTypes, ['integer']);
  }

  add(key: string, cause: Cause): void {
    if (this.keys.bytes > this.bound) return;
    const name = JSON.stringify([cause.mapping, cause.column, cause.rule]);
    let number = this.numbers.get(name);
    if (number === undefined) {
      number = this.causes.push(cause) - 1;
      this.numbers.set(name, number);
    }
    this.keys.set(key, String(number));
  }

  get(key: string): Cause | undefined {
    const number = this.keys.get(key);
    return number === undefined ? undefined : this.causes[Number(number)];
  }
}
