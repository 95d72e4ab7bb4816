import type { Node } from 'libpg-query';
import { stringOf } from './walk.js';

/** A name that PostgreSQL gives a column, and whether the next node around it may give it a better one. */
interface Figured {
  readonly name: string;
  readonly strong: boolean;
}

const NONE: Figured = { name: '?column?', strong: false };

/**
 * The name that PostgreSQL gives an expression without `as` (FigureColname in parse_target.c); null where its
 * releases differ or the rule is not known here.
 */
export function figureName(node: Node | undefined): string | null {
  return figure(node)?.name ?? null;
}

/** Kinds of nodes that have one fixed name. */
const FIXED: Readonly<Record<string, string>> = {
  A_ArrayExpr: 'array',
  RowExpr: 'row',
  CoalesceExpr: 'coalesce',
  GroupingFunc: 'grouping',
  XmlSerialize: 'xmlserialize',
  JsonParseExpr: 'json',
  JsonScalarExpr: 'json_scalar',
  JsonSerializeExpr: 'json_serialize',
  JsonObjectConstructor: 'json_object',
  JsonArrayConstructor: 'json_array',
  JsonArrayQueryConstructor: 'json_array',
  JsonObjectAgg: 'json_objectagg',
  JsonArrayAgg: 'json_arrayagg',
};

/** Kinds of nodes that PostgreSQL gives no name. */
const NAMELESS: ReadonlySet<string> = new Set(['BoolExpr', 'NullTest', 'BooleanTest', 'ParamRef']);

function figure(node: Node | undefined): Figured | null {
  if (node === undefined) return NONE;
  const [kind = ''] = Object.keys(node);
  const fixed = FIXED[kind];
  if (fixed !== undefined) return { name: fixed, strong: true };
  if (NAMELESS.has(kind)) return NONE;
  if ('ColumnRef' in node) return strong(stringOf(node.ColumnRef.fields?.at(-1)));
  if ('FuncCall' in node) return ofFunction(stringOf(node.FuncCall.funcname?.at(-1)));
  if ('A_Const' in node) return node.A_Const.boolval === undefined ? NONE : null;
  if ('A_Expr' in node) return node.A_Expr.kind === 'AEXPR_NULLIF' ? strong('nullif') : NONE;
  if ('CollateClause' in node) return figure(node.CollateClause.arg);
  if ('TypeCast' in node) {
    return better(figure(node.TypeCast.arg), stringOf(node.TypeCast.typeName?.names?.at(-1)));
  }
  if ('CaseExpr' in node) return better(figure(node.CaseExpr.defresult), 'case');
  if ('A_Indirection' in node) {
    const field = node.A_Indirection.indirection?.map(stringOf).findLast((name) => name !== null);
    return field === undefined ? figure(node.A_Indirection.arg) : strong(field);
  }
  if ('MinMaxExpr' in node) return strong(node.MinMaxExpr.op === 'IS_LEAST' ? 'least' : 'greatest');
  if ('SQLValueFunction' in node) {
    return strong((node.SQLValueFunction.op ?? '').replace(/^SVFOP_|_N$/g, '').toLowerCase());
  }
  if ('SubLink' in node) return ofSubquery(node.SubLink);
  return null;
}

const strong = (name: string | null): Figured | null => (name === null ? null : { name, strong: true });

/** `extract` is called `date_part` before PostgreSQL 14. */
const ofFunction = (name: string | null): Figured | null => (name === 'extract' ? null : strong(name));

/** A weak name gives way to `other`. */
function better(inner: Figured | null, other: string | null): Figured | null {
  if (inner === null || inner.strong) return inner;
  return other === null ? null : { name: other, strong: false };
}

function ofSubquery({
  subLinkType,
  subselect,
}: Extract<Node, { SubLink: unknown }>['SubLink']): Figured | null {
  if (subLinkType === 'EXISTS_SUBLINK') return strong('exists');
  if (subLinkType === 'ARRAY_SUBLINK') return strong('array');
  if (subLinkType !== 'EXPR_SUBLINK') return NONE;
  const select = subselect !== undefined && 'SelectStmt' in subselect ? subselect.SelectStmt : null;
  const [first] = select?.targetList ?? [];
  if (first === undefined || !('ResTarget' in first)) return null;
  const { name, val } = first.ResTarget;
  return name === undefined ? figure(val) : strong(name);
}
