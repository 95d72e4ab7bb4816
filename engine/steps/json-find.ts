import type { JsonPath } from './json-path.js';

/**
 * The text of the value at a path, exactly as it stands in `json`, or null where there is none.
 * `json` must be valid. Of two equal keys the last counts, as in jsonb.
 */
export function findInJson(json: string, path: JsonPath): string | null {
  let at = skipSpace(json, 0);
  for (const step of path) {
    const opener = json.charAt(at);
    const found =
      typeof step === 'string' && opener === '{'
        ? findKey(json, at, step)
        : typeof step === 'number' && opener === '['
          ? findItem(json, at, step)
          : null;
    if (found === null) return null;
    at = found;
  }
  return json.slice(at, endOfValue(json, at));
}

function findKey(json: string, object: number, key: string): number | null {
  let found: number | null = null;
  let at = skipSpace(json, object + 1);
  while (json.charAt(at) === '"') {
    const keyEnd = endOfString(json, at);
    const value = skipSpace(json, skipSpace(json, keyEnd) + 1);
    if (JSON.parse(json.slice(at, keyEnd)) === key) found = value;
    at = afterComma(json, value);
  }
  return found;
}

function findItem(json: string, list: number, index: number): number | null {
  const items: number[] = [];
  let at = skipSpace(json, list + 1);
  while (json.charAt(at) !== ']') {
    items.push(at);
    if (items.length === index + 1) return at;
    at = afterComma(json, at);
  }
  return items.at(index < 0 ? index : items.length) ?? null;
}

/** Where the value behind the next comma starts, or the bracket that closes instead of it. */
function afterComma(json: string, value: number): number {
  const end = skipSpace(json, endOfValue(json, value));
  return json.charAt(end) === ',' ? skipSpace(json, end + 1) : end;
}

function endOfValue(json: string, start: number): number {
  const opener = json.charAt(start);
  if (opener === '"') return endOfString(json, start);
  if (opener !== '{' && opener !== '[') {
    let end = start;
    while (end < json.length && !',]} \t\r\n'.includes(json.charAt(end))) end++;
    return end;
  }
  let depth = 0;
  let at = start;
  do {
    const character = json.charAt(at);
    if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') depth--;
    at = character === '"' ? endOfString(json, at) : at + 1;
  } while (depth > 0);
  return at;
}

function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (json.charAt(at) !== '"') at += json.charAt(at) === '\\' ? 2 : 1;
  return at + 1;
}

function skipSpace(json: string, start: number): number {
  let at = start;
  while (at < json.length && ' \t\r\n'.includes(json.charAt(at))) at++;
  return at;
}
