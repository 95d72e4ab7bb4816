import type { ProblemCode } from '../../engine/contract/codes.js';
import type { Files } from './project.js';

/** One mistake: `‹…›` marks where the problem must stand, to the character. */
export interface Mistake {
  readonly name: string;
  readonly files: Files;
  readonly code: ProblemCode;
  /** A part of the message. */
  readonly says?: string;
  /** A part of the help. */
  readonly help?: string;
}

const SOURCE = 'source: { table: task, key: id }\n';
const TARGET = 'target: { table: tasks, key: legacy_id, identity: id }\n';
const COLUMNS = 'columns: { legacy_id: id }\n';
const ETL = 'version: 1\nproject: p\nconnections: { source: { url: x }, target: { url: x } }\n';

const mapping = (text: string): Files => ({ 'tasks.yaml': text });
const withColumns = (column: string): Files =>
  mapping(`${SOURCE}${TARGET}columns:\n  legacy_id: id\n  ${column}\n`);
const withRules = (rule: string): Files =>
  mapping(`${SOURCE}${TARGET}columns: { legacy_id: id, a: id }\nrules:\n  - ${rule}\n`);
const etl = (text: string): Files => ({ 'etl.yaml': text });
const steps = (list: string): Files => withColumns(`a: { from: a, steps: ${list} }`);

const YAML: readonly Mistake[] = [
  { name: 'broken YAML', files: mapping('source: { table: tas‹k›\n'), code: 'ETL-YAML-001' },
  {
    name: 'a column listed twice',
    files: mapping(`${SOURCE}${TARGET}columns:\n  legacy_id: id\n  ‹legacy_id›: other\n`),
    code: 'ETL-YAML-002',
  },
  { name: 'a foreign tag', files: withColumns('a: { value: ‹!!binary› aGk= }'), code: 'ETL-YAML-004' },
  { name: 'an unknown alias', files: withColumns('a: ‹*nobody›'), code: 'ETL-YAML-005' },
  { name: 'a recursive alias', files: withColumns('a: { value: &a [‹*a›] }'), code: 'ETL-YAML-005' },
  { name: 'a list as key', files: withColumns('? ‹[a, b]›\n  : c'), code: 'ETL-YAML-006' },
  { name: 'a hexadecimal number', files: withColumns('a: { value: ‹0x1F› }'), code: 'ETL-YAML-007' },
  { name: 'an empty file', files: mapping('‹#› nothing yet\n'), code: 'ETL-YAML-008' },
  {
    name: 'a second document',
    files: mapping(`${SOURCE}${TARGET}${COLUMNS}‹---›\na: 1\n`),
    code: 'ETL-YAML-001',
  },
];

const KEYS: readonly Mistake[] = [
  {
    name: 'an unknown top-level key',
    files: mapping(`${SOURCE}${TARGET}${COLUMNS}‹colums›: {}\n`),
    code: 'ETL-LANG-001',
    help: 'did you mean "columns"?',
  },
  {
    name: '__proto__ as a key',
    files: mapping(`${SOURCE}${TARGET}${COLUMNS}‹__proto__›: { polluted: true }\n`),
    code: 'ETL-LANG-001',
  },
  {
    name: 'an unknown key of a column',
    files: withColumns('a: { from: a, ‹defualt›: x }'),
    code: 'ETL-LANG-001',
    help: 'did you mean "default"?',
  },
  {
    name: 'a missing target',
    files: mapping(`‹source›: { table: task, key: id }\n${COLUMNS}`),
    code: 'ETL-LANG-002',
    says: '"target"',
  },
  {
    name: 'a target without table',
    files: mapping(`${SOURCE}‹target›: { key: legacy_id }\n${COLUMNS}`),
    code: 'ETL-LANG-002',
    says: '"table"',
  },
  { name: 'tags as text', files: mapping(`${SOURCE}${TARGET}${COLUMNS}tags: ‹big›\n`), code: 'ETL-LANG-003' },
  {
    name: 'a number for a column',
    files: withColumns('a: ‹3›'),
    code: 'ETL-LANG-003',
    help: '{ value: … }',
  },
  { name: 'a column without a value', files: withColumns('‹a›:'), code: 'ETL-LANG-003' },
  {
    name: 'an unknown mode',
    files: mapping(`${SOURCE}target: { table: tasks, key: legacy_id, mode: ‹upsrt› }\n${COLUMNS}`),
    code: 'ETL-LANG-004',
    help: 'did you mean "upsert"?',
  },
  {
    name: 'an unknown identity strategy',
    files: mapping(
      `${SOURCE}target: { table: t, identity: { column: id, strategy: ‹sequense› } }\n${COLUMNS}`,
    ),
    code: 'ETL-LANG-004',
    help: 'did you mean "sequence"?',
  },
  {
    name: 'two ways to a password',
    files: etl(
      'version: 1\nproject: p\nconnections: { source: { url: x, password_file: y, password_command: ‹cat y› }, target: { url: x } }\n',
    ),
    code: 'ETL-LANG-005',
    says: 'both give the password',
  },
  {
    name: 'a table and a query',
    files: mapping(`source: { table: task, ‹query›: select * from t, key: id }\n${TARGET}${COLUMNS}`),
    code: 'ETL-LANG-005',
  },
  {
    name: 'neither table nor query',
    files: mapping(`‹source›: { key: id }\n${TARGET}${COLUMNS}`),
    code: 'ETL-LANG-005',
  },
  { name: 'a column without origin', files: withColumns('‹a›: { steps: [trim] }'), code: 'ETL-LANG-005' },
  { name: 'two origins', files: withColumns('a: { from: a, ‹value›: 3 }'), code: 'ETL-LANG-005' },
  {
    name: 'two resolvers',
    files: withColumns('a: { from: a, map: { 1: x }, ‹references›: patients }'),
    code: 'ETL-LANG-005',
  },
  {
    name: 'where without table',
    files: mapping(`source: { query: select * from t, ‹where›: a > 1, key: id }\n${TARGET}${COLUMNS}`),
    code: 'ETL-LANG-006',
  },
  {
    name: 'unmapped without map',
    files: withColumns('a: { from: a, ‹unmapped›: keep }'),
    code: 'ETL-LANG-006',
  },
  {
    name: 'missing without a look-up',
    files: withColumns('a: { from: a, map: { 1: x }, ‹missing›: null }'),
    code: 'ETL-LANG-006',
  },
  {
    name: 'a name that PostgreSQL would cut',
    files: withColumns(`‹${'a'.repeat(64)}›: a`),
    code: 'ETL-LANG-011',
  },
  {
    name: 'a table with two dots',
    files: mapping(`source: { table: ‹a.b.c›, key: id }\n${TARGET}${COLUMNS}`),
    code: 'ETL-LANG-011',
  },
  { name: 'a star that is not same_name', files: withColumns('"*": ‹all›'), code: 'ETL-LANG-012' },
  { name: 'two columns into one', files: withColumns('a: { ‹from›: [a, b] }'), code: 'ETL-LANG-014' },
  {
    name: 'equal keys of a map',
    files: withColumns('a: { from: a, map: { 1: x, ‹1.0›: y } }'),
    code: 'ETL-LANG-015',
  },
  {
    name: 'a null key of a map',
    files: withColumns('a: { from: a, map: { ‹null›: x } }'),
    code: 'ETL-LANG-015',
  },
  {
    name: 'an identity that is made and mapped',
    files: mapping(
      `${SOURCE}target: { table: t, identity: { column: id, strategy: ‹sequence› } }\ncolumns: { id: id }\n`,
    ),
    code: 'ETL-LANG-016',
  },
  {
    name: 'a mapped identity that nothing maps',
    files: mapping(
      `${SOURCE}target: { table: t, identity: { column: id, strategy: ‹mapped› } }\ncolumns: { a: a }\n`,
    ),
    code: 'ETL-LANG-016',
  },
  {
    name: 'a key column named twice',
    files: mapping(`source: { table: task, key: [a, ‹a›] }\n${TARGET}${COLUMNS}`),
    code: 'ETL-LANG-017',
  },
  {
    name: 'a source without a key, and rows to be found again',
    files: mapping(`source: { table: t }\n‹target›: { table: tasks, key: legacy_id }\n${COLUMNS}`),
    code: 'ETL-LANG-016',
  },
  {
    name: 'an identity of a source key that there is not',
    files: mapping(
      `source: { table: t }\ntarget: { table: tasks, mode: insert, identity: { column: id, strategy: ‹uuid5› } }\n${COLUMNS}`,
    ),
    code: 'ETL-LANG-016',
  },
  {
    name: 'merge without a key',
    files: mapping(`${SOURCE}target: { table: tasks, identity: id, merge: ‹true› }\n${COLUMNS}`),
    code: 'ETL-LANG-016',
  },
  {
    name: 'a check of an unknown name',
    files: mapping(`${SOURCE}${TARGET}${COLUMNS}checks: [‹contents›]\n`),
    code: 'ETL-LANG-004',
  },
  {
    name: 'two checks in one item',
    files: mapping(`${SOURCE}${TARGET}${COLUMNS}checks: [{ sum: legacy_id, ‹distinct›: legacy_id }]\n`),
    code: 'ETL-LANG-005',
  },
  {
    name: 'a limit of a check that is no comparison',
    files: mapping(`${SOURCE}${TARGET}${COLUMNS}checks: [{ sum: legacy_id, error_if: ‹"100"› }]\n`),
    code: 'ETL-LANG-019',
  },
  {
    name: 'a check on a connection that is not there',
    files: mapping(`${SOURCE}${TARGET}${COLUMNS}checks: [{ query: select 1, connection: ‹targt› }]\n`),
    code: 'ETL-REF-001',
  },
  {
    name: 'hooks of no statement',
    files: mapping(`${SOURCE}${TARGET}${COLUMNS}hooks: { before: ‹[]› }\n`),
    code: 'ETL-LANG-003',
  },
  {
    name: 'a target key that is not listed',
    files: mapping(`${SOURCE}target: { table: t, key: ‹code› }\n${COLUMNS}`),
    code: 'ETL-REF-007',
  },
  {
    name: 'a rule of a column that is not listed',
    files: mapping(`${SOURCE}${TARGET}${COLUMNS}rules:\n  - ‹not_null›: [nope]\n`),
    code: 'ETL-BIND-017',
    says: '"nope"',
  },
  {
    name: 'a check of a column that is not listed',
    files: mapping(`${SOURCE}${TARGET}${COLUMNS}checks:\n  - min_max: ‹nope›\n`),
    code: 'ETL-BIND-021',
    says: '"nope"',
  },
];

/** One mistake is one problem: what hangs on it is not reported as well. */
const ALONE: readonly Mistake[] = [
  {
    name: 'look-ups that cannot be read are not unknown',
    files: mapping(
      `${SOURCE}${TARGET}columns: { legacy_id: id, a: { from: a, lookup: x } }\nlookups: ‹[x]›\n`,
    ),
    code: 'ETL-LANG-003',
  },
  {
    name: 'a copy that cannot be read is not unknown',
    files: {
      ...etl(`${ETL}copy: [{ table: ‹5› }]\n`),
      ...withColumns('a: { from: a, references: languages }'),
    },
    code: 'ETL-LANG-003',
  },
  {
    name: 'a mapping that cannot be read is not unknown',
    files: {
      ...mapping('‹- x›\n'),
      'patients.yaml': `${SOURCE}${TARGET}columns: { legacy_id: id, a: { from: a, references: tasks } }\n`,
    },
    code: 'ETL-LANG-003',
  },
  {
    name: 'an etl.yaml that cannot be read says nothing of phases and connections',
    files: {
      ...etl('version: 1\nphases: [core\n‹p›roject: x\n'),
      ...mapping(
        `phase: core\n${SOURCE.replace('table: task', 'connection: other, table: task')}${TARGET}${COLUMNS}`,
      ),
    },
    code: 'ETL-YAML-001',
  },
];

const STEPS: readonly Mistake[] = [
  { name: 'an unknown step', files: steps('[‹trimm›]'), code: 'ETL-STEP-001', help: 'did you mean "trim"?' },
  {
    name: 'a step without its argument',
    files: steps('[‹truncate›]'),
    code: 'ETL-STEP-002',
    help: '{ truncate: 200 }',
  },
  { name: 'an argument too many', files: steps('[{ trim: ‹5› }]'), code: 'ETL-STEP-002' },
  { name: 'a text for a number', files: steps('[{ truncate: ‹"200"› }]'), code: 'ETL-STEP-002' },
  {
    name: 'a number too small',
    files: steps('[{ truncate: ‹0› }]'),
    code: 'ETL-STEP-002',
    says: '1 or more',
  },
  {
    name: 'an unknown key of an argument',
    files: steps('[{ number: { ‹decimel›: "," } }]'),
    code: 'ETL-STEP-002',
    help: 'did you mean "decimal"?',
  },
  {
    name: 'a word that the argument lacks',
    files: steps('[{ number: { decimal: ‹";"› } }]'),
    code: 'ETL-STEP-002',
  },
  {
    name: 'a missing key of an argument',
    files: steps('[{ replace: ‹{ from: a }› }]'),
    code: 'ETL-STEP-002',
  },
  { name: 'a bad item of the form meant', files: steps('[{ null_if: [a, ‹[b]›] }]'), code: 'ETL-STEP-002' },
  { name: 'an argument without meaning', files: steps('[{ timezone: ‹Mars/Base› }]'), code: 'ETL-STEP-003' },
  { name: 'two steps in one item', files: steps('[{ truncate: 5, ‹join›: " " }]'), code: 'ETL-STEP-004' },
];

const RULES: readonly Mistake[] = [
  {
    name: 'an unknown rule',
    files: withRules('‹not_nul›: [a]'),
    code: 'ETL-RULE-001',
    help: 'did you mean "not_null"?',
  },
  { name: 'a rule with a wrong argument', files: withRules('not_null: ‹a›'), code: 'ETL-RULE-002' },
  { name: 'a rule without its column', files: withRules('range: ‹{ min: 0 }›'), code: 'ETL-RULE-002' },
  {
    name: 'two rules in one item',
    files: withRules('not_null: [a]\n    ‹sql›: a > 1'),
    code: 'ETL-RULE-003',
  },
  { name: 'a severity without a rule', files: withRules('‹severity: warn›'), code: 'ETL-RULE-003' },
  {
    name: 'an unknown severity',
    files: withRules('not_null: [a]\n    severity: ‹wanr›'),
    code: 'ETL-LANG-004',
    help: 'did you mean "warn"?',
  },
];

const REFERENCES: readonly Mistake[] = [
  {
    name: 'an unknown connection',
    files: mapping(`source: { connection: ‹sorce›, table: t, key: id }\n${TARGET}${COLUMNS}`),
    code: 'ETL-REF-001',
    help: 'did you mean "source"?',
  },
  { name: 'an unknown look-up', files: withColumns('a: { from: a, lookup: ‹kinds› }'), code: 'ETL-REF-002' },
  {
    name: 'an unknown mapping',
    files: withColumns('a: { from: a, references: ‹patient› }'),
    code: 'ETL-REF-003',
    help: 'did you mean "patients"?',
  },
  {
    name: 'an unknown dependency',
    files: mapping(`${SOURCE}${TARGET}${COLUMNS}depends_on: [‹patiens›]\n`),
    code: 'ETL-REF-003',
    help: 'did you mean "patients"?',
  },
  {
    name: 'a dependency on itself',
    files: mapping(`${SOURCE}${TARGET}${COLUMNS}depends_on: [‹tasks›]\n`),
    code: 'ETL-REF-008',
  },
  {
    name: 'a circle of dependencies',
    files: {
      ...mapping(`${SOURCE}${TARGET}${COLUMNS}depends_on: [patients]\n`),
      'patients.yaml': `${SOURCE}${TARGET}${COLUMNS}depends_on:\n  - offices\n`,
      'offices.yaml': `${SOURCE}${TARGET}${COLUMNS}depends_on: [‹tasks›]\n`,
    },
    code: 'ETL-BIND-014',
    says: 'offices → tasks → patients → offices',
  },
  {
    name: 'too many columns for a key',
    files: withColumns('a: { from: [a, b], references: ‹patients› }'),
    code: 'ETL-REF-005',
  },
  {
    name: 'nothing to yield',
    files: {
      'pairs.yaml': `source: { table: p, key: id }\ntarget: { table: p, key: [a, b] }\ncolumns: { a: a, b: b }\n`,
      ...withColumns('a: { from: a, references: ‹pairs› }'),
    },
    code: 'ETL-REF-006',
  },
  {
    name: 'a reference into a later phase',
    files: {
      'etl.yaml': `${ETL}phases: [early, late]\n`,
      'patients.yaml': `phase: late\n${SOURCE}${TARGET}${COLUMNS}`,
      'tasks.yaml': `phase: early\n${SOURCE}${TARGET}columns: { legacy_id: id, p: { from: p, references: ‹patients› } }\n`,
    },
    code: 'ETL-REF-004',
  },
  {
    name: 'a missing query file',
    files: mapping(`source: { query_file: ‹sql/tasks.sql›, key: id }\n${TARGET}${COLUMNS}`),
    code: 'ETL-FILE-002',
  },
  {
    name: 'a path out of the folder',
    files: mapping(`source: { query_file: ‹../../etc/passwd›, key: id }\n${TARGET}${COLUMNS}`),
    code: 'ETL-FILE-001',
  },
  {
    name: 'a look-up file out of the folder',
    files: withColumns('a: { from: a, lookup: { file: ‹/etc/passwd›, key: a, value: b } }'),
    code: 'ETL-FILE-001',
  },
  {
    name: 'an overlap without its unit',
    files: mapping(
      `source: { table: t, key: id, changed_at: { column: b, overlap: ‹5› } }\n${TARGET}${COLUMNS}`,
    ),
    code: 'ETL-LANG-003',
    says: 'a length of time (90s, 15m, 1h, 2d)',
  },
  {
    name: 'an overlap without its column',
    files: mapping(`source: { table: t, key: id, ‹changed_at›: { overlap: 1h } }\n${TARGET}${COLUMNS}`),
    code: 'ETL-LANG-002',
  },
  {
    name: 'deleted rows that are neither reported nor deleted',
    files: mapping(`${SOURCE}${TARGET}${COLUMNS}deleted_rows: ‹remove›\n`),
    code: 'ETL-LANG-004',
  },
  {
    name: 'a look-up table without key',
    files: withColumns('a: { from: a, ‹lookup›: { table: kinds, value: name } }'),
    code: 'ETL-LANG-002',
  },
];

const PROJECT: readonly Mistake[] = [
  {
    name: 'another version',
    files: etl(ETL.replace('version', '‹version›').replace('1', '2')),
    code: 'ETL-LANG-010',
  },
  {
    name: 'no target connection',
    files: etl('version: 1\nproject: p\n‹connections›: { source: { url: x } }\n'),
    code: 'ETL-LANG-002',
  },
  {
    name: 'an unknown ssl mode',
    files: etl(ETL.replace('url: x', 'url: x, ssl: ‹verify_full›')),
    code: 'ETL-LANG-004',
    help: 'did you mean "verify-full"?',
  },
  {
    name: 'a threshold in words',
    files: etl(`${ETL}defaults: { max_rejects: ‹few› }\n`),
    code: 'ETL-LANG-003',
  },
  {
    name: 'a mapping without its phase',
    files: {
      ...etl(`${ETL}phases: [core]\n`),
      'patients.yaml': `‹source›: { table: task, key: id }\n${TARGET}${COLUMNS}`,
    },
    code: 'ETL-LANG-013',
  },
  {
    name: 'an unknown phase',
    files: {
      ...etl(`${ETL}phases: [core]\n`),
      'patients.yaml': `phase: ‹cores›\n${SOURCE}${TARGET}${COLUMNS}`,
    },
    code: 'ETL-LANG-013',
    help: 'did you mean "core"?',
  },
  {
    name: 'a phase where none are',
    files: mapping(`phase: ‹core›\n${SOURCE}${TARGET}${COLUMNS}`),
    code: 'ETL-LANG-013',
  },
  {
    name: 'a copy without its phase',
    files: {
      ...etl(`${ETL}phases: [core]\ncopy: [‹languages›, { table: genders, phase: core }]\n`),
      'patients.yaml': `phase: core\n${SOURCE}${TARGET}${COLUMNS}`,
    },
    code: 'ETL-LANG-013',
  },
  {
    name: 'two mappings of one name',
    files: { 'sub/patients.yaml': `‹source›: { table: task, key: id }\n${TARGET}${COLUMNS}` },
    code: 'ETL-LANG-008',
  },
  {
    name: 'a copy named as a mapping',
    files: etl(`${ETL}copy: [‹patients›]\n`),
    code: 'ETL-LANG-008',
  },
  {
    name: 'a missing variable',
    files: etl(ETL.replace('url: x', 'url: "postgres://‹${NOT_SET}›/db"')),
    code: 'ETL-ENV-001',
    says: 'NOT_SET',
  },
  {
    name: 'a variable without a name',
    files: etl(ETL.replace('url: x', 'url: "‹${1X}›"')),
    code: 'ETL-ENV-002',
  },
];

const EXCEPTIONS = 'who: a, why: b, until: 2026-12-31';
const exceptions = (text: string): Files => ({
  ...mapping(`${SOURCE}${TARGET}${COLUMNS}`),
  'exceptions.yaml': `- { ${text} }\n`,
});

const ACCEPTED: readonly Mistake[] = [
  {
    name: 'an exception of an unknown mapping',
    files: exceptions(`mapping: ‹taks›, rule: map, ${EXCEPTIONS}`),
    code: 'ETL-REF-003',
    help: 'did you mean "tasks"?',
  },
  {
    name: 'an exception of a column that its mapping does not fill',
    files: exceptions(`mapping: tasks, rule: map, column: ‹legacy_di›, ${EXCEPTIONS}`),
    code: 'ETL-REF-009',
    help: 'did you mean "legacy_id"?',
  },
  {
    name: 'a misspelt key of an exception',
    files: exceptions(`mapping: tasks, rule: map, ‹upto›: 3, ${EXCEPTIONS}`),
    code: 'ETL-LANG-001',
    help: 'did you mean "up_to"?',
  },
  {
    name: 'an exception until a day that there is not',
    files: exceptions('mapping: tasks, rule: map, who: a, why: b, until: ‹2026-02-30›'),
    code: 'ETL-LANG-003',
    says: 'a date',
  },
  {
    name: 'an exception of a rule and a check',
    files: exceptions(`mapping: tasks, rule: map, ‹check›: sum, ${EXCEPTIONS}`),
    code: 'ETL-LANG-005',
  },
];

export const MISTAKES: readonly Mistake[] = [
  ...YAML,
  ...KEYS,
  ...ALONE,
  ...STEPS,
  ...RULES,
  ...REFERENCES,
  ...PROJECT,
  ...ACCEPTED,
];
