import type { Json } from '../contract/value.js';
import type { Parser } from './parser.js';
import { walk } from './walk.js';

/** The parts of a select whose changes mean different things; texts of normal trees. */
export interface QueryParts {
  /** What it gives by name, in the order of the text; `*` and unnamed expressions by their own tree. */
  readonly outputs: ReadonlyMap<string, string>;
  readonly from: readonly Json[];
  /** The conditions of `where` that `and` joins. */
  readonly conditions: readonly string[];
  /** `distinct`, `group by`, `having`, `limit`, `offset`: what makes fewer rows of many. */
  readonly fewer: string;
  /** `with`, set operations, windows: what this does not look into. */
  readonly rest: string;
}

/** Where things stand in the text: no part of what they mean. */
const PLACES = /location$|^(?:stmt_len|(?:rexpr_)?list_(?:start|end))$/;

/** Pieces of SQL as PostgreSQL's parser understands them: neither layout nor comments nor the case of words count. */
export class SqlTrees {
  readonly #parser: Parser;

  constructor(parser: Parser) {
    this.#parser = parser;
  }

  /** Whether two pieces mean the same; texts that do not parse are compared as they are. */
  same(left: string, right: string, isExpression: boolean): boolean {
    if (left === right) return true;
    const [a, b] = [left, right].map((text) => this.#statements(isExpression ? asQuery(text) : text));
    return a !== null && b !== null && JSON.stringify(a) === JSON.stringify(b);
  }

  /** The conditions that `and` (or `or`) joins in an expression, as texts of their trees. */
  joined(text: string, by: 'and' | 'or'): readonly string[] {
    const target = record(list(record(this.#select(asQuery(text)))['targetList'] ?? null)[0]);
    return operands(record(target['ResTarget'])['val'] ?? null, by);
  }

  /** The columns that an expression names, those of subqueries included. */
  columns(text: string): ReadonlySet<string> {
    const found = new Set<string>();
    walk(this.#statements(asQuery(text)), (kind, body) => {
      if (kind === 'ColumnRef' && 'fields' in body) {
        for (const field of list(body.fields as Json)) {
          const name = record(record(field)['String'])['sval'];
          if (typeof name === 'string') found.add(name);
        }
      }
    });
    return found;
  }

  query(text: string): QueryParts {
    const select = record(this.#select(text));
    const { targetList, fromClause, whereClause, sortClause, limitOption: _o, op: _op, ...others } = select;
    const { distinctClause, groupClause, havingClause, limitCount, limitOffset, ...rest } = others;
    const some = { distinctClause, groupClause, havingClause, limitCount, limitOffset };
    const isCut = Object.values(some).some((part) => part !== undefined);
    return {
      outputs: outputsOf(list(targetList ?? null)),
      from: list(fromClause ?? null),
      conditions: operands(whereClause ?? null, 'and'),
      // Which rows a limit leaves is a matter of their order; else the order of a query means nothing.
      fewer: isCut ? JSON.stringify({ ...some, sortClause }) : '',
      rest: JSON.stringify({ ...rest, op: select['op'] === 'SETOP_NONE' ? null : select['op'] }),
    };
  }

  /** The kinds of statements in a text: `DeleteStmt`, `DropStmt`; nested ones too. */
  kinds(text: string): ReadonlySet<string> {
    const kinds = new Set<string>();
    walk(this.#statements(text), (kind) => {
      if (/(?:Stmt|Call)$/.test(kind)) kinds.add(kind);
    });
    return kinds;
  }

  /** Statements one by one, as texts of their trees. */
  statements(text: string): readonly string[] {
    return (this.#statements(text) ?? [text]).map((one) => JSON.stringify(one));
  }

  #select(text: string): Json {
    const [first] = this.#statements(text) ?? [];
    return record(record(record(first ?? null)['stmt'])['SelectStmt']);
  }

  #statements(text: string): readonly Json[] | null {
    const parsed = this.#parser.parse(text);
    if ('message' in parsed) return null;
    return list(withoutPlaces(parsed.statements));
  }
}

const asQuery = (expression: string): string => `select (${expression}\n)`;

function withoutPlaces(tree: unknown): Json {
  if (Array.isArray(tree)) return tree.map(withoutPlaces);
  if (typeof tree !== 'object' || tree === null) return tree as Json;
  const kept = Object.entries(tree).filter(([name]) => !PLACES.test(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, withoutPlaces(value)]));
}

/** What `and` or `or` joins, however it nests. */
function operands(tree: Json, by: 'and' | 'or'): readonly string[] {
  if (tree === null) return [];
  const joined = record(record(tree)['BoolExpr']);
  if (joined['boolop'] !== (by === 'and' ? 'AND_EXPR' : 'OR_EXPR')) return [JSON.stringify(tree)];
  return list(joined['args'] ?? null).flatMap((one) => operands(one, by));
}

function outputsOf(targets: readonly Json[]): ReadonlyMap<string, string> {
  return new Map(
    targets.map((target) => {
      const { name, val } = record(record(target)['ResTarget']);
      const fields = list(record(record(val ?? null)['ColumnRef'])['fields'] ?? null);
      const last = record(record(fields.at(-1) ?? null)['String'])['sval'];
      const own = typeof name === 'string' ? name : typeof last === 'string' ? last : null;
      return [own ?? JSON.stringify(val ?? null), JSON.stringify(val ?? null)];
    }),
  );
}

const record = (json: Json | undefined): Readonly<Record<string, Json>> =>
  typeof json === 'object' && json !== null && !Array.isArray(json)
    ? (json as Readonly<Record<string, Json>>)
    : {};

const list = (json: Json): readonly Json[] => (Array.isArray(json) ? (json as readonly Json[]) : []);
