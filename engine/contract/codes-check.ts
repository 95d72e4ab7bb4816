/** What `etl check` finds on the connections, in the catalogues and in the rows, before anything is loaded. */
export const CHECK_CODES = {
  'ETL-CHECK-001':
    'A connection could not be opened. The message is the system’s or the server’s own: an unknown host, a closed port, a certificate that is not trusted, a wrong password. Nothing else is looked at until it is mended.',
  'ETL-CHECK-002':
    'A pooler in transaction mode stands before the server: each transaction may run on another server process, so that locks, settings and temporary tables get lost or leak into other people’s sessions. Connect to the session port (5432 in place of 6543), or to the server itself.',
  'ETL-CHECK-003': 'The server is too old: source and target are PostgreSQL 13 or later.',
  'ETL-CHECK-004':
    'The two databases keep text in different encodings, or one of them does not know its own (SQL_ASCII): characters may be refused or come out wrong.',
  'ETL-CHECK-005':
    'The clocks of this machine and of a server differ by more than a minute: times of the log, of `generate: now` and of delta runs do not fit together.',
  'ETL-CHECK-006':
    'The server has fewer free connections than a run opens, by its own limit, the database’s or the role’s. A run looks for itself and does with fewer mappings at a time, down to one; below that it cannot work. Raise the limit that is named, or end what holds connections.',
  'ETL-CHECK-007':
    'The connection to another machine is not encrypted, or the server’s certificate is not verified: whoever is in between can read or change the data.',
  'ETL-CHECK-008': 'The server’s certificate has expired or will soon.',
  'ETL-CHECK-009':
    'The target is a standby, or the role’s transactions are read only by default: nothing can be loaded.',
  'ETL-CHECK-010':
    'The source role may write: it is a superuser, owns tables that are read or has rights to change them. Crosswalk reads in read-only transactions, but a role that can do nothing but read protects from every mistake.',
  'ETL-CHECK-011':
    'Row-level security of a table applies to the role that reads it, as a source or through a look-up or check: it could hide rows without a word, so that a run refuses to read, whatever the policies say. The help is the SQL that mends it; where nobody may give the role BYPASSRLS, a view whose owner sees every row will do.',

  'ETL-CHECK-020': 'The target role lacks a right on a table that a run writes.',
  'ETL-CHECK-021':
    'The target role may not create the schema of Crosswalk’s own tables (`etl`), or may not use the one that is there.',
  'ETL-CHECK-022':
    'The target role may not take numbers from a sequence that a mapping uses, or set it behind the highest number.',
  'ETL-CHECK-023':
    'The target role may not make temporary tables, which updates and rows that the target refuses go through. Grant TEMPORARY on the database.',
  'ETL-CHECK-024':
    'Constraints and indexes cannot be dropped and built again for the load (`constraints: rebuild`, or what `auto` would do for a large table): they stay in place, which is slower and otherwise the same.',
  'ETL-CHECK-025':
    'A role may not use a schema in which a mapping reads or writes a table. The help is the grant. A run refuses it before anything is written.',
  'ETL-CHECK-026':
    'A role may not read a table, or columns of it, that a mapping’s source, look-up or check reads. The help is the grant; it names columns where some are enough. A run refuses it before anything is written.',
  'ETL-CHECK-027':
    'The source role may read some columns of a table only. A run reads these, and works all the same; but to lock the table for the length of the run, against a TRUNCATE behind which its rows would be gone without an error, PostgreSQL asks for SELECT on the whole table.',
  'ETL-CHECK-028':
    'The target role may do all that a run needs, but not what takes a run back: a rollback, or a resume that finds rows gone from the source, deletes and updates rows.',
  'ETL-CHECK-029':
    'The tables or functions of the state schema belong to another role: an administrator has run the project, or made them. This version’s role must own them, to write and to upgrade them. The help is the SQL for their owner or an administrator.',

  'ETL-CHECK-030':
    'The target table has triggers that will fire for each row: they may change or swallow rows, and a second pass makes those for updates fire again.',
  'ETL-CHECK-031':
    'A column that a foreign key of the target speaks of is filled without `references` although another mapping loads the table that it refers to: neither the order of the loads nor the keys are looked after.',
  'ETL-CHECK-032':
    'A reference of the mapping has no foreign key in the target: nothing there will keep what the migration has made sure of.',
  'ETL-CHECK-033':
    'A reference gives keys of one table, and the column’s foreign key refers to another one: the target would refuse the rows.',
  'ETL-CHECK-034':
    'A sequence stands before the highest value of its column, so that it would give numbers that are taken. Set it behind: `select setval(…)`.',
  'ETL-CHECK-035':
    'A sequence or the type of its column has fewer numbers left than the mapping has rows. Give the column a larger type.',
  'ETL-CHECK-036':
    'The target table holds rows that no run of this project has made. They stay; a row of the mapping that has their key or unique values is refused or changes them.',
  'ETL-CHECK-037':
    'A target table, or a partition of it, is published for logical replication and has no replica identity: neither a primary key nor one that was chosen. PostgreSQL refuses to update or delete its rows then (SQLSTATE 55000). An error where the run must do that (a second pass, `mode: replace`), which a run refuses before anything is written; else a warning. The help is the SQL for the table’s owner; `using index …` will do in place of `full` where a unique index over columns that are never null is there.',

  'ETL-CHECK-040':
    'The source key of a row is null, so that the row could never be found again. Mend the source, or leave these rows out by name (`skip_when`).',
  'ETL-CHECK-041':
    'Several source rows have one key. All of them are rejected, so that no run depends on luck. Mend the source; or say which one is right (`duplicates`), or name a key that tells them apart.',
  'ETL-CHECK-042':
    'A value stands in no `map` of its column. List it, or say what such values become (`unmapped`).',
  'ETL-CHECK-043':
    'A value stands in no line of the look-up. Add the line, or say what becomes of the row (`missing`).',
  'ETL-CHECK-044':
    'Orphans: rows refer to rows that the referenced mapping does not load. Mend the source, or say what becomes of the row: `missing: null`, a default.',
  'ETL-CHECK-045':
    'A value is null and the target column cannot be. Give it a `default`, or mend the source.',
  'ETL-CHECK-046':
    'A text is longer than the target column holds. Let a step make it shorter (`truncate`), or the column longer.',
  'ETL-CHECK-047':
    'A number is out of the column’s range, or has more digits than it holds. Round or scale it, or let the column be larger.',
  'ETL-CHECK-048':
    'A value is none of the labels of the column’s enum. Add the label to the enum, or map the value to another one.',
  'ETL-CHECK-049':
    'A step cannot do its work on a value. Put a step before it that takes such values away (`null_if`, `trim`, `zero_date_to_null`), or mend the source.',
  'ETL-CHECK-050':
    'A row breaks a rule of the mapping. Mend the source, or the rule; `severity: warn` loads the row and names it.',
  'ETL-CHECK-051':
    'The source cannot compute a piece of SQL of the mapping for a row. Guard the expression against such values (`nullif`, `case`), or let a step do it.',
  'ETL-CHECK-052':
    'Rows would have equal values where a unique constraint or index of the target allows one. Mend the source, or let the rule `unique` decide which row stays.',
  'ETL-CHECK-053':
    'A check constraint or a domain of the target would refuse a row. Mend the source, or bring the value into its range by a step.',
  'ETL-CHECK-054':
    'The target holds no row that a foreign key of it asks for. Load that row first, by a mapping or by hand, and refer to it with `references`.',
  'ETL-CHECK-055':
    'The type of the target column does not take a value, or the database cannot store it. Convert it by a step, or mend the source.',
  'ETL-CHECK-056':
    'The target has a row already that the mapping, in mode `insert`, would make again. Say `mode: upsert` where the rows are to be updated, or leave these out.',
  'ETL-CHECK-057':
    'More rows would be rejected than `max_rejects` allows: the run would end with exit 4. The findings beside it say why.',
  'ETL-CHECK-058':
    'The rows of a mapping could not be read or made at all; the message says why. What hangs on them was not looked at.',
  'ETL-CHECK-059':
    'Rows refer to rows that are rejected themselves, and would be rejected with them. Mend those first: these come with them.',
  'ETL-CHECK-060': 'A row of severity `warn`: it is loaded, and named. Look at it; nothing else is needed.',
} as const;
