import type { CheckSpec } from './check.js';
import type { AcceptedException } from './exception.js';
import type { Located, Position } from './problem.js';
import type { SqlText } from './sql-text.js';
import type { Threshold } from './threshold.js';
import type { Json, Scalar } from './value.js';

/** A project folder as normalised from its files: nothing downstream reads YAML or knows a short form. */
export interface Project {
  /** Absolute path of the folder. */
  readonly folder: string;
  /** `project:` of etl.yaml. */
  readonly name: string;
  /** By name; `source` and `target` always exist (with an empty url only where `--embedded` builds them). */
  readonly connections: ReadonlyMap<string, Connection>;
  /** What `--embedded` builds; null where etl.yaml has no `embedded`. */
  readonly embedded: EmbeddedFiles | null;
  /** In running order; empty where the project has none. */
  readonly phases: readonly string[];
  /** Rows that a batch holds at the most. */
  readonly batchRows: number;
  /** The schema of the target that holds the engine's own tables. */
  readonly stateSchema: string;
  /** Around everything that a run does. */
  readonly hooks: Hooks;
  /** In the order of their names. */
  readonly mappings: readonly Mapping[];
  /** What was agreed to, in the order of exceptions.yaml. */
  readonly exceptions: readonly AcceptedException[];
}

/** SQL files, absolute, in the order in which they run. */
export interface EmbeddedFiles {
  readonly source: readonly string[];
  readonly target: readonly string[];
  /** PostgreSQL settings of the sessions that run them, in the order of etl.yaml. */
  readonly settings: ReadonlyMap<string, string>;
}

/** SQL on the target around a load or a run, in the order of the file; each text is one transaction. */
export interface Hooks {
  readonly before: readonly SqlText[];
  readonly after: readonly SqlText[];
}

/** Where the password of a connection comes from, anew each time that one is opened. */
export type PasswordSource =
  /** Absolute path. */
  | { readonly kind: 'file'; readonly path: string }
  /** A shell's line, or a program and its words; run in the project folder. */
  | { readonly kind: 'command'; readonly command: string | readonly string[]; readonly folder: string };

export interface Connection {
  readonly name: string;
  /** With `${…}` resolved: a URL, or libpq's `key=value` pairs. A secret: never printed. */
  readonly url: string;
  /** Left out where the password is in the url, or where libpq looks for it. */
  readonly password?: PasswordSource;
  /** The engine's own server: neither libpq's environment nor its files count. */
  readonly isOwn?: true;
  readonly ssl: string | null;
  /** Absolute path of a CA bundle. */
  readonly ca: string | null;
  readonly searchPath: readonly string[];
  /** Where each value came from, for messages: `SOURCE_DATABASE_URL from the environment`. */
  readonly origin: string;
  readonly at: Position;
}

export interface Mapping {
  readonly name: string;
  /** Path as shown to the user, relative to the working directory. */
  readonly file: string;
  /** The whole mapping: its first key, or its entry under `copy`. */
  readonly at: Position;
  readonly description: string;
  readonly phase: string | null;
  readonly tags: readonly string[];
  readonly dependsOn: readonly Located<string>[];
  readonly source: SourceSpec;
  readonly target: TargetSpec;
  /** The listed columns, in the order of the file. */
  readonly columns: readonly ColumnSpec[];
  /** Where `"*": same_name` stands, or null. */
  readonly sameName: Position | null;
  readonly rules: readonly RuleSpec[];
  readonly hooks: Hooks;
  readonly checks: readonly CheckSpec[];
  readonly maxRejects: Threshold;
  readonly stopAt: Threshold;
  /** Of loaded rows whose source row is gone; null where the mapping says nothing: reported where all is read. */
  readonly deletedRows: 'report' | 'delete' | null;
  /** True for an entry under `copy` of etl.yaml. */
  readonly plainCopy: boolean;
}

export type { Threshold };

export interface SourceSpec {
  readonly connection: Located<string>;
  readonly from:
    | { readonly kind: 'table'; readonly table: Located<string>; readonly where: SqlText | null }
    /** `query`, or the text of `query_file`; `at` is the SQL's own first character. */
    | { readonly kind: 'query'; readonly sql: SqlText };
  /**
   * Empty in a plain copy, where binding takes the primary key, and where the mapping names none: then it is loaded in
   * one transaction, and nobody can refer to it.
   */
  readonly key: readonly Located<string>[];
  /** What delta runs go by; null where every run reads everything. */
  readonly changedAt: {
    readonly column: Located<string>;
    /** Seconds, where the mapping says how far a later run reaches back behind the snapshot before. */
    readonly overlap: number | null;
  } | null;
  readonly skipWhen: readonly { readonly name: string; readonly sql: SqlText }[];
  /** What becomes of several rows with one key; `at` is where the mapping says it, or the source. */
  readonly duplicates: Duplicates & { readonly at: Position };
  /** Columns left unread on purpose; `*` for all. */
  readonly ignore: readonly Located<string>[] | '*';
  readonly sensitive: readonly Located<string>[];
  /** Key ranges that are read side by side; `rows` is a range's size. */
  readonly partition: { readonly kind: 'auto' | 'none' } | { readonly kind: 'rows'; readonly rows: number };
  readonly at: Position;
}

export type Duplicates =
  | { readonly kind: 'reject' | 'fail' }
  | { readonly kind: 'keep'; readonly which: 'first' | 'last'; readonly by: Located<string> };

export type IdentityStrategy = 'sequence' | 'uuid5' | 'uuid7' | 'preserve' | 'mapped' | 'database';

export interface TargetSpec {
  readonly connection: Located<string>;
  /** Table, or schema and table parted by a dot. */
  readonly table: Located<string>;
  /** Empty where the mapping names none (in a plain copy binding takes the primary key). */
  readonly key: readonly Located<string>[];
  readonly identity: {
    readonly column: Located<string>;
    readonly strategy: Located<IdentityStrategy> | null;
  } | null;
  readonly mode: Located<'upsert' | 'insert' | 'replace'>;
  /** Where other mappings that say so fill the row too: the place of `merge: true`; else null. */
  readonly merge: Position | null;
  readonly triggers: Located<'keep' | 'disable'>;
  readonly constraints: Located<'auto' | 'keep' | 'rebuild'>;
  readonly at: Position;
}

/** One target column: origin → steps → resolver → default. */
export interface ColumnSpec {
  readonly column: Located<string>;
  readonly origin: Origin;
  readonly steps: readonly StepUse[];
  readonly resolver: Resolver | null;
  readonly default: Located<Scalar> | null;
}

export type Origin =
  | { readonly kind: 'source'; readonly columns: readonly Located<string>[]; readonly at: Position }
  | { readonly kind: 'sql'; readonly sql: SqlText; readonly at: Position }
  | { readonly kind: 'value'; readonly value: Scalar; readonly at: Position }
  | {
      readonly kind: 'object';
      readonly entries: readonly { readonly key: string; readonly origin: Origin }[];
      readonly at: Position;
    }
  | { readonly kind: 'array'; readonly items: readonly Origin[]; readonly at: Position }
  | { readonly kind: 'generate'; readonly what: 'now' | 'uuid7' | 'uuid5'; readonly at: Position }
  | { readonly kind: 'run'; readonly what: 'id' | 'started_at' | 'mapping'; readonly at: Position }
  | { readonly kind: 'row'; readonly what: 'key' | 'row'; readonly at: Position };

export interface StepUse {
  readonly name: string;
  /** Null where the step stands bare. Its shape has been checked against the step's schema. */
  readonly argument: Json;
  /** Digest of the module that the project's own step comes from: another text makes other rows. */
  readonly version?: string;
  readonly at: Position;
}

/** A mapping that a reference may lead to. */
export interface Parent {
  readonly mapping: Located<string>;
  /** Another, unique, source column of that mapping than its key. */
  readonly by: Located<string> | null;
  /** Another column of the target row than its identity. */
  readonly yields: Located<string> | null;
  /** Of a polymorphic reference, the value of the switch that leads here; else null. */
  readonly when: Scalar | null;
}

export type References = Extract<Resolver, { kind: 'references' }>;

export type Missing = 'reject' | 'null' | 'fail';

export type Resolver =
  | {
      readonly kind: 'map';
      readonly entries: readonly { readonly key: Scalar; readonly value: Scalar }[];
      readonly unmapped:
        | { readonly kind: 'reject' | 'keep' | 'null' | 'fail' }
        | { readonly kind: 'value'; readonly value: Scalar };
      readonly at: Position;
    }
  | { readonly kind: 'lookup'; readonly lookup: Lookup; readonly missing: Missing; readonly at: Position }
  | {
      readonly kind: 'references';
      /** At least one; of several the first that has the key, or the one that the switch leads to. */
      readonly parents: readonly Parent[];
      /** The source column that tells the parent of a row; null where the first that has the key is taken. */
      readonly switch: Located<string> | null;
      readonly missing: Missing;
      readonly at: Position;
    };

/** A table of values, read when the mapping starts. `name` is null where it stands inline. */
export interface Lookup {
  readonly name: string | null;
  readonly from:
    | {
        readonly kind: 'values';
        readonly entries: readonly { readonly key: Scalar; readonly value: Scalar }[];
      }
    /** Absolute path of a CSV file with a header line. */
    | {
        readonly kind: 'file';
        readonly file: string;
        readonly key: Located<string>;
        readonly value: Located<string>;
      }
    | {
        readonly kind: 'query';
        readonly connection: Located<string>;
        readonly sql: SqlText;
        readonly key: Located<string>;
        readonly value: Located<string>;
      }
    | {
        readonly kind: 'table';
        readonly connection: Located<string>;
        readonly table: Located<string>;
        readonly key: Located<string>;
        readonly value: Located<string>;
      };
  readonly at: Position;
}

export interface RuleSpec {
  /** `name:`, or else the rule's own: `not_null`, `range`, `sql`. */
  readonly name: string;
  readonly severity: 'reject' | 'warn' | 'fail';
  readonly test:
    | { readonly kind: 'rule'; readonly rule: string; readonly argument: Json; readonly version?: string }
    | { readonly kind: 'sql'; readonly sql: SqlText };
  readonly at: Position;
}
