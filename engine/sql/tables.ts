import type { Parser } from './parser.js';
import { walk } from './walk.js';

/** A relation as a query names it; `schema` null: the search path decides. */
export interface NamedRelation {
  readonly schema: string | null;
  readonly name: string;
}

const text = (body: object, key: string): string | null => {
  const value = (body as Readonly<Record<string, unknown>>)[key];
  return typeof value === 'string' && value !== '' ? value : null;
};

/** The tables and views that a query reads, each once; its own `with` queries left out. None where it does not parse. */
export function tablesOf(query: string, parser: Parser): readonly NamedRelation[] {
  const parsed = parser.parse(query);
  if ('message' in parsed) return [];
  const own = new Set<string>();
  const found = new Map<string, NamedRelation>();
  walk(parsed.statements, (kind, body) => {
    if (kind === 'CommonTableExpr') own.add(text(body, 'ctename') ?? '');
    if (kind !== 'RangeVar') return;
    const [schema, name] = [text(body, 'schemaname'), text(body, 'relname')];
    if (name !== null) found.set(JSON.stringify([schema, name]), { schema, name });
  });
  return [...found.values()].filter(({ schema, name }) => schema !== null || !own.has(name));
}
