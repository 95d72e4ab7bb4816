import type { JoinExpr, Node, RangeVar, ResTarget, SelectStmt, Alias } from 'libpg-query';
import { figureName } from './names.js';
import { stringOf } from './walk.js';

/** A column that a query gives. */
export interface Output {
  readonly name: string;
  /** Bytes from the beginning of the text to where the query names it; undefined where it does not. */
  readonly location: number | undefined;
}

/** Null where a catalogue alone could tell. */
type Outputs = readonly Output[] | null;

/** The queries under `with` that a name may mean. */
type Scope = ReadonlyMap<string, Outputs>;

/** The columns that a select gives, in their order, as far as its text alone decides them. */
export function outputsOf(select: SelectStmt, outer: Scope = new Map()): Outputs {
  const scope = withScope(select, outer);
  if (select.op !== undefined && select.op !== 'SETOP_NONE') {
    return select.larg === undefined ? null : outputsOf(select.larg, scope);
  }
  const [values] = select.valuesLists ?? [];
  if (values !== undefined) {
    const items = 'List' in values ? (values.List.items ?? []) : [];
    return items.map((_, n) => ({ name: `column${String(n + 1)}`, location: undefined }));
  }
  return together((select.targetList ?? []).map((node) => ofTarget(node, select.fromClause ?? [], scope)));
}

function withScope({ withClause }: SelectStmt, outer: Scope): Scope {
  if (withClause === undefined) return outer;
  const scope = new Map(outer);
  const tables = (withClause.ctes ?? []).flatMap((node) =>
    'CommonTableExpr' in node ? [node.CommonTableExpr] : [],
  );
  // A recursive query may speak of those behind it and of itself: of them nothing is known then.
  if (withClause.recursive === true) for (const { ctename = '' } of tables) scope.set(ctename, null);
  for (const { ctename = '', aliascolnames, ctequery, search_clause, cycle_clause } of tables) {
    const known = ctequery !== undefined && 'SelectStmt' in ctequery && !search_clause && !cycle_clause;
    const given = known ? outputsOf(ctequery.SelectStmt, scope) : null;
    scope.set(ctename, renamed(given, aliascolnames));
  }
  return scope;
}

function ofTarget(node: Node, from: readonly Node[], scope: Scope): Outputs {
  if (!('ResTarget' in node)) return null;
  const { name, val, location }: ResTarget = node.ResTarget;
  const fields = val !== undefined && 'ColumnRef' in val ? (val.ColumnRef.fields ?? []) : [];
  const last = fields.at(-1);
  if (last === undefined || !('A_Star' in last)) {
    const figured = name ?? figureName(val);
    return figured === null ? null : [{ name: figured, location }];
  }
  const [table] = fields;
  const all = fields.length === 1 ? together(from.map((item) => ofRange(item, scope))) : null;
  const found = fields.length === 2 ? ofTable(stringOf(table), from, scope) : all;
  return found?.map((output) => ({ name: output.name, location })) ?? null;
}

/** What an item under `from` gives to `*`. */
function ofRange(node: Node, scope: Scope): Outputs {
  if ('RangeVar' in node) return aliased(ofName(node.RangeVar, scope), node.RangeVar.alias);
  if ('RangeSubselect' in node) {
    const { subquery, alias } = node.RangeSubselect;
    const given =
      subquery !== undefined && 'SelectStmt' in subquery ? outputsOf(subquery.SelectStmt, scope) : null;
    return aliased(given, alias);
  }
  return 'JoinExpr' in node ? aliased(ofJoin(node.JoinExpr, scope), node.JoinExpr.alias) : null;
}

function ofName({ schemaname, relname }: RangeVar, scope: Scope): Outputs {
  return schemaname === undefined ? (scope.get(relname ?? '') ?? null) : null;
}

/** `using` columns come first and once. */
function ofJoin({ isNatural, larg, rarg, usingClause = [] }: JoinExpr, scope: Scope): Outputs {
  const left = larg === undefined ? null : ofRange(larg, scope);
  const right = rarg === undefined ? null : ofRange(rarg, scope);
  if (isNatural === true || left === null || right === null) return null;
  const merged = new Set(usingClause.map(stringOf));
  const others = [...left, ...right].filter(({ name }) => !merged.has(name));
  return [...left.filter(({ name }) => merged.has(name)), ...others];
}

/** What `table.*` stands for: the item of that name, within joins too. */
function ofTable(table: string | null, from: readonly Node[], scope: Scope): Outputs {
  const inner = (node: Node): readonly Node[] => {
    if ('RangeVar' in node) {
      return (node.RangeVar.alias?.aliasname ?? node.RangeVar.relname) === table ? [node] : [];
    }
    if ('RangeSubselect' in node) return node.RangeSubselect.alias?.aliasname === table ? [node] : [];
    if (!('JoinExpr' in node)) return [];
    const { alias } = node.JoinExpr;
    if (alias !== undefined) return alias.aliasname === table ? [node] : [];
    return [node.JoinExpr.larg, node.JoinExpr.rarg].flatMap((side) =>
      side === undefined ? [] : inner(side),
    );
  };
  const [only, second] = from.flatMap(inner);
  return only === undefined || second !== undefined ? null : ofRange(only, scope);
}

const aliased = (given: Outputs, alias: Alias | undefined): Outputs => renamed(given, alias?.colnames);

/** `as t(a, b)`: the first columns get these names. */
function renamed(given: Outputs, names: readonly Node[] = []): Outputs {
  return given?.map((output, n) => ({ ...output, name: stringOf(names[n]) ?? output.name })) ?? null;
}

function together(parts: readonly Outputs[]): Outputs {
  const known = parts.filter((part) => part !== null);
  return known.length < parts.length ? null : known.flat();
}
