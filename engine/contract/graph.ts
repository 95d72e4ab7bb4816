/** What `etl graph` draws and `--format json` prints: the keys may be relied on. */
export interface ProjectGraph {
  /** In the order of the phases, then of the names. */
  readonly mappings: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** Tables that no mapping loads and look-ups of drawn mappings read, their queries, too; an entry for each column that does. */
  readonly outside: readonly OutsideTable[];
  /** Of the mappings in the drawing: every listed column. */
  readonly lineage: readonly ColumnLineage[];
}

export interface GraphNode {
  readonly mapping: string;
  readonly description: string;
  readonly phase: string | null;
  readonly tags: readonly string[];
  /** The source's table, or `query`. */
  readonly source: string;
  readonly target: string;
  readonly file: string;
  readonly line: number;
  /** False for a neighbour of what was selected. */
  readonly selected: boolean;
}

/** `from` needs `to`. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: 'reference' | 'lookup' | 'depends_on';
  /** The target column that declares it; null for `depends_on` and look-ups. */
  readonly column: string | null;
  /** Closed after both are loaded: a row may come before the one that it refers to. */
  readonly second_pass: boolean;
  readonly file: string;
  readonly line: number;
}

/** A table of another's, as `auth.users`, and who looks into it. */
export interface OutsideTable {
  readonly connection: string;
  readonly table: string;
  readonly mapping: string;
  /** The target column that declares the look-up. */
  readonly column: string;
  readonly file: string;
  readonly line: number;
}

/** Where a target column's value comes from, in the order in which it is made. */
export interface ColumnLineage {
  readonly mapping: string;
  readonly column: string;
  /** Source columns; `*` for the whole row. */
  readonly from: readonly string[];
  /** Pieces of the source's SQL. */
  readonly sql: readonly string[];
  /**
   * Columns of the source's tables that the value is made of, as far as the text of its query and SQL tells:
   * `table.column`, or `?.column` where it does not say of which table.
   */
  readonly base: readonly string[];
  /** SQL computes the value from `base`; else it is one of these as it stands there. */
  readonly computed: boolean;
  /** Constants and what the engine makes: `value`, `generate: now`, `run: id`, `source: key`. */
  readonly made: readonly string[];
  readonly steps: readonly string[];
  /** `map`, `lookup states`, `references patients`. */
  readonly resolvers: readonly string[];
  readonly has_default: boolean;
  readonly line: number;
}

/** Columns of tables behind one column of a mapping's source. */
export interface BaseColumns {
  readonly columns: readonly string[];
  /** It is one of them as it stands there; else computed from them. */
  readonly direct: boolean;
}

/** What the text of a project's SQL tells about where columns come from. */
export interface SourceReading {
  /** Behind a column that the mapping's source gives; null where the text does not tell. */
  readonly behind: (mapping: string, column: string) => BaseColumns | null;
  /** The columns of the source's row that an expression takes. */
  readonly takes: (sql: string) => readonly string[];
  /** The tables that a look-up's query reads, as it names them. */
  readonly tables: (sql: string) => readonly string[];
}
