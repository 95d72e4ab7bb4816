/** One table on both sides, and what a project that loads it must come to. */
export interface Case {
  /** Of the mapping. */
  readonly name: string;
  /** Major versions that each side needs at least. */
  readonly needs?: { readonly source?: number; readonly target?: number };
  /** SQL as the owner of each database. */
  readonly source: string;
  readonly target: string;
  /** SQL as superuser, after the owner's. */
  readonly sourceAdmin?: string;
  readonly targetAdmin?: string;
  /** Text of the mapping's file; left out: source and target are named as the mapping, key `id`, all columns; null: an entry under `copy`. */
  readonly mapping?: string | null;
  /** What the first run says, as `countsOf` writes it. */
  readonly counts: string;
  /** Queries whose rows must be the same in both databases after each run. */
  readonly same?: readonly [source: string, target: string];
  /** What the rejects of the first run say: `key column rule reason`, one a line. */
  readonly rejects?: readonly string[];
  /** What a later run says where nothing has changed; left out: all that was inserted is unchanged. */
  readonly again?: string;
  /** SQL on the source before the second run, and what that says; left out: as where nothing has changed. */
  readonly change?: string;
  readonly changed?: string;
  /** Asked of the target after the second run: a row of texts. */
  readonly ask?: readonly [sql: string, answer: readonly string[]];
}

/** The mapping of a case that says nothing of it. */
export const plainMapping = (table: string): string =>
  `source: { table: ${table}, key: id }\ntarget: { table: ${table}, key: id }\ncolumns: { "*": same_name }\n`;

/** Rows of a whole table in both databases. */
export const wholeTable = (table: string): readonly [string, string] => [
  `select t::text from ${table} t order by id`,
  `select t::text from ${table} t order by id`,
];
