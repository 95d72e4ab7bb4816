import { canonicalDecimal } from '../contract/decimal.js';
import type { TestValue } from '../contract/unit-test.js';

/** Marks a number, which stays exact text. */
const NUMBER = '\u0000';

/** JSON with its numbers as marked canonical texts. */
function exact(json: string): unknown {
  const marked = json.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) =>
    token.startsWith('"') ? token : JSON.stringify(NUMBER + (canonicalDecimal(token) ?? token)),
  );
  return JSON.parse(marked);
}

/** Whether JSON is what a test expects: keys of maps that the test leaves out are not compared, lists are as they stand. */
export const isJson = (expected: TestValue, json: string): boolean => holds(expected, exact(json));

function holds({ items, entries, json }: TestValue, found: unknown): boolean {
  if (entries !== null) {
    if (typeof found !== 'object' || found === null || Array.isArray(found)) return false;
    const object = found as Readonly<Record<string, unknown>>;
    return [...entries].every(([name, value]) => Object.hasOwn(object, name) && holds(value, object[name]));
  }
  if (items !== null) {
    const list: readonly unknown[] | null = Array.isArray(found) ? found : null;
    return list?.length === items.length && items.every((item, n) => holds(item, list[n]));
  }
  return exact(json) === found;
}
