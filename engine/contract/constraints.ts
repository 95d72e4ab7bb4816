/** What a constraint or index is, as far as dropping it and building it again goes. */
export type BulkKind = 'unique' | 'index' | 'foreign_key';

/** A unique constraint, an index without one, or an outgoing foreign key of a table. */
export interface BulkObject {
  readonly name: string;
  readonly kind: BulkKind;
  /** Why it must stay in place, as the catalogue tells; null where nothing speaks against dropping it. */
  readonly reason: string | null;
  /** No row can make it fail when it is built again: not unique, no expression, no value of variable length. */
  readonly steady: boolean;
  /** Of a unique index the columns; empty where it has expressions or excludes by operators. Null for all else. */
  readonly unique: readonly string[] | null;
  /** The table's own columns that refer to the table itself; null for all but such foreign keys. */
  readonly own: readonly string[] | null;
}

/** What the catalogue says of a table's constraints and indexes. */
export interface TableConstraints {
  /** Why none of them may be dropped; null where some may be. */
  readonly reason: string | null;
  readonly empty: boolean;
  readonly objects: readonly BulkObject[];
}

/** What a load does with its table's constraints and indexes. */
export interface ConstraintPlan {
  readonly mode: 'keep' | 'rebuild';
  /** Names of what is dropped before the rows and built again behind them. */
  readonly drop: readonly string[];
  /** Why nothing, or not everything, is dropped. */
  readonly reason: string | null;
  /** That little or nothing goes is what to expect of a load behind the first. */
  readonly again?: true;
  /** Those that stay although others are dropped. */
  readonly kept: readonly { readonly name: string; readonly reason: string }[];
  /** Names of all that the table has while rows are loaded; left out where nobody asked the catalogue. */
  readonly stays?: readonly string[];
}

/** How the rows of one mapping are told from others in its table, so that some can be taken away again. */
export interface OwnRows {
  readonly project: string;
  readonly mapping: string;
  /** Schema and table, quoted. */
  readonly table: string;
  readonly found: 'target' | 'key_map';
  /** Columns of the target key; read where `found` is `target`. */
  readonly keys: readonly string[];
  /** Columns of the handle: what `key_map.target_key` holds. */
  readonly handle: readonly string[];
  /** Columns of the source key. */
  readonly sourceKey: number;
  /** By which columns rows of the table refer to which others of it. */
  readonly links: readonly { readonly columns: readonly string[]; readonly referenced: readonly string[] }[];
}

/** A constraint or index that was dropped, or a trigger that was disabled, and how it comes back: a row of `etl.deferred`. */
export interface Deferred {
  readonly object: string;
  readonly kind: BulkKind | 'trigger';
  /** The order of coming back. */
  readonly ordinal: number;
  readonly dropSql: string;
  /** Statements; each leaves nothing undone behind it. */
  readonly createSql: readonly string[];
  /** Makes a foreign key hold for the rows that are there; null for all else. */
  readonly validateSql: string | null;
  /** Selects the `ctid` of each row that stands in its way; null where none can by its value alone. */
  readonly violatorsSql: string | null;
}
