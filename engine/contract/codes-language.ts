/** Problems that are found in the files alone, without a database. */
export const LANGUAGE_CODES = {
  'ETL-YAML-001':
    'The file is not valid YAML 1.2. The mark stands where reading stopped; the cause is often just before it: a missing quote, bracket or space after a colon, or indentation by tabs.',
  'ETL-YAML-002':
    'A key stands twice in one map, so that one of the two values would be lost. Remove one of them. A target column that is listed twice shows as this problem too.',
  'ETL-YAML-003':
    'A project file, YAML or SQL, is larger than 256 KB. Move long SQL into a query_file or a view, and long tables of values into a look-up file.',
  'ETL-YAML-004':
    'The file uses a YAML tag that is not part of YAML 1.2 core, or another version of YAML. Remove the tag or the %YAML line: quotes make text, digits make numbers.',
  'ETL-YAML-005':
    'The file nests too deeply, or its aliases (*name) repeat too much, name nothing or contain themselves. Write the values out, or keep them in a look-up.',
  'ETL-YAML-006':
    'A key is not a plain word, text or number. Keys of a mapping file are single words; a list or a map cannot be a key.',
  'ETL-YAML-007':
    'A number is written in a form that a database column does not hold (0x1F, 0o17, .inf, .nan). Write it in decimal digits, or put it in quotes to make it text.',
  'ETL-YAML-008': 'The file is empty, or holds comments alone. Write a mapping into it, or remove it.',

  'ETL-FILE-001':
    'A path leads out of the project folder. All files that a project reads lie inside it, so that the folder can be reviewed, hashed and moved as one.',
  'ETL-FILE-002':
    'A file does not exist or cannot be read as UTF-8 text. Paths are relative to the project folder (where etl.yaml lies), not to the mapping that names them.',

  'ETL-ENV-001':
    'A ${NAME} in etl.yaml has no value, neither in the environment nor in the .env file beside etl.yaml. Set it, or write ${NAME:-default}.',
  'ETL-ENV-002':
    'A ${…} in etl.yaml cannot be read. The forms are ${NAME} and ${NAME:-default}; a name holds letters, digits and underscores and does not begin with a digit.',

  'ETL-LANG-001':
    'The language has no such key at this place. Keys are never ignored: a misspelt key would silently change what the migration does.',
  'ETL-LANG-002': 'A key that is needed here is missing. The mark stands at the map that should hold it.',
  'ETL-LANG-003':
    'The value has another form than the key wants: a list in place of text, a number in place of a name. Text that looks like a number, true, false or null needs quotes.',
  'ETL-LANG-004': 'The value is not one of the words that the key knows.',
  'ETL-LANG-005':
    'Of several keys that exclude each other exactly one, or at most one, may stand here: one of table, query and query_file; one origin a column; one of map, lookup and references.',
  'ETL-LANG-006':
    'A key stands without the key that it belongs to: where without table, unmapped without map, missing without lookup or references.',
  'ETL-LANG-007':
    'Mappings write to the connection `target` alone: state, foreign keys and the transaction of each batch live there. A project of its own loads another database.',
  'ETL-LANG-008':
    'Two mappings have one name. The name of a mapping is the name of its file without folder and ending, or the table of an entry under copy. Rename one of them.',
  'ETL-LANG-009':
    'The folder has no etl.yaml and so is no project. Name the folder that holds etl.yaml, or create the file with version, project and connections.',
  'ETL-LANG-010': 'etl.yaml asks for a version of the language that this Crosswalk does not speak.',
  'ETL-LANG-011':
    'A name cannot be a name in PostgreSQL: it is empty, longer than 63 bytes (PostgreSQL would cut it silently), or has more than one dot where schema and table are wanted.',
  'ETL-LANG-012': 'A column does not say where its value comes from. Every column has exactly one origin.',
  'ETL-LANG-013':
    'The phase of a mapping and the phases of etl.yaml do not agree. Where phases are declared every mapping and every entry under copy names one of them; where none are declared, none does.',
  'ETL-LANG-014':
    'A column takes several source columns, but nothing makes one value of them. Begin its steps with one that does (join, coalesce), or refer to a mapping with a composite key.',
  'ETL-LANG-015':
    'A key stands twice in a table of values, or is null. Keys compare by value (1 is 1.0), and null never reaches a table of values.',
  'ETL-LANG-016':
    "The target's identity contradicts the columns or the source key: `mapped` takes the value that columns gives, every other strategy makes it, and `preserve` needs a source key of one column.",
  'ETL-LANG-017': 'A name stands twice in a list in which each name counts once.',
  'ETL-LANG-018': 'The project has no mapping: no mapping file, and nothing under copy.',

  'ETL-LANG-019':
    'The limit of a check cannot be read. It compares the rows that the check finds with a number or a percentage of the mapping\'s rows: "> 100", ">= 1%".',

  'ETL-REF-001': 'A connection is named that etl.yaml does not define.',
  'ETL-REF-002': 'A look-up is named that neither the mapping nor etl.yaml defines under lookups.',
  'ETL-REF-003':
    'A mapping is named that the project does not have. Mappings are named after their files, without folder and ending.',
  'ETL-REF-004':
    'A mapping needs another one that belongs to a later phase. Phases run one after the other: move one of the two mappings, or change the order of the phases.',
  'ETL-REF-005':
    "A reference gives another number of columns than the key of the referenced mapping has. Name the columns in that key's order, or refer by one unique column with `by`.",
  'ETL-REF-006':
    'The referenced mapping has neither an identity nor a target key of one column, so that the reference has no single value to give. Name a column of its target with `yields`.',
  'ETL-REF-007':
    'A column of the target key gets no value from columns, so that loaded rows could not be found again. List it under columns.',
  'ETL-REF-008': 'A mapping depends on itself through depends_on.',
  'ETL-REF-009':
    'An exception (exceptions.yaml) names a column that its mapping does not fill. It would accept nothing; name the target column that the report shows.',

  'ETL-STEP-001': 'No step has this name, neither in the language nor among the plugins of the project.',
  'ETL-STEP-002':
    'The argument of a step has another form than the step takes, is missing, or is one too many. The reference shows every step with examples.',
  'ETL-STEP-003':
    'The argument of a step has the right form but no meaning: a regular expression or a time zone that does not exist.',
  'ETL-STEP-004':
    'A step is neither a word (trim) nor a map with one key (truncate: 200). Each step is an item of its own in the list.',

  'ETL-RULE-001': 'No rule has this name, neither in the language nor among the plugins of the project.',
  'ETL-RULE-002': 'The argument of a rule has another form than the rule takes, or is missing.',
  'ETL-RULE-003':
    'A rule is not a map with exactly one rule in it. Each rule is an item of its own in the list; beside it only severity and name may stand.',
  'ETL-RULE-004':
    'The argument of a rule has the right form but no meaning: a regular expression that cannot be read, or that looks around itself.',

  'ETL-PLUG-001':
    'A module named under plugins cannot be loaded: it is no JavaScript, imports something that is not there, or fails while it is read. docs/plugins.md shows what a module looks like.',
  'ETL-PLUG-002':
    'A module named under plugins declares a step or rule in a form that the engine does not take, or declares none. The message names what is missing. Functions must answer at once: async ones are refused.',
  'ETL-PLUG-003':
    'A step or rule of a plugin has the name of one that exists already, in the language or in another plugin. Steps of the language cannot be replaced: a reader of the mapping could not tell.',
  'ETL-PLUG-004':
    'An example in a plugin does not hold: the step or rule gives something else than the example says. Examples are run whenever the project is read, so that a change of the code that changes what it does is seen.',

  'ETL-SQL-001':
    'SQL that PostgreSQL’s own parser (of version 18) refuses. The mark stands where reading stopped, as psql’s caret does; the cause is there or just before it. No database was asked.',
  'ETL-SQL-002':
    'SQL that could be read, but has no place here. `query`, `query_file` and a look-up’s query are one select that only reads: no second statement, no insert, update, delete or merge under `with`, no `into`, no locks, no parameters. `where`, `sql` and `skip_when` are one expression.',
  'ETL-SQL-003':
    'An aggregate, a window function or a function that gives several rows stands in `sql`, `where`, `skip_when` or a rule. These look at each row alone. In `query` all three see the whole result; in a subquery they may stand anywhere.',

  'ETL-SEL-001':
    'A selector of --select or --exclude matches no mapping. It is an error, so that a misspelt name is no successful run of nothing.',
  'ETL-SEL-002': 'A selector cannot be read: an unknown method before the colon, or a number that is none.',
} as const;
