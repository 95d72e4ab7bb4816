/** When a source's snapshot was taken, ISO 8601 in UTC with microseconds. */
export interface Watermark {
  readonly taken: string;
  /** When the oldest transaction began that was in flight then; null where the role could not see it. */
  readonly oldest: string | null;
}

/** What a mapping was when a run began, so that a later command can tell what an edit since then has changed. */
export interface MappingHash {
  /** Over all that decides about the mapping's rows: query, columns, steps, look-ups, rules, types of both sides. */
  readonly rows: string;
  /** Over what ties a target row to its source row: both keys, table, identity. */
  readonly identity: string;
}

/** What a run writes down at its begin for the runs after it. */
export interface RunMarks {
  /** By source connection. */
  readonly watermarks: Readonly<Record<string, Watermark>>;
  /** Of each mapping, over all that decides about its rows but what look-ups find in databases. */
  readonly hashes: Readonly<Record<string, MappingHash>>;
}
