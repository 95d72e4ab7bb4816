import { describe, expect, it, test } from 'vitest';
import { assign, assignBase } from '../../engine/compile/assign.js';
import type { PgType } from '../../engine/contract/catalogue.js';
import type { BaseType } from '../../engine/contract/value.js';
import { columnOf, typeOf } from '../support/compiled.js';

const BASES: Readonly<Record<string, BaseType>> = {
  text: 'text',
  varchar: 'text',
  bpchar: 'text',
  int2: 'integer',
  int4: 'integer',
  int8: 'integer',
  numeric: 'numeric',
  float4: 'float',
  float8: 'float',
  bool: 'boolean',
  date: 'date',
  time: 'time',
  timestamp: 'timestamp',
  timestamptz: 'timestamptz',
  json: 'json',
  jsonb: 'json',
  uuid: 'uuid',
  bytea: 'bytea',
  inet: 'other',
};
const NAMES = Object.keys(BASES);

/** `numeric(10,2)`, `varchar(5)`, `timestamp(0)`, `_numeric(10,2)` as the catalogue holds them. */
function type(written: string): PgType {
  const [, name = '', a, b] = /^(\w+)(?:\((\d+)(?:,(\d+))?\))?$/.exec(written) ?? [];
  const isTime = /time|interval/.test(name);
  const modifier =
    a === undefined
      ? -1
      : isTime
        ? Number(a)
        : 4 + (b === undefined ? Number(a) : Number(a) * 65_536 + Number(b));
  const found = typeOf(name.startsWith('_') ? 'other' : (BASES[name] ?? 'other'), name, modifier);
  return name.startsWith('_') ? { ...found, kind: 'array' } : found;
}

const how = (from: string, to: string): string => {
  const found = assign(type(from), columnOf('v', type(to)));
  return found.how === 'cast' ? `cast ${found.to}` : found.how;
};

describe('the matrix', () => {
  // b: the bytes as they came; v: by the row program; c: a cast on the source; .: the mapping must say how.
  test.each([
    /*                 t v b i i i n f f b d t t t j j u b i
                       x c p 2 4 8 u 4 8 o a i s z s b u y n */
    { from: 'text',        row: 'b b b v v v b b b . . . . . . . b . b' },
    { from: 'varchar',     row: 'b b b v v v b b b . . . . . . . b . b' },
    { from: 'bpchar',      row: 'c c b v v v b b b . . . . . . . b . b' },
    { from: 'int2',        row: 'b b b b b b b c c . . . . . b b . . .' },
    { from: 'int4',        row: 'b b b b b b b c c . . . . . b b . . .' },
    { from: 'int8',        row: 'b b b b b b b c c . . . . . b b . . .' },
    { from: 'numeric',     row: 'b b b v v v b c c . . . . . b b . . .' },
    { from: 'float4',      row: 'b b b v v v b b c . . . . . . . . . .' },
    { from: 'float8',      row: 'b b b v v v b . b . . . . . . . . . .' },
    { from: 'bool',        row: 'c c c c c c . . . b . . . . . . . . .' },
    { from: 'date',        row: 'c c c . . . . . . . b . b . . . . . .' },
    { from: 'time',        row: 'c c c . . . . . . . . b . . . . . . .' },
    { from: 'timestamp',   row: 'c c c . . . . . . . . . b . . . . . .' },
    { from: 'timestamptz', row: 'c c c . . . . . . . . . . b . . . . .' },
    { from: 'json',        row: 'c c c . . . . . . . . . . . b b . . .' },
    { from: 'jsonb',       row: 'c c c . . . . . . . . . . . b b . . .' },
    { from: 'uuid',        row: 'b b b . . . . . . . . . . . . . b . .' },
    { from: 'bytea',       row: '. . . . . . . . . . . . . . . . . b .' },
    { from: 'inet',        row: 'c c c . . . . . . . . . . . . . . . b' },
  ])('from $from', ({ from, row }) => {
    const found = NAMES.map((to) => ({ bytes: 'b', value: 'v', demand: '.' })[how(from, to)] ?? 'c');
    expect(found.join(' ')).toBe(row);
  }); // prettier-ignore

  test.each([
    ['varchar(5)', 'varchar(10)', 'bytes', []],
    ['varchar(5)', 'text', 'bytes', []],
    ['varchar(5)', 'varchar(3)', 'bytes', ['length']],
    ['text', 'varchar(3)', 'bytes', ['length']],
    ['bpchar(5)', 'varchar(3)', 'cast text', ['length']],
    ['int2', 'int8', 'bytes', []],
    ['int8', 'int4', 'bytes', ['integer']],
    ['numeric(10,2)', 'numeric', 'bytes', []],
    ['numeric(10,2)', 'numeric(12,4)', 'bytes', []],
    ['numeric(10,2)', 'numeric(10,4)', 'bytes', ['digits']],
    ['numeric(10,2)', 'numeric(10,1)', 'bytes', ['digits']],
    ['numeric', 'numeric(10,2)', 'bytes', ['digits']],
    ['int4', 'numeric(5,2)', 'bytes', ['digits']],
    ['int4', 'float4', 'cast float4', ['number']],
    ['numeric', 'float4', 'cast float4', ['number']],
    ['float4', 'float8', 'cast float8', []],
    ['timestamp(0)', 'timestamp(3)', 'bytes', []],
    ['timestamp', 'timestamp(6)', 'bytes', []],
    ['timestamp', 'timestamp(0)', 'demand', []],
    ['timestamptz(6)', 'timestamptz(3)', 'demand', []],
    ['time', 'time(0)', 'demand', []],
    ['_timestamp', '_timestamp(0)', 'demand', []],
    ['_numeric', '_numeric(10,2)', 'demand', []],
    ['_numeric(8,2)', '_numeric(10,2)', 'bytes', []],
    ['_varchar(5)', '_varchar(3)', 'bytes', []],
    ['interval', 'interval(0)', 'demand', []],
    ['text', 'interval', 'demand', []],
    ['text', 'money', 'demand', []],
    ['text', '_numeric(10,2)', 'demand', []],
    ['text', '_numeric', 'bytes', []],
    ['text', 'name', 'demand', []],
    ['name', 'name', 'bytes', []],
    ['bool', 'char', 'demand', []],
  ])('%s into %s: %s %j', (from, to, wanted, checks) => {
    const found = assign(type(from), columnOf('v', type(to)));
    expect(how(from, to)).toBe(wanted);
    expect(found.how === 'demand' ? [] : found.checks.map(({ kind }) => kind)).toEqual(checks);
  });

  it('a demand says what to write', () => {
    const help = (from: string, to: string): string => {
      const found = assign(type(from), columnOf('v', type(to)));
      return found.how === 'demand' ? found.help : '';
    };
    expect(help('text', 'date')).toContain('parse_date');
    expect(help('timestamp', 'timestamptz')).toContain('timezone');
    expect(help('timestamptz', 'timestamp')).toContain('at time zone');
    expect(help('int4', 'bool')).toContain('boolean');
    expect(help('timestamp', 'timestamp(0)')).toContain('sql:');
  });

  it('a domain is what it stands on, however many lie between', () => {
    const domain = (on: PgType): PgType => ({
      ...typeOf(on.base, 'money_amount'),
      kind: 'domain',
      domainOf: on,
    });
    const found = assign(type('numeric'), columnOf('v', domain(domain(type('numeric(10,2)')))));
    expect(found).toEqual({ how: 'bytes', checks: [{ kind: 'digits', precision: 10, scale: 2 }] });
  });

  test.each([
    { from: ['a', 'b'], to: ['a', 'b'], name: 'mood', checks: [] },
    { from: ['a'], to: ['b', 'a'], name: 'mood', checks: [] },
    { from: ['a', 'c'], to: ['a', 'b'], name: 'mood', checks: ['labels'] },
    { from: ['a', 'b'], to: ['a', 'b'], name: 'other_mood', checks: ['labels'] },
  ])('enum $from into $name $to', ({ from, to, name, checks }) => {
    const labelled = (labels: readonly string[], called: string): PgType => ({
      ...typeOf('other', called),
      kind: 'enum',
      labels,
    });
    const found = assign(labelled(from, 'mood'), columnOf('v', labelled(to, name)));
    expect([found.how, found.how === 'demand' ? [] : found.checks.map(({ kind }) => kind)]).toEqual([
      'bytes',
      checks,
    ]);
  });
});

describe('a value that steps have made', () => {
  test.each<[BaseType, string, string, readonly string[]]>([
    ['text', 'varchar(3)', 'value', ['length']],
    ['text', 'int4', 'value', ['integer']],
    ['text', 'timestamp', 'demand', []],
    ['text', 'bool', 'demand', []],
    ['numeric', 'numeric(10,2)', 'value', ['digits']],
    ['numeric', 'int2', 'value', ['integer']],
    ['integer', 'int2', 'value', ['integer']],
    ['integer', 'text', 'value', []],
    ['boolean', 'bool', 'value', ['boolean']],
    ['boolean', 'text', 'value', []],
    ['date', 'timestamp', 'value', []],
    ['date', 'timestamptz', 'demand', []],
    ['timestamp', 'timestamptz', 'demand', []],
    ['timestamptz', 'timestamptz', 'value', []],
    ['timestamptz', 'timestamptz(0)', 'value', []],
    ['timestamptz', 'date', 'demand', []],
    ['json', 'jsonb', 'value', []],
    ['json', 'text', 'value', []],
    ['uuid', 'uuid', 'value', ['uuid']],
    ['uuid', 'text', 'value', []],
    ['text', 'name', 'demand', []],
  ])('%s into %s: %s %j', (from, to, wanted, checks) => {
    const found = assignBase(from, columnOf('v', type(to)));
    expect(found.how).toBe(wanted);
    expect(found.how === 'demand' ? [] : found.checks.map(({ kind }) => kind)).toEqual(checks);
  });
});
