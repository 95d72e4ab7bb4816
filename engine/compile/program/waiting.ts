/**
 * What a row that waits for its second pass keeps of a reference: the canonical key that each parent is asked for, null
 * for one that is not. Of a reference to one mapping it is that key, of several a JSON array of them.
 */
export function waitingKey(keys: readonly (string | null)[]): string {
  return keys.length === 1 ? (keys[0] ?? '') : JSON.stringify(keys);
}

/** The keys of a {@link waitingKey}, one for each of so many parents. */
export function keysOfWaiting(text: string, parents: number): readonly (string | null)[] {
  return parents === 1 ? [text] : (JSON.parse(text) as (string | null)[]);
}
