import type { BoundParent, CompiledMapping } from '../../contract/compiled.js';
import type { Parent, References } from '../../contract/mapping.js';
import { givenColumn, referencesOf } from '../../contract/references.js';
import type { BaseType, Scalar } from '../../contract/value.js';
import { quoteName, quoteText, tableRows } from '../../postgres/identifier.js';
import { isNumber } from '../../resolve/value-map.js';
import { samePair } from '../../postgres/undo.js';
import { holdsValue } from './holds-value.js';
import { changedSql, type RunPart } from '../keys/brought.js';
import { pairsOf } from '../keys/pairs.js';

/** A column by which rows of one mapping refer to those of another, or of their own. */
export interface RowLink {
  readonly from: CompiledMapping;
  readonly column: string;
  readonly to: CompiledMapping;
  readonly resolver: References;
  readonly parent: Parent;
  readonly bound: BoundParent;
  /** Among the parents of its column. */
  readonly place: number;
  /** The column of the other table that the value stands in. */
  readonly value: string;
  /** A row that holds such a value may refer to a row of another table: only its source tells. */
  readonly isAmbiguous: boolean;
  /** What becomes of a row whose reference is gone: it goes, too, its mapping fails, or it holds `fallback`. */
  readonly then: 'reject' | 'fail' | 'null';
  readonly fallback: string | null;
}

/** All columns of some mappings that refer to rows of one of them. */
export function rowLinks(all: ReadonlyMap<string, CompiledMapping>): readonly RowLink[] {
  return [...all.values()].flatMap((from) =>
    referencesOf(from).flatMap((reference): RowLink[] => {
      const { column, resolver, parent, bound, place } = reference;
      const to = all.get(parent.mapping.value);
      if (to === undefined) return [];
      const make = from.columns.find((one) => one.column === column)?.make;
      const fallback = scalarText(make?.kind === 'value' ? (make.spec.default?.value ?? null) : null);
      const mayHold = fallback !== null || !column.notNull;
      const then = resolver.missing !== 'null' ? resolver.missing : mayHold ? 'null' : 'reject';
      const value = givenColumn(to, bound);
      const ends = referencesOf(from).filter((other) => other.column === column);
      const isAmbiguous = ends.some((other) => {
        const end = all.get(other.parent.mapping.value);
        return (
          end !== undefined && (end.table.oid !== to.table.oid || givenColumn(end, other.bound) !== value)
        );
      });
      return [
        { from, column: column.name, to, resolver, parent, bound, place, value, isAmbiguous, then, fallback },
      ];
    }),
  );
}

/**
 * The mapping with which a column counts a row that does not refer to one: of a switch the one that it leads to; undefined for
 * the column's first.
 */
export const countedWith = ({ resolver, to }: Pick<RowLink, 'resolver' | 'to'>): string | undefined =>
  resolver.switch === null ? undefined : to.mapping.name;

/** SQL: the canonical key that an entry `p` of second passes asks a link's parent for. */
export const waitsFor = ({ resolver, place }: RowLink): string =>
  resolver.parents.length === 1 ? 'p.reference_key' : `(p.reference_key::jsonb->>${String(place)})`;

const scalarText = (value: Scalar | null): string | null =>
  value === null || value.type === 'null' ? null : value.text;

const handleColumns = (compiled: CompiledMapping): readonly { name: string; type: string }[] =>
  compiled.handle.map((index) => {
    const column = compiled.columns[index]?.column;
    return { name: quoteName(column?.name ?? ''), type: column?.type.sql ?? 'text' };
  });

/** Texts as one: of one alone itself, of several a JSON array as JavaScript writes it. */
const joined = (texts: readonly string[]): string =>
  texts.length === 1
    ? (texts[0] ?? "''")
    : `'[' || ${texts.map((text) => `to_json(${text})::text`).join(` || ',' || `)} || ']'`;

/** SQL: whether a row `t` is the one that a handle names. */
export function isRow(compiled: CompiledMapping, t: string, handle: string): string {
  const columns = handleColumns(compiled);
  const one = columns.length === 1;
  return columns
    .map(({ name, type }, n) =>
      one
        ? `${t}.${name} = (${handle})::${type}`
        : `${t}.${name} = ((${handle})::jsonb->>${String(n)})::${type}`,
    )
    .join(' and ');
}

/** SQL: the handle of a row `t`, as the target writes its values. */
export const handleOfRow = (compiled: CompiledMapping, t: string): string =>
  joined(handleColumns(compiled).map(({ name }) => `${t}.${name}::text`));

/** SQL: a handle as a mapping made it, as the target writes its values. */
export function plainHandle(compiled: CompiledMapping, handle: string): string {
  const columns = handleColumns(compiled);
  if (columns.length === 1) return `(${handle})::${columns[0]?.type ?? 'text'}::text`;
  return joined(columns.map(({ type }, n) => `((${handle})::jsonb->>${String(n)})::${type}::text`));
}

/** A part of a source key in its canonical form: see `canonicalKey`. */
function canonicalPart(sql: string, type: BaseType): string {
  if (type === 'boolean') return `case when ${sql} then 'true' else 'false' end`;
  if (type === 'integer' || !isNumber(type)) return `format('%s', ${sql})`;
  return `trim_scale(format('%s', ${sql})::numeric)::text`;
}

/**
 * SQL: the canonical source key of a row `t`, and the join (of its kept pair, as `k`) that it needs; rows that the mapping
 * did not load have none, or are not joined.
 */
export function keyOfRow(
  compiled: CompiledMapping,
  t: string,
  schema: string,
  k = 'k',
): { readonly key: string; readonly join: string; readonly where: string } {
  if (compiled.found === 'key_map') {
    const names = compiled.handle.map((index) => compiled.columns[index]?.column.name ?? '');
    const on = `${pairsOf(compiled, k)} and ${samePair(names, 'target_key', t, k)}`;
    return { key: `${k}.source_key`, join: `join ${schema}.key_map ${k} on ${on}`, where: 'true' };
  }
  const parts = compiled.targetKey.map((index, n) => ({
    sql: `${t}.${quoteName(compiled.columns[index]?.column.name ?? '')}`,
    type: compiled.fields[compiled.key[n] ?? -1]?.type.base ?? 'text',
  }));
  return {
    key: joined(parts.map(({ sql, type }) => canonicalPart(sql, type))),
    join: '',
    where: parts.map(({ sql }) => `${sql} is not null`).join(' and '),
  };
}

/** The pairs of a row `t` and a row `m` whose value it holds, with their canonical keys. @param named that of `m`, too */
export function linkPairs(
  link: RowLink,
  schema: string,
  named: boolean,
): { readonly pairs: string; readonly where: string; readonly key: string; readonly parentKey: string } {
  const { from, to, column, value, bound } = link;
  const child = keyOfRow(from, 't', schema);
  const parent = keyOfRow(to, 'm', schema, 'km');
  return {
    pairs: `${tableRows(from.table)} t join ${tableRows(to.table)} m on ${holdsValue(`t.${quoteName(column)}`, `m.${quoteName(value)}`, bound)}
      ${child.join} ${named ? parent.join : ''}`,
    where: named ? `${child.where} and ${parent.where}` : child.where,
    key: child.key,
    parentKey: parent.key,
  };
}

/** SQL: the entries `p` of second passes of one mapping, of all runs of the project. */
export const passesOf = (schema: string, { project, mapping }: CompiledMapping): string =>
  `p.mapping = ${quoteText(mapping.name)} and p.run in (select run from ${schema}.runs where project = ${quoteText(project)})`;

/** SQL: whether the row of an entry `p` was inserted by a run that had not completed it: no whole row of it was ever there. */
export const provisionalSql = (schema: string, compiled: CompiledMapping): string =>
  `(p.inserted or p.target_key in (select p.target_key from ${schema}.second_pass p
    where ${passesOf(schema, compiled)} and p.inserted))`;

/**
 * SQL: the run has changed the row `t` of the mapping, and it was whole before: what a rejected row goes back to. One that
 * an earlier run has left without its second pass never was.
 */
export const wasWholeSql = (part: RunPart): string =>
  `(${changedSql(part)} and not exists (select from ${part.schema}.second_pass p
    where ${passesOf(part.schema, part.compiled)} and p.inserted and ${isRow(part.compiled, 't', 'p.target_key')}))`;
