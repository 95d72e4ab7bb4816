import type { Mistake } from './mistakes.js';
import type { Files } from './project.js';

const TARGET = 'target: { table: tasks, key: legacy_id, identity: id }\n';
const COLUMNS = 'columns: { legacy_id: id }\n';
const QUERY = 'source: { query: "select id, title, price from task", key: id }\n';

const file = (text: string): Files => ({ 'tasks.yaml': text });
const query = (sql: string): Files => file(`source:\n  key: id\n  query: ${sql}\n${TARGET}${COLUMNS}`);
const column = (spec: string): Files => file(`${QUERY}${TARGET}columns:\n  legacy_id: id\n  a: ${spec}\n`);
const source = (more: string): Files =>
  file(`source: { query: "select id, title from task", ${more} }\n${TARGET}${COLUMNS}`);

const syntax = (name: string, files: Files, says: string, help = ''): Mistake => ({
  name,
  files,
  code: 'ETL-SQL-001',
  says,
  help,
});

const SYNTAX: readonly Mistake[] = [
  syntax('a block', query('|\n    select id,\n      ‹from› task'), 'at or near "from"', 'a comma too many'),
  syntax(
    'a block with a header',
    query('|2- # why\n     select id\n     frm ‹task› where x'),
    'at or near "task"',
    '"from"',
  ),
  syntax(
    'a folded block',
    query('>\n    select id\n    from task\n    wehre ‹x›\n'),
    'at or near "x"',
    '"where"',
  ),
  syntax('a plain text', query('select id from task wher‹e›'), 'end of input'),
  syntax('double quotes', query('"‹selct› id from task"'), 'at or near "selct"', 'did you mean "select"?'),
  syntax('escapes', query('"select \\"a\\" ||\\t\\u0027é\\u0027 a‹s›"'), 'end of input'),
  syntax(
    'single quotes',
    query("'select ''é'' || ''😀'' form ‹task›  x'"),
    'at or near',
    'did you mean "from"?',
  ),
  syntax('several lines in quotes', query('"select id\n    from task\n    order ‹id›"'), 'at or near "id"'),
  syntax('an expression', column('{ sql: "coalesce(title, ‹)›" }'), 'at or near ")"', 'a comma too many'),
  syntax('an open bracket', column('{ sql: "coalesce(title‹,›" }'), 'end of input'),
  syntax('a placeholder', column('{ sql: "price > ‹?›" }'), 'syntax error', 'a ? is no placeholder'),
  syntax('a condition', source('key: id, skip_when: { old: "status ‹=›" }'), 'end of input'),
  syntax('where', file(`source: { table: t, key: id, where: a = b ‹c› }\n${TARGET}${COLUMNS}`), 'at or near'),
  syntax(
    'a rule',
    file(`${QUERY}${TARGET}${COLUMNS}rules:\n  - sql: price > 2 or ‹order› by 1\n`),
    'at or near',
  ),
  syntax(
    'a look-up of the project',
    {
      'etl.yaml':
        'version: 1\nproject: p\nconnections: { source: { url: x }, target: { url: x } }\n' +
        'lookups: { k: { query: select id nam ‹e› from k, key: id, value: name } }\n',
    },
    'at or near "e"',
  ),
  syntax(
    'a file',
    {
      'sql/tasks.sql': '-- é tasks\n\nselect id\nfrom ‹where›\n',
      ...file(`source: { query_file: sql/tasks.sql, key: id }\n${TARGET}${COLUMNS}`),
    },
    'at or near "where"',
  ),
];

const form = (name: string, files: Files, says: string): Mistake => ({
  name,
  files,
  code: 'ETL-SQL-002',
  says,
});

const FORMS: readonly Mistake[] = [
  form('two statements', query('select 1 as id; ‹delete› from task'), 'a second statement begins here'),
  form('a statement that writes', query('‹delete› from task returning id'), 'a query is a select'),
  form(
    'a query that writes',
    query('with ‹gone› as (delete from task returning id) select id from gone'),
    'a query reads',
  ),
  form('a query that makes a table', query('select id into ‹copy› from task'), '"into"'),
  form('a query that locks', query('select id from task ‹for› update'), 'lock'),
  form('a parameter', query('select id from task where id = ‹$1›'), 'no value here'),
  form('a parameter in an expression', column('{ sql: "price > ‹$1›" }'), 'no value here'),
  form('two expressions', column('{ sql: "price, ‹title›" }'), 'a second expression begins here'),
  form(
    'an expression out of its brackets',
    column('{ sql: "‹title›) from task where (true" }'),
    'more than one',
  ),
  form('a comment alone', query('"-- nothin‹g›"'), 'no query'),
];

const aggregate = (name: string, files: Files, says: string): Mistake => ({
  name,
  files,
  code: 'ETL-SQL-003',
  says,
});

const ROWS: readonly Mistake[] = [
  aggregate('an aggregate', column('{ sql: "price / ‹sum›(price)" }'), 'the aggregate sum()'),
  aggregate(
    'an aggregate of its own',
    column('{ sql: "1 + ‹mine›(distinct price)" }'),
    'the aggregate mine()',
  ),
  aggregate('a window function', column('{ sql: "‹row_number›() over (order by id)" }'), 'row_number()'),
  aggregate(
    'several rows',
    column('{ sql: "‹unnest›(string_to_array(title, \',\'))" }'),
    'several rows for one',
  ),
  aggregate(
    'an aggregate in a condition',
    file(`source: { table: t, key: id, where: a = ‹max›(a) }\n${TARGET}${COLUMNS}`),
    'the aggregate max()',
  ),
];

const unknown = (name: string, files: Files, help = 'did you mean "title"?'): Mistake => ({
  name,
  files,
  code: 'ETL-BIND-003',
  says: ' has no column',
  help,
});

const NAMES: readonly Mistake[] = [
  unknown('from', column('{ from: ‹titel›, steps: [trim] }')),
  unknown('a bare word', column('‹titel›')),
  unknown('from, one of two', column('{ from: [id, ‹titel›], steps: [{ join: " " }] }')),
  unknown('upper and lower case', column('‹Title›')),
  unknown(
    'within an object',
    column('{ object: { x: [] , y: { array: [‹titel›] } } }'.replace('x: [] , ', '')),
  ),
  unknown('nothing near', column('‹author›'), 'it has id, title, price'),
  unknown('the key', source('key: ‹idd›'), 'did you mean "id"?'),
  unknown('changed_at', source('key: id, changed_at: ‹titel›')),
  unknown('sensitive', source('key: id, sensitive: [‹titel›]')),
  unknown('ignore', source('key: id, ignore: { columns: [‹titel›] }')),
  unknown('sql', column('{ sql: "upper(‹titel›)" }')),
  unknown('sql of q', column('{ sql: "length(‹q›.titel)" }')),
  unknown('skip_when', source('key: id, skip_when: { old: "‹titel› is null" }')),
  unknown(
    'a rule',
    file(`${QUERY}${TARGET}${COLUMNS}rules:\n  - sql: >-\n      price > 0 and\n      ‹titel› <> ''\n`),
  ),
  unknown('a column that with and a star give', {
    ...query('"with t as (select id, title from task) select t.* from t"'),
    'other.yaml': `source: { query: "with t as (select id, title from task) select * from t join (values (1)) v (n) on true", key: id }\n${TARGET}columns: { legacy_id: ‹titel› }\n`,
  }),
  unknown('by of a reference', {
    ...file(`${QUERY}${TARGET}${COLUMNS}`),
    'x.yaml': `source: { table: x, key: id }\n${TARGET}columns: { legacy_id: id, t: { from: t, references: { mapping: tasks, by: ‹titel› } } }\n`,
  }),
  unknown(
    'the value of a look-up',
    column('{ from: price, lookup: { query: "select id, name from kind", key: id, value: ‹nam› } }'),
    'did you mean "name"?',
  ),
  {
    name: 'two columns of one name',
    files: query('|\n    select t.id, x.name,\n      ‹u›.id from task t, x, u'),
    code: 'ETL-BIND-015',
    says: 'two columns named "id"',
  },
];

export const SQL_MISTAKES: readonly Mistake[] = [...SYNTAX, ...FORMS, ...ROWS, ...NAMES].map((each) => ({
  ...each,
  name: `SQL: ${each.name}`,
}));
