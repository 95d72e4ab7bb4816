import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Mapping } from '../../engine/contract/mapping.js';
import { BASE, load, write } from './project.js';
import type { Files } from './project.js';

/** Normal forms are compared without their places, which the mistakes and the tests of places cover. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([key]) => !['at', 'written', 'quote'].includes(key));
  if ('at' in value && entries.length === 1 && 'value' in value) return plain(value.value);
  return Object.fromEntries(entries.map(([key, each]) => [key, plain(each)]));
}

async function tasks(text: string, others: Files = {}): Promise<Mapping | undefined> {
  const { project, problems } = await load({ ...BASE, ...others, 'tasks.yaml': text });
  expect(problems).toEqual([]);
  return project?.mappings.find(({ name }) => name === 'tasks');
}

const HEAD = 'source: { table: task, key: id }\ntarget: { table: tasks, key: legacy_id, identity: id }\n';

test('the defaults of a mapping', async () => {
  const mapping = await tasks(`${HEAD}columns: { legacy_id: id }\n`);
  expect(plain(mapping)).toEqual({
    name: 'tasks',
    file: 'mappings/tasks.yaml',
    description: '',
    phase: null,
    tags: [],
    dependsOn: [],
    source: {
      connection: 'source',
      from: { kind: 'table', table: 'task', where: null },
      key: ['id'],
      changedAt: null,
      skipWhen: [],
      duplicates: { kind: 'reject' },
      ignore: [],
      sensitive: [],
      partition: { kind: 'auto' },
    },
    target: {
      connection: 'target',
      table: 'tasks',
      key: ['legacy_id'],
      identity: { column: 'id', strategy: null },
      mode: 'upsert',
      merge: null,
      triggers: 'keep',
      constraints: 'auto',
    },
    columns: [
      {
        column: 'legacy_id',
        origin: { kind: 'source', columns: ['id'] },
        steps: [],
        resolver: null,
        default: null,
      },
    ],
    sameName: null,
    rules: [],
    hooks: { before: [], after: [] },
    checks: [],
    maxRejects: { unit: 'percent', percent: 1 },
    stopAt: { unit: 'percent', percent: 10 },
    deletedRows: null,
    plainCopy: false,
  });
});

const string = (text: string) => ({ type: 'string', text });
const number = (text: string) => ({ type: 'number', text });
const from = (...columns: string[]) => ({ kind: 'source', columns });

test.each([
  ['bare word', 'a', { origin: from('a') }],
  ['several columns', '{ from: [a, b], steps: [{ join: " " }] }', { origin: from('a', 'b') }],
  ['sql', '{ sql: " a > 0 " }', { origin: { kind: 'sql', sql: 'a > 0' } }],
  ['digits are kept', '{ value: 1.10 }', { origin: { kind: 'value', value: number('1.10') } }],
  [
    'beyond a JS number',
    '{ value: 9007199254740993 }',
    { origin: { kind: 'value', value: number('9007199254740993') } },
  ],
  ['NO is text', '{ value: NO }', { origin: { kind: 'value', value: string('NO') } }],
  ['012 is a number', '{ value: 012 }', { origin: { kind: 'value', value: number('012') } }],
  ['quoted 012 is text', '{ value: "012" }', { origin: { kind: 'value', value: string('012') } }],
  ['TRUE', '{ value: TRUE }', { origin: { kind: 'value', value: { type: 'boolean', text: 'true' } } }],
  ['null', '{ value: ~ }', { origin: { kind: 'value', value: { type: 'null', text: '' } } }],
  ['generate', '{ generate: now }', { origin: { kind: 'generate', what: 'now' } }],
  ['run', '{ run: started_at }', { origin: { kind: 'run', what: 'started_at' } }],
  ['row', '{ source: key }', { origin: { kind: 'row', what: 'key' } }],
  [
    'object',
    '{ object: { s: status, run: { run: id }, n: { object: { x: { value: 3 } } }, l: { array: [a, { from: b }] } } }',
    {
      origin: {
        kind: 'object',
        entries: [
          { key: 's', origin: from('status') },
          { key: 'run', origin: { kind: 'run', what: 'id' } },
          {
            key: 'n',
            origin: {
              kind: 'object',
              entries: [{ key: 'x', origin: { kind: 'value', value: number('3') } }],
            },
          },
          { key: 'l', origin: { kind: 'array', items: [from('a'), from('b')] } },
        ],
      },
    },
  ],
  [
    'steps bare and with an argument',
    '{ from: a, steps: [trim, number, { number: { decimal: "," } }, { null_if: [1.0, "-", true] }] }',
    {
      steps: [
        { name: 'trim', argument: null },
        { name: 'number', argument: null },
        { name: 'number', argument: { decimal: ',' } },
        { name: 'null_if', argument: ['1.0', '-', true] },
      ],
    },
  ],
  [
    'map',
    '{ from: a, map: { N: new, 1: one }, unmapped: null }',
    {
      resolver: {
        kind: 'map',
        entries: [
          { key: string('N'), value: string('new') },
          { key: number('1'), value: string('one') },
        ],
        unmapped: { kind: 'null' },
      },
    },
  ],
  [
    'map with a constant',
    '{ from: a, map: { N: new }, unmapped: { value: 0 } }',
    {
      resolver: {
        kind: 'map',
        entries: [{ key: string('N'), value: string('new') }],
        unmapped: { kind: 'value', value: number('0') },
      },
    },
  ],
  [
    'references with words',
    '{ from: a, references: { mapping: patients, by: code, yields: name }, missing: null, default: 7 }',
    {
      resolver: {
        kind: 'references',
        parents: [{ mapping: 'patients', by: 'code', yields: 'name', when: null }],
        switch: null,
        missing: 'null',
      },
      default: number('7'),
    },
  ],
  [
    'references to itself',
    '{ from: a, references: tasks }',
    {
      resolver: {
        kind: 'references',
        parents: [{ mapping: 'tasks', by: null, yields: null, when: null }],
        missing: 'reject',
      },
    },
  ],
  [
    'references to the first of several',
    '{ from: a, references: [patients, { mapping: tasks, by: code }] }',
    {
      resolver: {
        parents: [
          { mapping: 'patients', by: null, yields: null, when: null },
          { mapping: 'tasks', by: 'code', yields: null, when: null },
        ],
        switch: null,
      },
    },
  ],
  [
    'references by a switch',
    '{ from: a, references: { switch: type, cases: { 1: patients, t: { mapping: tasks, yields: id } } } }',
    {
      resolver: {
        parents: [
          { mapping: 'patients', by: null, yields: null, when: { type: 'number', text: '1' } },
          { mapping: 'tasks', by: null, yields: 'id', when: { type: 'string', text: 't' } },
        ],
        switch: 'type',
      },
    },
  ],
  [
    'inline look-up',
    '{ from: a, lookup: { connection: target, query: select * from t, key: code, value: id } }',
    {
      resolver: {
        kind: 'lookup',
        lookup: {
          name: null,
          from: { kind: 'query', connection: 'target', sql: 'select * from t', key: 'code', value: 'id' },
        },
        missing: 'reject',
      },
    },
  ],
])('a column: %s', async (_name, text, expected) => {
  const mapping = await tasks(`${HEAD}columns:\n  legacy_id: id\n  c: ${text}\n`);
  expect(plain(mapping?.columns[1])).toMatchObject({ column: 'c', ...expected });
});

test.each([
  [
    'query',
    'source: { query: select * from t, key: [a, b] }',
    { from: { kind: 'query', sql: 'select * from t' }, key: ['a', 'b'] },
  ],
  [
    'where',
    'source: { table: s.t, where: a > 1, key: a }',
    { from: { kind: 'table', table: 's.t', where: 'a > 1' } },
  ],
  [
    'query_file',
    'source: { query_file: sql/t.sql, key: a }',
    { from: { kind: 'query', sql: 'select 2 as a' } },
  ],
  [
    'skip_when',
    'source: { table: t, key: a, skip_when: { gone: deleted } }',
    { skipWhen: [{ name: 'gone', sql: 'deleted' }] },
  ],
  ['ignore all', 'source: { table: t, key: a, ignore: { columns: "*" } }', { ignore: '*' }],
  ['ignore some', 'source: { table: t, key: a, ignore: { columns: [x], reason: old } }', { ignore: ['x'] }],
  [
    'sensitive',
    'source: { table: t, key: a, sensitive: [x], duplicates: reject, partition: none }',
    { sensitive: ['x'], partition: { kind: 'none' } },
  ],
  [
    'ranges of some rows',
    'source: { table: t, key: a, partition: { rows: 5 } }',
    { partition: { kind: 'rows', rows: 5 } },
  ],
])('a source: %s', async (_name, source, expected) => {
  const text = `${source}\ntarget: { table: t, key: legacy_id }\ncolumns: { legacy_id: a }\n`;
  const mapping = await tasks(text, { 'sql/t.sql': '\n\n  select 2 as a\n' });
  expect(plain(mapping?.source)).toMatchObject(expected);
});

test('rules get a name of their columns, and keep a given one', async () => {
  const rules = [
    '- not_null: [a, b]',
    '- range: { column: price, min: 0, max: 9.50 }\n    severity: warn',
    '- sql: a < b\n    name: in order\n    severity: fail',
  ];
  const mapping = await tasks(
    `${HEAD}columns: { legacy_id: id, a: id, b: id, price: id }\nrules:\n  ${rules.join('\n  ')}\n`,
  );
  expect(plain(mapping?.rules)).toEqual([
    {
      name: 'not_null(a, b)',
      severity: 'reject',
      test: { kind: 'rule', rule: 'not_null', argument: ['a', 'b'] },
    },
    {
      name: 'range(price)',
      severity: 'warn',
      test: { kind: 'rule', rule: 'range', argument: { column: 'price', min: 0, max: '9.50' } },
    },
    { name: 'in order', severity: 'fail', test: { kind: 'sql', sql: 'a < b' } },
  ]);
});

test('a look-up of the mapping goes before one of the project', async () => {
  const { 'etl.yaml': etl = '' } = BASE;
  const mapping = await tasks(
    `${HEAD}columns: { legacy_id: id, a: { from: a, lookup: x }, b: { from: b, lookup: y } }\nlookups: { x: { values: { 1: own } } }\n`,
    {
      'etl.yaml': `${etl}lookups: { x: { values: { 1: shared } }, y: { file: y.csv, key: k, value: v } }\n`,
      'y.csv': 'k,v\n',
    },
  );
  const used = mapping?.columns.map(({ resolver }) =>
    resolver?.kind === 'lookup' ? plain(resolver.lookup) : null,
  );
  expect(used).toEqual([
    null,
    { name: 'x', from: { kind: 'values', entries: [{ key: number('1'), value: string('own') }] } },
    { name: 'y', from: expect.objectContaining({ kind: 'file', key: 'k', value: 'v' }) as unknown },
  ]);
});

test('a same_name star stands beside the columns', async () => {
  const mapping = await tasks(`${HEAD}columns: { "*": same_name, b: c }\n`);
  expect(mapping?.sameName).toEqual({ file: 'mappings/tasks.yaml', line: 3, column: 12, length: 3 });
  expect(mapping?.columns.map(({ column }) => column.value)).toEqual(['b']);
});

test('__proto__ as a column is a column', async () => {
  const mapping = await tasks(`${HEAD}columns: { legacy_id: id, __proto__: __proto__ }\n`);
  expect(mapping?.columns[1]?.column.value).toBe('__proto__');
});

test.each([
  ['block', 'query: |-\n\n    select *\n    from t', 'mappings/tasks.yaml', 4, 5],
  ['folded', 'query: >\n    select * from t', 'mappings/tasks.yaml', 3, 5],
  ['quoted', 'query: "select * from t"', 'mappings/tasks.yaml', 2, 11],
  ['plain', 'query: select * from t', 'mappings/tasks.yaml', 2, 10],
  ['file', 'query_file: t.sql', 'mappings/t.sql', 2, 3],
])('the place of SQL is its first character: %s', async (_name, query, file, line, column) => {
  const text = `source:\n  ${query}\n  key: id\ntarget: { table: t, key: k }\ncolumns: { k: id }\n`;
  const mapping = await tasks(text, { 't.sql': '\n  select * from t\n' });
  const source = mapping?.source.from;
  expect(source?.kind === 'query' ? source.sql.at : null).toMatchObject({ file, line, column });
});

test('a project: phases, copies, settings, aliases, .yml, and files that are none', async () => {
  const { project, problems } = await load({
    'etl.yaml': [
      'version: 1',
      'project: clinic',
      'connections:',
      '  source: { url: a, ssl: verify-full, ca: ca.pem, search_path: [clinic, public] }',
      '  target: { url: b, password_file: ca.pem }',
      '  audit: { url: c, password_command: [token, --port, 5432] }',
      '  other: { url: d, password_command: "token | cut -f 2" }',
      'embedded: { source: [s.sql], target: t.sql, settings: { shop.seed: 7 } }',
      'phases: [core, business]',
      'defaults: { batch_rows: 500, max_rejects: 100, stop_at: 2.5%, triggers: keep, constraints: keep }',
      'copy: [{ table: genders, phase: core }]',
      'state: { schema: crosswalk }',
    ].join('\n'),
    'ca.pem': '',
    's.sql': '',
    't.sql': '',
    'deep/er/zones.yml':
      'phase: &p business\ntags: [*p]\nsource: { table: z, key: id }\ntarget: { table: z, key: k }\ncolumns: { k: id }\n',
    'zones.test.yaml': '- test: not a mapping\n',
    '.etl/state.yaml': '- neither\n',
    'node_modules/x/package.yaml': '- neither\n',
    'README.md': 'no: mapping',
  });
  expect(problems).toEqual([]);
  expect(project).toMatchObject({
    name: 'clinic',
    phases: ['core', 'business'],
    batchRows: 500,
    stateSchema: 'crosswalk',
    embedded: {
      source: [`${project?.folder ?? ''}/s.sql`],
      target: [`${project?.folder ?? ''}/t.sql`],
      settings: new Map([['shop.seed', '7']]),
    },
    mappings: [
      {
        name: 'genders',
        phase: 'core',
        plainCopy: true,
        maxRejects: { unit: 'rows', count: 100 },
        stopAt: { unit: 'percent', percent: 2.5 },
        target: { triggers: { value: 'keep' }, constraints: { value: 'keep' } },
      },
      { name: 'zones', phase: 'business', tags: ['business'], plainCopy: false },
    ],
  });
  expect(project?.connections.get('source')).toMatchObject({
    ssl: 'verify-full',
    ca: `${project?.folder ?? ''}/ca.pem`,
    searchPath: ['clinic', 'public'],
    origin: 'etl.yaml',
  });
  const folder = project?.folder ?? '';
  const passwords = ['source', 'target', 'audit', 'other'].map(
    (name) => project?.connections.get(name)?.password,
  );
  expect(passwords).toEqual([
    undefined,
    { kind: 'file', path: `${folder}/ca.pem` },
    { kind: 'command', command: ['token', '--port', '5432'], folder },
    { kind: 'command', command: 'token | cut -f 2', folder },
  ]);
  expect(project).not.toHaveProperty('copies');
});

test('the hash follows the content of every file read, and no secret', async () => {
  const files: Files = {
    ...BASE,
    'tasks.yaml':
      'source: { query_file: t.sql, key: id }\ntarget: { table: t, key: k }\ncolumns: { k: id }\n',
    't.sql': 'select * from t',
  };
  const hash = async (changed: Files) => (await load({ ...files, ...changed })).hash;
  const first = await hash({});
  expect(first).toMatch(/^[0-9a-f]{64}$/);
  expect(await hash({})).toBe(first);
  expect(await hash({ '.env': 'A=b', 'notes.txt': 'x' })).toBe(first);
  for (const [path, text] of Object.entries(files))
    expect(await hash({ [path]: `${text}\n` })).not.toBe(first);
});

test('the base project has the texts of its files, as written', async () => {
  const cwd = write(BASE);
  const { texts } = await load(BASE, { cwd });
  expect([...texts.keys()].sort()).toEqual(['mappings/etl.yaml', 'mappings/patients.yaml']);
  expect(texts.get('mappings/etl.yaml')).toBe(readFileSync(`${cwd}/mappings/etl.yaml`, 'utf8'));
});
