import type { Position } from './problem.js';

/** What a change does to loaded data, from harmless to worst. */
export const CHANGE_CLASSES = [
  'cosmetic',
  'additive',
  're-transform',
  'identity-changing',
  'destructive',
] as const;

export type ChangeClass = (typeof CHANGE_CLASSES)[number];

/** One change of meaning between two states of a project. */
export interface Change {
  readonly class: ChangeClass;
  /** The key of the language, as docs/diff.md lists it: `a column › steps`. */
  readonly key: string;
  /** The mappings it changes, by head's names; several where one line of etl.yaml or a look-up does; none: the project. */
  readonly mappings: readonly string[];
  /** `column title: steps`. */
  readonly what: string;
  /** Null where there was nothing. Never a secret. */
  readonly before: string | null;
  readonly after: string | null;
  /** What will happen to the data, in a sentence or two. */
  readonly consequence: string;
  /** Head's place; where the file is gone from head, base's. */
  readonly at: Position;
  /** Base's place; null where there was nothing. */
  readonly was: Position | null;
  /** Whose file `at` is. */
  readonly side: 'base' | 'head';
  /** Whether a run of its mappings shows it in rows; else it is about how a run goes, or nothing differs. */
  readonly needsRun: boolean;
  /** The mappings besides whose rows hang on the change. */
  readonly dependants: readonly Dependant[];
}

/** A mapping that must run again, too. */
export interface Dependant {
  readonly mapping: string;
  /** The mapping that it refers to, and the column by which it does; null for a look-up. */
  readonly to: string;
  readonly column: string | null;
}

/** An arrow of the graph: `from` needs `to`. */
export interface ChangedEdge {
  readonly kind: 'reference' | 'lookup' | 'depends_on';
  readonly from: string;
  readonly to: string;
  readonly column: string | null;
  readonly at: Position;
}

/** What a project's state is called, and its hash. */
export interface DiffSide {
  /** `main (1a2b3c4)`, `the working tree`, a folder. */
  readonly name: string;
  /** Of all its files, as `etl run` keeps it. */
  readonly hash: string;
}

/** The same source rows through both states of one mapping; nothing is loaded. */
export interface MappingSample {
  readonly mapping: string;
  /** Source rows that were looked at. */
  readonly rows: number;
  /** By column, those with most differing rows first. */
  readonly columns: readonly {
    readonly column: string;
    readonly rows: number;
    /** Some of them; values are masked where a state calls their source column sensitive. */
    readonly examples: readonly {
      readonly key: string;
      readonly before: string | null;
      readonly after: string | null;
    }[];
  }[];
  /** Rows whose fate differs: `loaded` → `rejected: range (total)`. */
  readonly fates: readonly {
    readonly before: string;
    readonly after: string;
    readonly rows: number;
    /** Some of their keys. */
    readonly keys: readonly string[];
  }[];
}

/** What `etl diff` finds. */
export interface ProjectDiff {
  readonly project: string;
  readonly base: DiffSide;
  readonly head: DiffSide;
  /** Worst first, then by file and line. */
  readonly changes: readonly Change[];
  readonly edges: { readonly appear: readonly ChangedEdge[]; readonly vanish: readonly ChangedEdge[] };
  /** The mappings whose rows change, and all that hang on them, in the order of a run. */
  readonly rerun: readonly string[];
  /** Files whose text differs and that no change speaks of: comments, layout, order. */
  readonly untold: readonly string[];
  /** Null where no rows were asked for. */
  readonly sample: readonly MappingSample[] | null;
  /** Of head's plan, where both databases were asked; else null. */
  readonly planHash: string | null;
  /** What could not be looked at, for people. */
  readonly notes: readonly string[];
}

const GRAVITY: ReadonlyMap<string, number> = new Map(CHANGE_CLASSES.map((name, n) => [name, n]));

/** How grave a class is: the greater, the worse. */
export const gravity = (name: ChangeClass): number => GRAVITY.get(name) ?? 0;

/** The worst class of some changes; null where there are none. */
export const worstOf = (changes: readonly Pick<Change, 'class'>[]): ChangeClass | null =>
  changes.reduce<ChangeClass | null>(
    (worst, { class: own }) => (worst === null || gravity(own) > gravity(worst) ? own : worst),
    null,
  );
