import { describe, expect, test } from 'vitest';
import { splitSql } from '../../engine/embedded/sql-text.js';

/** Each part as `line kind: text`, rows of COPY behind it. */
function parts(sql: string): string[] {
  return [...splitSql(Buffer.from(sql))].map((part) => {
    const rows = part.kind === 'copy' ? ` <${part.rowsLine}: ${part.rows.toString()}>` : '';
    return `${part.line} ${part.kind}: ${part.text}${rows}`;
  });
}

const cases: readonly [what: string, sql: string, expected: readonly string[]][] = [
  ['nothing', ' \n-- only a comment\n/* and one more */ ;;\n', []],
  [
    'two statements, the last one open',
    'select 1;\n\nselect 2',
    ['1 statement: select 1', '3 statement: select 2'],
  ],
  ['a byte order mark', '\ufeffselect 1;', ['1 statement: select 1']],
  [
    'quotes',
    `select ';', "a;""b", 'it''s;';select 2;`,
    [`1 statement: select ';', "a;""b", 'it''s;'`, '1 statement: select 2'],
  ],
  [
    'backslashes in E strings',
    `select e'\\';', E'\\\\';select 2`,
    [`1 statement: select e'\\';', E'\\\\'`, '1 statement: select 2'],
  ],
  [
    'no backslashes in plain strings',
    `select '\\';select 2`,
    [`1 statement: select '\\'`, '1 statement: select 2'],
  ],
  [
    'standard_conforming_strings off and on',
    `SET standard_conforming_strings = off;select '\\';';set standard_conforming_strings to on;select '\\';`,
    [
      '1 statement: SET standard_conforming_strings = off',
      `1 statement: select '\\';'`,
      '1 statement: set standard_conforming_strings to on',
      `1 statement: select '\\'`,
    ],
  ],
  [
    'dollar quotes',
    'do $a$ begin; $b$;$a$;select $1;',
    ['1 statement: do $a$ begin; $b$;$a$', '1 statement: select $1'],
  ],
  ['a dollar in a name', 'select a$b$;select 2', ['1 statement: select a$b$', '1 statement: select 2']],
  [
    'comments',
    "select 1 -- it's; \n+ 2 /* ; /* ; */ ' */;select 3",
    [`1 statement: select 1 -- it's; \n+ 2 /* ; /* ; */ ' */`, '2 statement: select 3'],
  ],
  [
    'parentheses of a rule',
    'create rule r as on insert to t do (select 1; select 2);select 3',
    ['1 statement: create rule r as on insert to t do (select 1; select 2)', '1 statement: select 3'],
  ],
  [
    'the body of an SQL routine',
    'create function f() returns int begin atomic select case when true then 1 end; select 2; end;\nselect 3;',
    [
      '1 statement: create function f() returns int begin atomic select case when true then 1 end; select 2; end',
      '2 statement: select 3',
    ],
  ],
  [
    'a transaction is no body',
    'begin;select 1;end;',
    ['1 statement: begin', '1 statement: select 1', '1 statement: end'],
  ],
  [
    'more than ASCII',
    "select 'Zoë €';select '🙂'",
    ["1 statement: select 'Zoë €'", "1 statement: select '🙂'"],
  ],
  [
    'COPY rows, with a quote, a semicolon and \\. in a value',
    "COPY a (b) FROM stdin;\nit's; \\.\n\\.x\n\\.\nselect 2;",
    ["1 copy: COPY a (b) FROM stdin <2: it's; \\.\n\\.x\n>", '5 statement: select 2'],
  ],
  [
    'COPY without rows',
    'copy a from stdin with csv;\r\n\\.\r\nselect 2;',
    ['1 copy: copy a from stdin with csv <2: >', '3 statement: select 2'],
  ],
  ['COPY to the end of the file', 'copy a from stdin;\n1\n', ['1 copy: copy a from stdin <2: 1\n>']],
  ['COPY from a file is a statement', "copy a from '/tmp/stdin';", ["1 statement: copy a from '/tmp/stdin'"]],
  [
    'commands for psql',
    '\\connect shop\nselect 1;\n  \\q\n',
    ['1 psql: \\connect shop', '2 statement: select 1', '3 psql: \\q'],
  ],
  ['text that nothing closes', "select 'a;b", ["1 statement: select 'a;b"]],
];

describe('an SQL file is split as psql does', () => {
  test.each(cases)('%s', (_what, sql, expected) => {
    expect(parts(sql)).toEqual(expected);
  });

  test('a literal of 20 MB takes no stack and no second', () => {
    const long = `'${"it''s;".repeat(3_000_000)}'`;
    expect([...splitSql(Buffer.from(`select ${long};select 2`))]).toHaveLength(2);
  });
});
