/** Problems that show when a mapping meets the two databases' catalogues. */
export const BIND_CODES = {
  'ETL-BIND-001':
    'The source has no such table, or the source role may not see it. Names are exact: `Track` and `track` are two tables. Without a schema, the connection’s `search_path` decides.',
  'ETL-BIND-002':
    'The source database refuses a piece of SQL of the mapping. The message is the server’s own; the mark shows the place that it names.',
  'ETL-BIND-003':
    'The source’s table or query has no such column. Names are exact, upper and lower case included. Where the query’s text alone says which columns it gives (no `*` of a table), this is found without a database.',
  'ETL-BIND-004':
    'The target has no such table, or it is a view. The target role must own it or may write it.',
  'ETL-BIND-005': 'The target table has no such column. Names are exact, upper and lower case included.',
  'ETL-BIND-006':
    'A target column is not null, has no default and is not listed in `columns`: every row would be refused. Map it, or give it a `value`.',
  'ETL-BIND-007':
    'The value’s type does not go into the column’s type without changing its meaning or guessing. The help says which step or SQL makes the conversion explicit.',
  'ETL-BIND-008':
    'The column is computed by the target itself (`generated always as … stored`) and cannot be written.',
  'ETL-BIND-009':
    'The identity’s strategy cannot be told from the column, or does not go with it. Name a strategy that does.',
  'ETL-BIND-010':
    'The target key is not unique in the target, so that a loaded row could not be found again. Add a unique constraint or index on just these columns.',
  'ETL-BIND-011':
    'A loaded row could not be found again: the mapping names neither an identity nor a target key. Name one of them, or use `mode: insert`.',
  'ETL-BIND-012':
    'The referenced mapping gives a value of another type than the column takes, or no single value: name a column with `yields`.',
  'ETL-BIND-013':
    'A plain copy needs a primary key in the source and in the target. Write a mapping file where there is none.',
  'ETL-BIND-014':
    'References or `depends_on` lead in a circle and no column on it can wait until the other rows are there; each edge is named with its file and line. Make one column nullable; a column by which rows refer to rows of their own mapping may be not null where it holds their identity.',
  'ETL-BIND-015':
    'The query gives two columns of one name, so that a mapping could mean either. Give one of them another name with `as`.',
  'ETL-BIND-016': 'A step does not take values of this type.',
  'ETL-BIND-017': 'A column of the target is filled by two mappings or its key is not among its columns.',
  'ETL-BIND-018':
    'The argument of a rule is no value of the column’s type, so that it could never be compared.',
  'ETL-BIND-019':
    'The table cannot be loaded. It is a view or a foreign table: name the table behind it. Or it has more columns than can be compared at once, some 1,590. Or row-level security may hide rows from the target role: what a policy hides would be missing from counts, key maps and comparisons, and an update or delete would pass it by, all without an error. The help is the SQL that mends it. Policies with `using (true)` for the role, for select, update and delete, hide nothing: such a table is loaded by staging, and a row that a `with check` refuses is a reject with SQLSTATE 42501.',
  'ETL-BIND-020':
    '`changed_at` names a column that holds no time. Delta runs compare it with the time of the snapshot before: it must be a `timestamptz`, a `timestamp` or a `date`.',
  'ETL-BIND-021':
    'A check speaks of a column that it cannot compare: the mapping does not fill it, or makes it anew in every run (an identity, `generate: now`, `run: id`), or a sum is asked of what is no number.',
  'ETL-BIND-030':
    'Mappings that load one table say different things of what holds for the whole table. Let them say the same.',
  'ETL-BIND-031':
    '`triggers: disable` is a right of the table’s owner, and the target role is not. Let the role be a member of the owner’s, or keep the triggers.',
} as const;
