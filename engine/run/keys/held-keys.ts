import { BatchedKeyMap } from '../../resolve/batched-key-map.js';
import type { KeyMap } from '../../resolve/key-map.js';

/**
 * Key maps as they are, but that what is deleted of them comes back where its transaction is taken back. Keys that are
 * asked for in batches are asked for again.
 * @param ifTakenBack takes what is to be done then
 */
export function heldKeys(
  maps: ReadonlyMap<string, KeyMap>,
  ifTakenBack: (undo: () => void) => void,
): Map<string, KeyMap> {
  return new Map([...maps].map(([mapping, map]) => [mapping, held(map, ifTakenBack)]));
}

const held = (map: KeyMap, ifTakenBack: (undo: () => void) => void): KeyMap => ({
  get size() {
    return map.size;
  },
  get bytes() {
    return map.bytes;
  },
  get: (key) => map.get(key),
  set: (key, value) => {
    map.set(key, value);
  },
  delete: (key) => {
    const value = map instanceof BatchedKeyMap ? undefined : map.get(key);
    map.delete(key);
    if (value === undefined) return;
    ifTakenBack(() => {
      map.set(key, value);
    });
  },
});
