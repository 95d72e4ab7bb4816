import type { Position } from '../contract/problem.js';
import type { SqlText } from '../contract/sql-text.js';
import type { Json, Scalar } from '../contract/value.js';
import { resolvePlain } from '../mapping/scalars.js';
import type { SqlTrees } from '../sql/index.js';

/** SQL within a value: two of them are the same where PostgreSQL's parser makes one tree of both. */
export class SqlPart {
  constructor(
    readonly text: string,
    readonly isExpression: boolean,
  ) {}

  static of({ value }: SqlText, isExpression: boolean): SqlPart {
    return new SqlPart(value, isExpression);
  }
}

/** A value in normal form: scalars are shown with their type, keys have no order, lists have. */
export type FacetValue =
  null | boolean | number | string | SqlPart | readonly FacetValue[] | { readonly [key: string]: FacetValue };

/** Keys and indices from a file's root. */
export type Path = readonly (string | number)[];

/** One thing that a project says, with the place where it does. */
export interface Facet {
  /** What it is within its mapping: facets of one id are compared with each other. */
  readonly id: readonly string[];
  /** The key of the language by which a change of it is judged. */
  readonly key: string;
  /** `column title: steps`. */
  readonly what: string;
  readonly value: FacetValue;
  /** What tells whether it differs, where that is not the whole value. */
  readonly compared?: FacetValue;
  /** In words, where the value itself is not meant to be read. */
  readonly shown?: string;
  /** A difference says all: facets whose id begins with this one's are not looked at then. */
  readonly whole?: true;
  /** The target column that it is part of; else null. */
  readonly column: string | null;
  /** Where it stands in the file of `near`; as much of the path counts as there is. */
  readonly path: Path;
  /** In etl.yaml, where `path` is not in the mapping. */
  readonly orElse?: Path;
  /** Known place: what `path` does not find. */
  readonly near: Position;
}

export const scalarText = ({ type, text }: Scalar): string =>
  type === 'null' ? 'null' : type === 'string' ? quotedText(text) : text;

/** Text as YAML needs it: quoted where it would be another type without. */
const quotedText = (text: string): string =>
  resolvePlain(text).type === 'string' && /^[^\s"'[\]{},#&*!|>%@`:?-][^"'[\]{},#]*$/.test(text)
    ? text
    : JSON.stringify(text);

/** A value in one line, as YAML might have it. */
export function show(value: FacetValue): string {
  if (value instanceof SqlPart) return value.text.replace(/\s+/g, ' ').trim();
  if (typeof value === 'string') return value;
  if (isList(value)) return `[${value.map(show).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value as Record<string, FacetValue>).filter(([, each]) => each !== null);
    return entries.length === 0 ? '{}' : `{ ${entries.map(([k, v]) => `${k}: ${show(v)}`).join(', ')} }`;
  }
  return String(value);
}

/** JSON of an argument as a value: texts quoted where they need it. */
export function jsonValue(json: Json): FacetValue {
  if (typeof json === 'string') return quotedText(json);
  if (Array.isArray(json)) return (json as readonly Json[]).map(jsonValue);
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(Object.entries(json as Record<string, Json>).map(([k, v]) => [k, jsonValue(v)]));
}

/** Whether two values mean the same. */
export function same(left: FacetValue, right: FacetValue, sql: SqlTrees): boolean {
  if (left === right) return true;
  if (left instanceof SqlPart || right instanceof SqlPart) {
    return (
      left instanceof SqlPart &&
      right instanceof SqlPart &&
      sql.same(left.text, right.text, left.isExpression)
    );
  }
  if (isList(left) || isList(right)) {
    if (!isList(left) || !isList(right) || left.length !== right.length) return false;
    return left.every((one, n) => same(one, right[n] ?? null, sql));
  }
  if (!isMap(left) || !isMap(right)) return false;
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...names].every((name) => same(left[name] ?? null, right[name] ?? null, sql));
}

/** The path to the first difference of two lists or maps, as far as both go. */
export function firstDifference(left: FacetValue, right: FacetValue, sql: SqlTrees): Path {
  if (isList(left) && isList(right)) {
    const n = right.findIndex((one, at) => !same(left[at] ?? null, one, sql));
    return n < 0 ? [] : [n, ...firstDifference(left[n] ?? null, right[n] ?? null, sql)];
  }
  if (isMap(left) && isMap(right)) {
    const found = Object.entries(right).find(([name, one]) => !same(left[name] ?? null, one, sql));
    return found === undefined ? [] : [found[0], ...firstDifference(left[found[0]] ?? null, found[1], sql)];
  }
  return [];
}

export const isList = (value: FacetValue): value is readonly FacetValue[] => Array.isArray(value);

/** A map's values by key; of any other value none. */
export const mapOf = (value: FacetValue): Readonly<Record<string, FacetValue>> => (isMap(value) ? value : {});

const isMap = (value: FacetValue): value is Readonly<Record<string, FacetValue>> =>
  typeof value === 'object' && value !== null && !isList(value) && !(value instanceof SqlPart);
