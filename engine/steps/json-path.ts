import { ArgumentError } from '../contract/step.js';

/** Keys of objects and indexes of lists, negative ones from the end. */
export type JsonPath = readonly (string | number)[];

/** `key`, `.key`, `[0]`, `["any key"]`. */
const PART = /(?:^|\.)([^.[\]"]+)|\[(-?[0-9]{1,9})\]|\[("(?:[^"\\]|\\.)*")\]/y;

/** Reads `a.b[0]["c d"]`. Throws ArgumentError where the text is no path. */
export function parsePath(path: string): JsonPath {
  const parts: (string | number)[] = [];
  PART.lastIndex = 0;
  while (PART.lastIndex < path.length) {
    const at = PART.lastIndex;
    const [, key, index, quoted] = PART.exec(path) ?? [];
    if (key !== undefined) parts.push(key);
    else if (index !== undefined) parts.push(Number(index));
    else if (quoted !== undefined) parts.push(unquote(quoted, path));
    else
      throw new ArgumentError(
        `"${path}" is no path: at "${path.slice(at)}" a key or [index] is expected, as in a.b[0]`,
      );
  }
  return parts;
}

function unquote(quoted: string, path: string): string {
  try {
    const key: unknown = JSON.parse(quoted);
    if (typeof key === 'string') return key;
  } catch {
    // Falls through to the error.
  }
  throw new ArgumentError(`"${path}" is no path: ${quoted} is no JSON string`);
}
