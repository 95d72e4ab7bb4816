import { quoteName, quoteText } from './identifier.js';

/** Whose change it is that is written down. */
export interface UndoOwner {
  /** The state schema, quoted. */
  readonly schema: string;
  readonly run: string;
  readonly mapping: string;
}

/** What is written down of a row. */
export interface UndoColumns {
  /** The columns that find the row again. */
  readonly handle: readonly string[];
  /** The columns whose values are kept. */
  readonly names: readonly string[];
}

/** A row `t`'s handle as `key_map.target_key` has it. */
export function handleText(handle: readonly string[]): string {
  const texts = handle.map((name) => `t.${quoteName(name)}::text`);
  return texts.length === 1 ? (texts[0] ?? 'null') : `jsonb_build_array(${texts.join(', ')})::text`;
}

/** How a row `t` equals a kept pair `k`, or what else holds a row's handle, by the names of its handle. */
export function samePair(
  handle: readonly string[],
  kept: 'target_key' | 'handle' = 'target_key',
  t = 't',
  k = 'k',
): string {
  const names = handle.map((name) => `${t}.${quoteName(name)}::text`);
  return names.length === 1
    ? `${names[0] ?? ''} = ${k}.${kept}`
    : `jsonb_build_array(${names.join(', ')}) = ${k}.${kept}::jsonb`;
}

/** The texts of a row `t`'s columns by name, as jsonb; arrays, since a function takes a hundred arguments at the most. */
export const textsByName = (names: readonly string[]): string =>
  `jsonb_object(array[${names.map(quoteText).join(', ')}]::text[],
    array[${names.map((name) => `t.${quoteName(name)}::text`).join(', ')}]::text[])`;

/**
 * The begin of a statement that writes down rows `t` before they are updated: what follows is its `from`.
 * The oldest entry of a row counts, so that later ones of the same run do no harm.
 */
export const undoSql = ({ schema, run, mapping }: UndoOwner, { handle, names }: UndoColumns): string =>
  `insert into ${schema}.undo (run, mapping, kind, handle, was_xid, was)
    select ${quoteText(run)}, ${quoteText(mapping)}, 'updated', ${handleText(handle)}, t.xmin::text::bigint,
      ${textsByName(names)}`;

/** SQL that says that the transaction writes rows of the mapping, where no batch says it. */
export const wroteSql = ({ schema, run, mapping }: UndoOwner): string =>
  `insert into ${schema}.batches (run, mapping) values (${quoteText(run)}, ${quoteText(mapping)})`;

/** The query of the transaction ids that rows written by a run carry as `xmin`: the lower 32 bits, as numbers. */
export const ownXidsSql = (schema: string, condition: string): string =>
  `select b.xid & 4294967295 from ${schema}.batches b where ${condition}
   union select unnest(b.xids) from ${schema}.batches b where ${condition}`;

/**
 * A statement that writes down deleted rows, but for those that the run had made itself. A row that it has changed before
 * is written down as it is now: what it was before stands in its older entry, which counts.
 * @param taken gives of each `h`, `xid` (its xmin), `was` (see {@link textsByName}), `kept` and `pair_run` of its pair
 */
export function undoDeletedSql({ schema, run, mapping }: UndoOwner, taken: string): string {
  const own = ownXidsSql(schema, `b.run = ${quoteText(run)}`);
  return `insert into ${schema}.undo (run, mapping, kind, handle, was_xid, was, source_key, pair_run)
    select ${quoteText(run)}, ${quoteText(mapping)}, 'deleted', d.h::text, d.xid, d.was, d.kept, d.pair_run
    from ${taken} d where d.xid not in (${own}) or exists (select from ${schema}.undo u where u.run = ${quoteText(run)}
      and u.mapping = ${quoteText(mapping)} and u.kind = 'updated' and u.handle = d.h::text and u.was_xid not in (${own}))`;
}
