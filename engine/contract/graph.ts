/** What `etl graph` draws and `--format json` prints: the keys may be relied on. */
export interface ProjectGraph {
  /** In the order of the phases, then of the names. */
  readonly mappings: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
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

/** Where a target column's value comes from, in the order in which it is made. */
export interface ColumnLineage {
  readonly mapping: string;
  readonly column: string;
  /** Source columns; `*` for the whole row. */
  readonly from: readonly string[];
  /** Pieces of the source's SQL, whose columns only the source can tell. */
  readonly sql: readonly string[];
  /** Constants and what the engine makes: `value`, `generate: now`, `run: id`, `source: key`. */
  readonly made: readonly string[];
  readonly steps: readonly string[];
  /** `map`, `lookup states`, `references patients`. */
  readonly resolvers: readonly string[];
  readonly has_default: boolean;
  readonly line: number;
}
