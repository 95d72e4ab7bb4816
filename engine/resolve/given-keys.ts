import { canonicalDecimal } from '../contract/decimal.js';
import type { Scalar } from '../contract/value.js';
import { canonicalKey, type KeyMap } from './key-map.js';

/** Every form in which a written key may be asked for: as it stands, and as a number where it is one. */
function formsOf({ type, text }: Scalar): readonly string[] {
  if (type === 'string' && /^\[.*\]$/s.test(text)) {
    const parts = composite(text);
    if (parts !== null)
      return [
        canonicalKey(
          parts,
          parts.map(() => 'text'),
        ),
        canonicalKey(
          parts,
          parts.map(() => 'numeric'),
        ),
      ];
  }
  const number = canonicalDecimal(text);
  return number === null ? [text] : [text, number];
}

function composite(text: string): readonly string[] | null {
  try {
    const parts = JSON.parse(text) as unknown;
    return Array.isArray(parts) ? parts.map(String) : null;
  } catch {
    return null;
  }
}

/**
 * The keys that a unit test gives of a mapping: a key of one column is its text or number, a composite one a JSON
 * array as text, `"[7, 2]"`. An entry whose value is null is not there.
 */
export function givenKeys(table: readonly { readonly key: Scalar; readonly value: Scalar }[]): KeyMap {
  const map = new Map<string, string>();
  for (const { key, value } of table) {
    if (value.type !== 'null') for (const form of formsOf(key)) map.set(form, value.text);
  }
  const bytes = 0;
  return {
    bytes,
    get size() {
      return map.size;
    },
    get: (key) => map.get(key),
    set: (key, value) => void map.set(key, value),
    delete: (key) => void map.delete(key),
  };
}

/** A key map and what is asked where it has nothing. Read only. */
export class FallbackKeyMap implements KeyMap {
  constructor(
    private readonly first: KeyMap,
    private readonly second: KeyMap,
  ) {}

  get size(): number {
    return this.first.size + this.second.size;
  }

  get bytes(): number {
    return this.first.bytes + this.second.bytes;
  }

  get(key: string): string | undefined {
    return this.first.get(key) ?? this.second.get(key);
  }

  set(): void {
    throw new Error('a fallback key map is read only');
  }

  delete(): void {
    throw new Error('a fallback key map is read only');
  }
}
