import type { BaseType } from '../contract/value.js';
import { IntegerKeyMap } from './integer-key-map.js';
import type { KeyMap } from './key-map.js';
import { TextKeyMap } from './text-key-map.js';
import { WordKeyMap, codecOf } from './word-key-map.js';

/** Bytes that a map of keys which are no dense numbers may take; beyond, keys are asked for in batches. */
export const KEY_MAP_BYTES = 64 << 20;

/** What the catalogue and the planner know of a mapping's keys. */
export interface KeyFacts {
  readonly keyTypes: readonly BaseType[];
  readonly handleTypes: readonly BaseType[];
  readonly estimatedRows: number;
  /** Greatest less least key of keys that are one whole number; null where it is not known. */
  readonly span: number | null;
  /** Why keys cannot be asked for in the target, or null where they can: by an index, and equal as texts are. */
  readonly notAskable: string | null;
  /** Bytes that the map may take: {@link KEY_MAP_BYTES}. */
  readonly bound: number;
}

export interface KeyMapChoice {
  /** `integer`: one whole number to another; `words`: UUIDs or whole numbers; `batched`: not in memory. */
  readonly kind: 'integer' | 'words' | 'text' | 'batched';
  readonly reason: string;
  /** What it takes in memory by the estimate. */
  readonly bytes: number;
}

/** Places a key at which the bitmap of dense keys is no larger than open addressing: see RankTable. */
const DENSE_SPAN = 28;
/** Bytes of a text of a key's or handle's part, where nothing is known of it. */
const TEXT_BYTES = 24;
const SMALL_SPAN = 2 ** 31;

/** Slots of open addressing for so many keys. */
const slotsFor = (rows: number): number => 2 ** Math.ceil(Math.log2(Math.max(64, rows / 0.7)));

const partsBytes = (types: readonly BaseType[]): number =>
  types.length * 3 +
  types.reduce((sum, type) => sum + (type === 'uuid' ? 36 : type === 'integer' ? 8 : TEXT_BYTES), 0);

/** The kind for keys and handles as their types are, whatever their number. */
function inMemory({ keyTypes, handleTypes, estimatedRows: rows, span }: KeyFacts): KeyMapChoice {
  const [key, handle] = [keyTypes[0] ?? 'text', handleTypes[0] ?? 'text'];
  const single = keyTypes.length === 1 && handleTypes.length === 1;
  const [keyWords, handleWords] = [codecOf(key)?.words, codecOf(handle)?.words];
  if (single && key === 'integer' && handle === 'integer') {
    if (span === null || span <= rows * DENSE_SPAN) {
      return { kind: 'integer', reason: 'dense whole numbers', bytes: rows * 5 };
    }
    const bytes = slotsFor(rows) * (span < SMALL_SPAN ? 8 : 16);
    return { kind: 'integer', reason: 'sparse whole numbers', bytes };
  }
  if (single && keyWords !== undefined && handleWords !== undefined) {
    const bytes = slotsFor(rows) * (keyWords + handleWords) * 4;
    return { kind: 'words', reason: `${key} to ${handle}`, bytes };
  }
  const bytes = slotsFor(rows) * 8 + rows * (8 + partsBytes(keyTypes) + partsBytes(handleTypes));
  return {
    kind: 'text',
    reason: keyTypes.length > 1 ? 'keys of several columns' : `${key} keys as text`,
    bytes,
  };
}

const megabytes = (bytes: number): string => `${String(Math.ceil(bytes / (1 << 20)))} MB`;

/** Chooses how the keys of a mapping's rows are kept, from what is known before the first is read. */
export function chooseKeyMap(facts: KeyFacts): KeyMapChoice {
  const choice = inMemory(facts);
  const isDense = choice.kind === 'integer' && choice.reason.startsWith('dense');
  if (isDense || choice.bytes <= facts.bound) return choice;
  const size = `${choice.reason}: ${megabytes(choice.bytes)}, more than ${megabytes(facts.bound)}`;
  if (facts.notAskable !== null) return { ...choice, reason: `${size}, but ${facts.notAskable}` };
  return { kind: 'batched', reason: size, bytes: facts.bound };
}

/** An empty map of the kind that suits the types, in memory. */
export function memoryKeyMap(keyTypes: readonly BaseType[], handleTypes: readonly BaseType[]): KeyMap {
  const { kind } = inMemory({
    keyTypes,
    handleTypes,
    estimatedRows: 0,
    span: null,
    notAskable: null,
    bound: 0,
  });
  const [keys, handles] = [codecOf(keyTypes[0] ?? 'text'), codecOf(handleTypes[0] ?? 'text')];
  if (kind === 'integer') return new IntegerKeyMap();
  return kind === 'words' && keys !== null && handles !== null
    ? new WordKeyMap(keys, handles)
    : new TextKeyMap();
}

/** Whether a map has become larger than its bound: the estimate was wrong. Dense numbers have none. */
export const hasOutgrown = (map: KeyMap, bound: number): boolean =>
  map.bytes > bound && !(map instanceof IntegerKeyMap && map.layout !== 'sparse');
