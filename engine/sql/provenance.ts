import type { JoinExpr, Node, SelectStmt } from 'libpg-query';
import { figureName } from './names.js';
import type { Parser } from './parser.js';
import { stringOf, walk } from './walk.js';

/** Where a column of a query comes from. */
export interface Provenance {
  /** `table.column`, schema first where the query names it; `?.column` where its text does not say which table. */
  readonly columns: readonly string[];
  /** It goes over as it is; else it is computed from them. */
  readonly direct: boolean;
}

/** What stands under `from`, by the name that columns are qualified with. */
interface Relation {
  readonly alias: string;
  /** Null for a name that it does not have, or that nobody can tell. */
  readonly column: (name: string) => Provenance | null;
  /** Its columns where the text alone says them; null for a table. */
  readonly names: readonly string[] | null;
}

/** The columns of a query by name; of a table under `*` every name is one of its columns. */
export interface QueryProvenance {
  readonly of: (column: string) => Provenance | null;
}

type Scope = ReadonlyMap<string, Given>;

/** What a select gives. */
interface Given {
  readonly columns: readonly (readonly [name: string, from: Provenance])[];
  /** Tables whose every column it gives, since it says `*`. */
  readonly open: readonly Relation[];
}

/** Where the columns of a query come from, as far as its text says it; null for what is no single select. */
export function provenanceOf(text: string, parser: Parser): QueryProvenance | null {
  const parsed = parser.parse(text);
  if ('message' in parsed) return null;
  const [first] = parsed.statements;
  const node = first?.stmt;
  if (node === undefined || !('SelectStmt' in node)) return null;
  const given = givenBy(node.SelectStmt, new Map(), []);
  return { of: (column) => found(given, column) };
}

function found({ columns, open }: Given, name: string): Provenance | null {
  const own = columns.find(([column]) => column === name);
  if (own !== undefined) return own[1];
  const [only, second] = open;
  if (only === undefined) return null;
  return second === undefined ? only.column(name) : { columns: [`?.${name}`], direct: true };
}

function givenBy(select: SelectStmt, outer: Scope, above: readonly Relation[]): Given {
  const scope = new Map(outer);
  for (const node of select.withClause?.ctes ?? []) {
    if (!('CommonTableExpr' in node)) continue;
    const { ctename = '', ctequery, aliascolnames } = node.CommonTableExpr;
    const inner = ctequery !== undefined && 'SelectStmt' in ctequery ? ctequery.SelectStmt : null;
    const recursive = select.withClause?.recursive === true && inner?.larg !== undefined;
    // Of a recursive query its first part says where rows come from.
    const whole = recursive ? inner.larg : inner;
    if (whole !== undefined && whole !== null)
      scope.set(ctename, renamed(givenBy(whole, scope, above), aliascolnames));
  }
  if (select.larg !== undefined && select.rarg !== undefined) {
    return both(givenBy(select.larg, scope, above), givenBy(select.rarg, scope, above));
  }
  const relations = (select.fromClause ?? []).flatMap((node) => relationsOf(node, scope, above));
  const columns: (readonly [string, Provenance])[] = [];
  const open: Relation[] = [];
  for (const node of select.targetList ?? []) {
    if (!('ResTarget' in node) || node.ResTarget.val === undefined) continue;
    const { name, val } = node.ResTarget;
    const stars = starOf(val, relations);
    for (const one of stars ?? []) {
      if (one.names === null) open.push(one);
      for (const column of one.names ?? []) columns.push([column, one.column(column) ?? NOTHING]);
    }
    if (stars === null)
      columns.push([name ?? figureName(val) ?? '?column?', ofValue(val, relations, scope, above)]);
  }
  return { columns, open };
}

const NOTHING: Provenance = { columns: [], direct: false };

/** The relations of `*` or `t.*`; null for any other value. */
function starOf(value: Node, relations: readonly Relation[]): readonly Relation[] | null {
  const fields = 'ColumnRef' in value ? (value.ColumnRef.fields ?? []) : [];
  const last = fields.at(-1);
  if (last === undefined || !('A_Star' in last)) return null;
  const alias = stringOf(fields.at(-2));
  return alias === null ? relations : relations.filter((one) => one.alias === alias);
}

/** A column that is named, or what an expression is computed from. */
function ofValue(
  value: Node,
  relations: readonly Relation[],
  scope: Scope,
  above: readonly Relation[],
): Provenance {
  if ('ColumnRef' in value) return named(value.ColumnRef.fields ?? [], relations, above);
  const from = new Set<string>();
  walk(
    value,
    (kind, body) => {
      if (kind === 'ColumnRef' && 'fields' in body) {
        const { columns } = named(body.fields as readonly Node[], relations, above);
        for (const column of columns) from.add(column);
      } else if (kind === 'SubLink' && 'subselect' in body) {
        const inner = body.subselect as Node;
        if (!('SelectStmt' in inner)) return;
        const given = givenBy(inner.SelectStmt, scope, [...relations, ...above]);
        for (const [, { columns }] of given.columns) for (const column of columns) from.add(column);
      }
    },
    (kind) => kind !== 'SubLink',
  );
  return { columns: [...from], direct: false };
}

function named(
  fields: readonly Node[],
  relations: readonly Relation[],
  above: readonly Relation[],
): Provenance {
  const names = fields.map(stringOf);
  const column = names.at(-1);
  if (column === null || column === undefined) return NOTHING;
  const alias = names.at(-2) ?? null;
  if (alias !== null) {
    const relation = [...relations, ...above].find((one) => one.alias === alias);
    return relation?.column(column) ?? { columns: [`${alias}.${column}`], direct: true };
  }
  const told = relations.filter((one) => one.names?.includes(column) === true);
  const tables = relations.filter((one) => one.names === null);
  const [only, second] = told.length > 0 ? told : tables;
  if (only === undefined) return above.length === 0 ? NOTHING : named(fields, above, []);
  return second === undefined && (told.length === 0 || tables.length === 0)
    ? (only.column(column) ?? NOTHING)
    : { columns: [`?.${column}`], direct: true };
}

function relationsOf(node: Node, scope: Scope, above: readonly Relation[]): readonly Relation[] {
  if ('RangeVar' in node) {
    const { schemaname, relname = '', alias } = node.RangeVar;
    const name = alias?.aliasname ?? relname;
    const known = schemaname === undefined ? scope.get(relname) : undefined;
    if (known !== undefined) return [relationOf(name, renamed(known, alias?.colnames))];
    const table = schemaname === undefined ? relname : `${schemaname}.${relname}`;
    const column = (own: string): Provenance => ({ columns: [`${table}.${own}`], direct: true });
    return [{ alias: name, column, names: null }];
  }
  if ('RangeSubselect' in node) {
    const { subquery, alias, lateral } = node.RangeSubselect;
    if (subquery === undefined || !('SelectStmt' in subquery)) return [];
    const given = givenBy(subquery.SelectStmt, scope, lateral === true ? above : []);
    return [relationOf(alias?.aliasname ?? '', renamed(given, alias?.colnames))];
  }
  return 'JoinExpr' in node ? joined(node.JoinExpr, scope, above) : [];
}

function joined(
  { larg, rarg, alias }: JoinExpr,
  scope: Scope,
  above: readonly Relation[],
): readonly Relation[] {
  const left = larg === undefined ? [] : relationsOf(larg, scope, above);
  const right = rarg === undefined ? [] : relationsOf(rarg, scope, [...left, ...above]);
  const sides = [...left, ...right];
  return alias?.aliasname === undefined
    ? sides
    : sides.map((one) => ({ ...one, alias: alias.aliasname ?? one.alias }));
}

function relationOf(alias: string, given: Given): Relation {
  return {
    alias,
    column: (name) => found(given, name),
    names: given.open.length === 0 ? given.columns.map(([name]) => name) : null,
  };
}

/** `as t(a, b)`: the first columns get these names. */
function renamed(given: Given, names: readonly Node[] = []): Given {
  if (names.length === 0) return given;
  return { ...given, columns: given.columns.map(([name, from], n) => [stringOf(names[n]) ?? name, from]) };
}

/** Of `union` and its like: column by column what both sides give; the names are the left one's. */
function both(left: Given, right: Given): Given {
  const columns = left.columns.map(([name, one], n) => {
    const other = right.columns[n]?.[1] ?? NOTHING;
    return [
      name,
      { columns: [...new Set([...one.columns, ...other.columns])], direct: one.direct && other.direct },
    ] as const;
  });
  return { columns, open: [...left.open, ...right.open] };
}
