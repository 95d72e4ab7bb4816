import type { BoundOrigin, CompiledMapping } from '../../engine/contract/compiled.js';

/** A number of JSON with its digits as written; JavaScript's own would lose some. */
const isNumber = (text: string): boolean => /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text);

/** What an origin is inside `object` or `array`: numbers as numbers, booleans, JSON itself, all else as text; spaced as jsonb is. */
export function jsonOf(
  compiled: CompiledMapping,
  facts: { readonly run: string; readonly mapping: string; readonly startedAt: string },
  row: readonly (string | null)[],
  origin: BoundOrigin,
): string {
  const field = (index: number): string => {
    const value = row[index] ?? null;
    const base = compiled.fields[index]?.type.base;
    if (value === null) return 'null';
    if (base === 'boolean') return value === 't' ? 'true' : 'false';
    if (base === 'json') return value;
    const isNumeric = base === 'integer' || base === 'numeric' || base === 'float';
    return isNumeric && isNumber(value) ? value : JSON.stringify(value);
  };
  const inner = (one: BoundOrigin): string => jsonOf(compiled, facts, row, one);
  switch (origin.kind) {
    case 'fields':
      return origin.fields.length === 1
        ? field(origin.fields[0] ?? -1)
        : `[${origin.fields.map(field).join(', ')}]`;
    case 'constant':
      return origin.json;
    case 'object':
      return `{${origin.entries.map(({ key, origin: one }) => `${JSON.stringify(key)}: ${inner(one)}`).join(', ')}}`;
    case 'array':
      return `[${origin.items.map(inner).join(', ')}]`;
    case 'row':
      return `{${origin.fields
        .map((index) => `${JSON.stringify(compiled.fields[index]?.name ?? '')}: ${field(index)}`)
        .join(', ')}}`;
    case 'key':
      return compiled.key.length === 1
        ? field(compiled.key[0] ?? -1)
        : JSON.stringify(compiled.key.map((index) => row[index] ?? null));
    case 'generate':
      return JSON.stringify(facts.startedAt);
    case 'run':
      return JSON.stringify(
        origin.what === 'id' ? facts.run : origin.what === 'mapping' ? facts.mapping : facts.startedAt,
      );
  }
}

/** JSON without its spelling: objects in any spacing, numbers with all their digits. */
export function comparableJson(text: string): unknown {
  const marked = text.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) =>
    token.startsWith('"') ? token : `"#${token}"`,
  );
  const parsed: unknown = JSON.parse(marked);
  return parsed;
}
