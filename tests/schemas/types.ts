import { plainMapping, wholeTable, type Case } from './case.js';

const EXTENSIONS = ['hstore', 'citext', 'ltree', 'cube', 'seg', 'isn', 'intarray'];

/** Types of our own, as both databases have them. */
export const TYPES_SQL = `${EXTENSIONS.map((name) => `create extension ${name};`).join(' ')}
  create type mood as enum ('sad', 'ok', 'it''s, "so" so');
  create type point3 as (x float8, y float8, "the label" text);
  create type span as (name text, during tstzrange, at point3);
  create type floats as range (subtype = float8);
  create domain positive as numeric(12, 2) check (value > 0);
  create domain price as positive not null;
  create domain tags as text[] check (cardinality(value) < 5);
  create domain place as point3 check ((value).x >= 0);`;

/** Each type with SQL texts of a value each; a column a type, a row a place in the list, null behind its end. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  money: ['-1234567.89', '0', '92233720368547758.07'],
  numeric: ['NaN', 'Infinity', '-Infinity', '1.50', '1e-20'],
  float4: ['NaN', '-0', '1.17549435e-38', 'Infinity'],
  'char(5)': ['a', '', 'abcde'],
  '"char"': ['a', '', '\\377'],
  name: ['a name', '', 'x'.repeat(63)],
  date: ['infinity', '-infinity', '4713-01-01 BC', '5874897-12-31'],
  timestamptz: ['infinity', '0044-03-15 12:00+00 BC', '294276-12-31 23:59:59.999999+00'],
  timetz: ['12:34:56.789+05:30', '24:00:00-15:59', '00:00:00.000001+00'],
  time: ['24:00:00', '00:00'],
  interval: ['-1 year -2 mons +3 days -04:05:06.000007', 'P1Y', '0'],
  'bit(3)': ['101', '000'],
  'bit varying(5)': ['', '10101'],
  tsvector: ["'a' 'fat':2A,4B 'it''s'", ''],
  tsquery: ["'a' & !'b' <-> 'c':A*", ''],
  pg_lsn: ['16/B374D848', '0/0'],
  xid: ['4294967295', '0'],
  xid8: ['18446744073709551615', '0'],
  pg_snapshot: ['10:20:10,14,15'],
  tid: ['(0,1)', '(4294967295,65535)'],
  regclass: ['pg_class', '-'],
  regtype: ['integer', '-'],
  regrole: ['pg_monitor', '-'],
  regoperator: ['+(integer,integer)', '0'],
  inet: ['::ffff:1.2.3.4/128', '10.1.2.3/8', '::1'],
  cidr: ['10.0.0.0/8', '2001:db8::/32'],
  macaddr: ['08:00:2b:01:02:03'],
  macaddr8: ['08:00:2b:01:02:03:04:05'],
  bytea: ['\\x', '\\x00ff5c0a', '\\x5c2e'],
  json: ['{"a":1, "a":2}', ' [1 , 2] ', '"\\u0041"'],
  jsonb: ['{"a": 1e400}', 'null', '"\\\\ \\n"'],
  jsonpath: ['$."a b"[*] ? (@ > 1)', 'strict $'],
  xml: ['<a b="c">&lt;d/&gt;</a>', 'text, no document', '<x/><y/>'],
  point: ['(1.5,-2)', '(Infinity,NaN)'],
  line: ['{1,2,3}'],
  lseg: ['[(0,0),(1,1)]'],
  box: ['(2,2),(1,1)'],
  path: ['[(0,0),(1,1)]', '((0,0),(1,1),(2,0))'],
  polygon: ['((0,0),(1,1),(2,0))'],
  circle: ['<(0,0),1>'],
  int4range: ['[1,3)', 'empty', '(,)'],
  numrange: ['(1.50,2.5]', '[,0]'],
  tstzrange: ['["2020-01-01 00:00:00+00",infinity)'],
  int8multirange: ['{[1,3),[5,7)}', '{}'],
  datemultirange: ['{[2020-01-01,2020-02-01),[2021-01-01,)}'],
  floats: ['[0.1,1e300)', 'empty'],
  floats_multirange: ['{[0.1,0.2),[3,4)}'],
  mood: ['it\'s, "so" so', 'sad'],
  'mood[]': ['{sad,NULL,"it\'s, \\"so\\" so"}', '{}', '{{sad},{ok}}'],
  'int[]': ['[0:1][-1:0]={{1,NULL},{3,4}}', '{}', '{NULL}'],
  'text[]': ['{"a\\"b","c\\\\d","",NULL,"NULL","e,f"," g ","{}"}'],
  'bytea[]': ['{"\\\\x00ff",NULL}'],
  'jsonb[]': ['{"{\\"a\\": [1, null]}","\\"x\\""}'],
  'timestamptz[]': ['{"2020-01-01 00:00:00.5+00",infinity}'],
  'money[]': ['{-1.50,"$1,000.00"}'],
  point3: ['(1,2,"a ""b"", c\\\\")', '(,,)', '(1,,"")'],
  'point3[]': ['{"(1,2,\\"a, b\\")",NULL}'],
  span: ['("a b","[""2020-01-01 00:00:00+00"",)","(1,2,""in, (here)"")")'],
  positive: ['0.01', '9999999999.99'],
  tags: ['{a,b}', '{}'],
  place: ['(0,1,x)'],
  hstore: ['"a b"=>"c\\"d", "n"=>NULL', ''],
  citext: ['MiXed', ''],
  ltree: ['Top.Science.Astronomy', ''],
  lquery: ['Top.*{1,2}.!Astro*@'],
  cube: ['(1,2),(3,4)', '(0)'],
  seg: ['1.50 .. 2.5', '~6.5'],
  isbn13: ['978-0-393-04002-9'],
  oidvector: ['1 2 3', ''],
  refcursor: ['a cursor'],
  uuid: ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
};

const TYPES = Object.keys(VALUES);
const ROWS = 5;
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const table = (name: string): string =>
  `create table ${name} (id int primary key, ${TYPES.map((type, n) => `c${String(n)} ${type}`).join(', ')});`;

const rows = Array.from({ length: ROWS }, (_, row) => {
  const values = TYPES.map((type) => {
    const value = VALUES[type]?.[row];
    return value === undefined ? 'null' : `${literal(value)}::${type}`;
  });
  return `(${String(row)}, ${values.join(', ')})`;
});

const made = TYPES.map((_, n) => `  c${String(n)}: { from: c${String(n)}, default: null }`).join('\n');
/** A text would have to say how it encodes the bytes. */
const texts = TYPES.map((type, n) => (type === 'bytea' ? `c${String(n)} bytea` : `c${String(n)} text`));

export const TYPES_CASES: readonly Case[] = [
  {
    name: 'kinds',
    source: `${table('kinds')} insert into kinds values ${rows.join(', ')};`,
    target: table('kinds'),
    counts: `read ${String(ROWS)}, inserted ${String(ROWS)}`,
    same: wholeTable('kinds'),
    change: 'update kinds set c0 = 5, c55 = null where id in (0, 1)',
    changed: `read ${String(ROWS)}, updated 2, unchanged 3`,
  },
  {
    name: 'kinds made',
    source: '',
    target: table('made'),
    mapping: `source: { table: kinds, key: id }\ntarget: { table: made, key: id }\ncolumns:\n  id: id\n${made}\n`,
    counts: `read ${String(ROWS)}, inserted ${String(ROWS)}`,
    same: ['select t::text from kinds t order by id', 'select t::text from made t order by id'],
    changed: `read ${String(ROWS)}, updated 2, unchanged 3`,
  },
  {
    name: 'kinds as text',
    source: '',
    target: `create table kinds_text (id int primary key, ${texts.join(', ')});`,
    mapping: plainMapping('kinds').replace('target: { table: kinds', 'target: { table: kinds_text'),
    counts: `read ${String(ROWS)}, inserted ${String(ROWS)}`,
    changed: `read ${String(ROWS)}, updated 2, unchanged 3`,
  },
  {
    name: 'prices',
    source: `create table prices (id int primary key, a numeric, b text[], c point3, d numeric, m mood);
      insert into prices values (1, 1, '{a}', '(1,2,x)', 1, 'ok'), (2, 0, '{a}', '(1,2,x)', 1, 'ok'), (3, 1, '{a,b,c,d,e}', null, 1, 'ok'),
        (4, 1, null, '(-1,2,x)', 1, 'ok'), (5, null, null, null, 1, 'ok'), (6, 1, null, null, null, 'ok'), (7, 1.005, null, null, 1, 'ok'), (8, 1, null, null, 1, 'sad')`,
    target: `create type mood_now as enum ('ok', 'glad'); create table prices (id int primary key, a price, b tags, c place, d positive not null, m mood_now)`,
    mapping: `${plainMapping('prices')}max_rejects: 100%\nstop_at: 100%\n`,
    counts: 'read 8, inserted 1, rejected 7',
    rejects: [
      '2  positive_check 23514',
      '3  tags_check 23514',
      '4  place_check 23514',
      '5  database 23502',
      '6 d not_null',
      '7 a digits',
      '8 m enum',
    ],
  },
];
