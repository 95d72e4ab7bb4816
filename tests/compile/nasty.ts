/** Types of a column and, for each, SQL expressions of values that have been known to go wrong on their way. */
export const NASTY: Readonly<Record<string, readonly string[]>> = {
  text: [
    `''`, `' '`, `'a'`, `'ab   '`, `'abc  '`, `'abcdef'`, `'😀😀😀'`, `'é'`, `e'a\\tb\\nc\\\\d\\re'`, `e'\\\\N'`,
    `e'\\\\.'`, `'1.005'`, `' 7 '`, `'007'`, `'+5'`, `'-0'`, `'1e3'`, `'1e400'`, `'0x1F'`, `'1_000'`, `'NaN'`,
    `'inf'`, `'-Infinity'`, `'9223372036854775808'`, `'-32769'`, `'99999.995'`, `'true'`, `'t'`, `'sad'`,
    `'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'`, `'{a0eebc999c0b4ef8bb6d6bb9bd380a11}'`, `' a0eebc999c0b4ef8bb6d6bb9bd380a11'`,
    `'101'`, `'10.0.0.1'`, `'1 day'`, `'{1.005}'`, `'[1,2)'`, `'$1.005'`, `'\u00a07'`, `repeat('x', 70)`, `repeat('é', 40)`,
  ],
  varchar: [`''`, `'abc   '`, `'abcd'`, `'😀😀😀😀'`, `'1.005'`],
  'varchar(5)': [`''`, `'abc  '`, `'abcde'`, `'😀😀😀😀😀'`, `'7'`, `'sad'`],
  'varchar(3)': [`''`, `'a  '`, `'abc'`],
  'char(5)': [`''`, `'a'`, `'abcde'`, `'abc'`, `'7'`, `'sad'`, `'😀'`],
  'char(3)': [`''`, `'a'`, `'abc'`],
  name: [`'abc'`, `''`],
  // Its empty value becomes a character (8) without padding by assignment: PostgreSQL's own oddity.
  '"char"': [`'a'`, `'x'`],
  mood: [`'sad'`, `'ok'`, `'happy day'`],
  fewer: [`'sad'`, `'ok'`],
  more: [`'sad'`, `'new'`, `'happy day'`],
  int2: [`-32768`, `0`, `32767`],
  int4: [`-2147483648`, `-32769`, `-1`, `0`, `32768`, `16777217`, `2147483647`],
  int8: [`-9223372036854775808`, `9223372036854775807`, `9007199254740993`, `1152921573326323713`, `4294967295`, `4294967296`, `-1`, `99`],
  oid: [`0`, `4294967295`],
  numeric: [
    `'NaN'`, `'Infinity'`, `'-Infinity'`, `1.005`, `-1.005`, `1.0050`, `0.000`, `99999.994`, `99999.995`, `9999999.99`, `12345`, `12300`,
    `2.5`, `3.5`, `7.00`, `0.1`, `0.10000000000000001`, `16777217`, `9007199254740993`, `1e30`, `1e-30`, `1152921573326323713`, `-32769`,
  ],
  'numeric(10,3)': [`1.005`, `-0.001`, `9999999.999`, `'NaN'`, `1.5`, `1.050`, `1.000`],
  'numeric(10,2)': [`1.00`, `99999999.99`, `'NaN'`, `0`, `1.50`],
  'numeric(6,2)': [`-9999.99`, `0.01`],
  'numeric(3,-2)': [`12300`, `-99900`, `0`],
  float4: [`0.1`, `-0`, `'NaN'`, `'Infinity'`, `16777216`, `1e-45`, `3.4028235e38`, `1.5`, `2.5`],
  float8: [`0.1`, `0.1::float8 + 0.2`, `'-0'`, `'NaN'`, `'-Infinity'`, `1e308`, `5e-324`, `9007199254740993`, `1.005`, `2.5`, `3`],
  bool: [`true`, `false`],
  date: [`'2020-02-29'`, `'0044-03-15 BC'`, `'infinity'`, `'-infinity'`, `'5874897-12-31'`, `'4713-01-01 BC'`, `'10000-01-01'`],
  time: [`'00:00'`, `'24:00'`, `'23:59:59.999999'`],
  'time(0)': [`'12:34:56'`],
  timetz: [`'12:34:56.789+05:30'`, `'00:00-15:59'`],
  timestamp: [
    `'2020-01-01 00:00:00'`, `'2020-06-30 23:59:59.999999'`, `'0044-03-15 12:00 BC'`, `'infinity'`, `'294276-12-31 23:59:59.999999'`,
    `'2021-03-28 02:30:00'`, `'2020-01-01 12:00:00.5'`,
  ],
  'timestamp(0)': [`'2020-01-01 12:00:00'`],
  'timestamp(3)': [`'2020-01-01 12:00:00.001'`],
  timestamptz: [`'2020-01-01 00:00:00.000001+05:30'`, `'0044-03-15 12:00+00 BC'`, `'-infinity'`, `'1883-11-18 12:03:57 America/New_York'`],
  'timestamptz(0)': [`'2020-01-01 12:00:00+00'`],
  json: [`'{"b":1,"a":[1.10,null]}'`, `'"x"'`, `'null'`, `'{"a":1,"a":2}'`, `'"\\u0000"'`, `' 1'`, `e'"a\\\\nb"'`],
  jsonb: [`'{"b":1,"a":[1.10,null]}'`, `'"x"'`, `'null'`, `'1e3'`],
  uuid: [`'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'`],
  bytea: [`'\\x00ff'`, `''`, `'\\x5c4e'`],
  interval: [`'1 day 02:03:04.000005'`, `'-1 mon'`, `'1000000 years'`, `'1.5 seconds'`],
  'interval(0)': [`'1 second'`],
  'interval year to month': [`'1 year 2 mons'`],
  inet: [`'10.0.0.1'`, `'10.0.0.0/8'`, `'::1'`],
  cidr: [`'10.0.0.0/8'`],
  'bit(3)': [`b'101'`],
  'bit(5)': [`b'10100'`],
  varbit: [`b''`, `b'101'`, `b'10100'`],
  'varbit(3)': [`b'101'`, `b''`],
  'numeric[]': [`'{1.005,NULL}'`, `'{}'`, `'{{1,2},{3,4}}'`, `'[0:1]={1,2}'`],
  'numeric(10,2)[]': [`'{1.01}'`],
  'text[]': [`array['a"b', 'c\\d', '', null, 'NULL', 'e,f', ' g ']`],
  'varchar(3)[]': [`'{abc}'`],
  'timestamp[]': [`'{"2020-01-01 12:00:00.5"}'`],
  'timestamp(0)[]': [`'{"2020-01-01 12:00:00"}'`],
  'mood[]': [`'{sad,"happy day"}'`],
  int4range: [`'[1,3)'`, `'empty'`, `'(,)'`],
  short: [`'abc'`, `'a  '`],
  amount: [`1.01`],
  'nested.amount': [`1.01`],
  even: [`2`],
}; // prettier-ignore

/** The types that {@link NASTY} names beside PostgreSQL's own. */
export const TYPES_SQL = `
  create type mood as enum ('sad', 'ok', 'happy day');
  create type fewer as enum ('sad', 'ok');
  create type more as enum ('new', 'happy day', 'ok', 'sad');
  create domain short as varchar(3);
  create domain amount as numeric(10,2);
  create schema nested;
  create domain nested.amount as amount;
  create domain even as int4 check (value % 2 = 0);`;
