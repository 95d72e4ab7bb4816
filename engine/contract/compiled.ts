import type { Reject } from './batch.js';
import type { PgType, Table, TableColumn } from './catalogue.js';
import type { ColumnSpec, IdentityStrategy, Mapping, RuleSpec } from './mapping.js';
import type { Position } from './problem.js';
import type { BaseType } from './value.js';

/** Of several source rows with one key: another one is kept, or it cannot be told which. */
export const DUPLICATE = { other: 1, tied: 2 } as const;

/** A column of the reader's select list. */
export interface Field {
  /** The source column, or a name made for an expression. */
  readonly name: string;
  /** Its text in the select list, over the alias `q`. */
  readonly sql: string;
  readonly type: PgType;
  /** Its values are masked wherever they are shown. */
  readonly sensitive: boolean;
}

/** A mapping bound to both catalogues: all names are resolved, all types known; plain data. */
export interface CompiledMapping {
  /** The project's name: key pairs are kept by project and mapping. */
  readonly project: string;
  readonly mapping: Mapping;
  /** The source's rows, to stand in `from (…) q`. */
  readonly rowsSql: string;
  readonly fields: readonly Field[];
  /** Indices into `fields`, in the order of the key. */
  readonly key: readonly number[];
  /** The source has no key: rows have a number of this load instead, and are loaded in one transaction. */
  readonly keyless: boolean;
  /** The catalogue holds that the key is unique; else the stream is checked. */
  readonly keyUnique: boolean;
  /** The field that holds the number, from 1, of the first `skip_when` condition that holds, or null. */
  readonly skip: {
    readonly field: number;
    readonly names: readonly string[];
    /** Rows that are skipped but count as rejected, by their keys: they were, and nothing has made them good. */
    readonly rejected?: ReadonlyMap<string, Reject>;
  } | null;
  /**
   * Which of several rows with one key is kept: the field is null for it, else one of {@link DUPLICATE}. Null where all
   * rows that share a key are rejected, or where none can.
   */
  readonly kept: { readonly field: number } | null;
  /** What delta runs go by; null where every run reads everything. */
  readonly changedAt: {
    /** Over the alias `q`. */
    readonly sql: string;
    readonly type: 'timestamptz' | 'timestamp' | 'date';
    /** Seconds; null where the mapping leaves it to the engine. */
    readonly overlap: number | null;
  } | null;
  readonly table: Table;
  /** What is written, in the order of the COPY's column list. */
  readonly columns: readonly CompiledColumn[];
  readonly identity: CompiledIdentity | null;
  /** Indices into `columns`: the identity, or else the target key. How a loaded row is found for an update. */
  readonly handle: readonly number[];
  /** Indices into `columns` of `target.key`. */
  readonly targetKey: readonly number[];
  /**
   * `target`: the source key stands in the target's key columns, so loaded rows are found there.
   * `key_map`: the pair of keys is kept in the state schema.
   */
  readonly found: 'target' | 'key_map';
  /** Whether the target's key columns hold the source key just as it came, shared or not. */
  readonly holdsKey: boolean;
  /** The other mappings of the project that load the table, selected or not. */
  readonly sharedWith: readonly SharedWith[];
  readonly rules: readonly CompiledRule[];
  /** Source columns that nothing uses and nothing ignores. */
  readonly unmapped: readonly string[];
  /** Target columns left to the database's default. */
  readonly defaulted: readonly string[];
}

/** Another mapping that loads the same table. */
export interface SharedWith {
  readonly mapping: string;
  /** The columns that its kept pairs find a row by; empty where it has none. */
  readonly handle: readonly string[];
  /** The columns that it lists. */
  readonly columns: readonly string[];
  /** Both say `merge: true`: they fill different columns of one row. */
  readonly merges: boolean;
}

export interface CompiledIdentity {
  readonly strategy: IdentityStrategy;
  readonly column: TableColumn;
  /** Index into `columns`. */
  readonly index: number;
}

export interface CompiledRule {
  readonly rule: RuleSpec;
  /** For `sql`: the boolean field; for others the columns' indices. `unique` speaks of all rows at once. */
  readonly test:
    | { readonly kind: 'sql'; readonly field: number }
    | {
        readonly kind: 'rule' | 'unique';
        readonly columns: readonly number[];
        readonly types: readonly BaseType[];
      };
}

export interface CompiledColumn {
  readonly column: TableColumn;
  readonly at: Position;
  readonly make: ColumnMake;
  /** Differs from run to run (`generate: now`, `run: id`, …): not compared with the row that exists. */
  readonly volatile: boolean;
}

export type ColumnMake =
  /** The field's bytes as they came, after the catalogue's checks. */
  | { readonly kind: 'bytes'; readonly field: number; readonly checks: readonly Check[] }
  /** The engine's own id. */
  | { readonly kind: 'identity'; readonly strategy: IdentityStrategy }
  | {
      readonly kind: 'value';
      readonly spec: ColumnSpec;
      readonly origin: BoundOrigin;
      readonly checks: readonly Check[];
      /** What the keys of a map or look-up compare as; empty where neither stands there. */
      readonly keyTypes: readonly BaseType[];
      /** Of a reference; else null. */
      readonly reference: BoundReference | null;
    };

/** A reference bound to the mappings that it may lead to. */
export interface BoundReference {
  /** One for each parent of its resolver. */
  readonly parents: readonly BoundParent[];
  /** The field that tells the parent of a row; null where the first that has the key is taken. */
  readonly switch: { readonly field: number; readonly type: BaseType } | null;
}

export interface BoundParent {
  /** What the parts of its key compare as. */
  readonly keyTypes: readonly BaseType[];
  /** The target column whose value references give; null where that is what the row is found by. */
  readonly yields: string | null;
  /** The column is of text and holds the value's text, since it may lead to several mappings. */
  readonly asText: boolean;
  /** Its rows may come later than those that refer to them: a second pass completes these. */
  readonly isLate: boolean;
}

/** An origin with its fields found. */
export type BoundOrigin =
  | { readonly kind: 'fields'; readonly fields: readonly number[] }
  | { readonly kind: 'constant'; readonly text: string | null; readonly json: string }
  | {
      readonly kind: 'object';
      readonly entries: readonly { readonly key: string; readonly origin: BoundOrigin }[];
    }
  | { readonly kind: 'array'; readonly items: readonly BoundOrigin[] }
  | { readonly kind: 'generate'; readonly what: 'now' | 'uuid7' | 'uuid5' }
  | { readonly kind: 'run'; readonly what: 'id' | 'started_at' | 'mapping' }
  | { readonly kind: 'key' }
  | { readonly kind: 'row'; readonly fields: readonly number[] };

/** What the catalogue decides about a value, so that the database need not refuse it. */
export type Check =
  | { readonly kind: 'not_null' }
  | { readonly kind: 'integer'; readonly min: bigint; readonly max: bigint }
  /** `scale` null: any number of digits behind the point. */
  | { readonly kind: 'digits'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'number' }
  | { readonly kind: 'length'; readonly max: number; readonly exact: boolean; readonly padded: boolean }
  | { readonly kind: 'labels'; readonly labels: readonly string[] }
  | { readonly kind: 'uuid' }
  | { readonly kind: 'boolean' };
