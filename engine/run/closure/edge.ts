/**
 * A way by which rows refer to rows. Its SQL calls the row that refers `t` and the one that it refers to `m`; both are
 * known by their place, `(tableoid, ctid)`, and by a number of what they are rows of: a row that two mappings fill is two.
 */
export interface Edge {
  readonly from: number;
  readonly to: number;
  /** `from` items of all pairs of `t` and `m`. */
  readonly pairs: string;
  /** What else must hold of a pair. */
  readonly where: string;
  /** Of a pair: whether what refers to `t` is reached through it. */
  readonly onwards: string;
  /**
   * Null where the pairs are what the database holds. Else what must be awaited before they are asked for, and they are
   * known for members alone: such a way is gone step by step.
   */
  readonly ask: (() => Promise<void>) | null;
}

/** The place of a row as two columns. */
export const placeOf = (row: 't' | 'm'): string => `${row}.tableoid, ${row}.ctid`;

/** SQL: the row is the one of an entry of the closure's tables, or of its parent. */
export const isAt = (row: 't' | 'm', entry: string, parent = false): string => {
  const prefix = parent ? 'p_' : '';
  return `${entry}.${prefix}at = ${row}.ctid and ${entry}.${prefix}tab = ${row}.tableoid`;
};
