import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { columnsOf, mappingOf, openBinder, type Binder } from './bind.js';
import { SOURCE, TARGET } from './schemas.js';

let binder: Binder;
beforeAll(async () => {
  binder = await openBinder({ source: SOURCE, target: TARGET });
});
afterAll(() => binder.close());

const head = (table: string, target: string): string => `source: ${table}\ntarget: ${target}\ncolumns:\n  `;
const PERSONS = head('{ table: person, key: id }', '{ table: persons, key: legacy_id, identity: id }');
const OFFICES = `${head('{ table: office, key: id }', '{ table: offices, key: legacy_id, identity: id }')}legacy_id: id\n  city: city\n  boss_id: { from: boss_id, references: persons }\n`;

async function bind(columns: string, others: Readonly<Record<string, string>> = {}, start = PERSONS) {
  return mappingOf(await binder.bind({ it: start + columns, ...others }), 'it');
}

describe('how a column is made', () => {
  test.each([
    { column: 'name: name', gives: { name: 'bytes q."name" length' } },
    { column: 'born: born', gives: { born: 'bytes q."born"' } },
    { column: 'price: price', gives: { price: 'bytes q."price" digits' } },
    { column: 'active: active', gives: { active: 'bytes q."active" not_null' } },
    { column: 'ratio: ratio', gives: { ratio: 'bytes q."ratio"::float8' } },
    { column: 'ratio: { from: ratio, default: 0 }', gives: { ratio: 'value q."ratio"::float8' } },
    { column: 'code: code', gives: { code: 'bytes q."code"::text' } },
    { column: 'short: code', gives: { short: 'bytes q."code"' } },
    { column: 'code: { from: code, default: x }', gives: { code: 'value q."code"::text' } },
    { column: 'code: { from: code, steps: [lower] }', gives: { code: 'value q."code"::text' } },
    { column: 'code: { from: code, map: { a: b } }', gives: { code: 'value q."code"::text by text' } },
    { column: 'code: active', gives: { code: 'bytes q."active"::text' } },
    { column: 'extra: extra', gives: { extra: 'bytes q."extra"' } },
    { column: 'mood: mood', gives: { mood: 'bytes q."mood"' } },
    { column: 'mood: { from: name, map: { a: sad } }', gives: { mood: 'value q."name" by text labels' } },
    { column: 'extra: { object: { a: id } }', gives: { extra: 'value object' } },
    { column: 'name: { sql: "upper(name)" }', gives: { name: 'bytes (upper(name)) length' } },
    { column: 'ratio: { sql: "price / 2" }', gives: { ratio: 'bytes (price / 2)::float8 number' } },
    {
      column: 'created_at: { from: created, steps: [{ timezone: UTC }] }',
      gives: { created_at: 'value q."created"' },
    },
    {
      column: 'parent_id: { from: parent_id, references: it }',
      gives: { parent_id: 'value q."parent_id" by integer second pass' },
    },
  ])('$column', async ({ column, gives }) => {
    const made = await bind(`legacy_id: id\n  ${column}\n`);
    expect(columnsOf(made)).toEqual({ legacy_id: 'bytes q."id"', id: 'sequence', ...gives });
  });

  it('reads each expression once', async () => {
    const { fields } = await bind(
      'legacy_id: id\n  name: { sql: "upper(name)" }\n  code: { sql: "upper(name)" }\n',
    );
    expect(fields.map(({ sql }) => sql.replaceAll('\n', ''))).toEqual(['q."id"', '(upper(name))']);
  });
});

describe('references', () => {
  test.each([
    {
      name: 'by the key',
      column: 'office: { from: office_id, references: offices }',
      gives: 'value q."office_id" by integer',
    },
    {
      name: 'by another column, without its padding',
      column: 'office: { from: code, references: { mapping: offices, by: code } }',
      gives: 'value q."code"::text by text',
    },
    {
      name: 'a number in search of a text',
      column: 'office: { from: office_code, references: { mapping: offices, by: number } }',
      gives: 'value q."office_code" by numeric',
    },
  ])('$name', async ({ column, gives }) => {
    const offices = OFFICES.replace('  boss_id: { from: boss_id, references: persons }\n', '');
    const found = await bind(`legacy_id: id\n  ${column}\n`, { offices });
    expect(columnsOf(found)['office']).toBe(gives);
  });

  it('`yields` names another column of the target', async () => {
    const offices = OFFICES.replace('  boss_id: { from: boss_id, references: persons }\n', '  code: code\n');
    const found = await bind(
      'legacy_id: id\n  code: { from: office_id, references: { mapping: offices, yields: city } }\n',
      { offices },
    );
    expect(columnsOf(found)['code']).toBe('value q."office_id" by integer');
  });

  it('a circle opens at the column that may wait, and the plan knows it', async () => {
    const persons = `${PERSONS}legacy_id: id\n  office: { from: office_id, references: { mapping: offices }, missing: "null" }\n`;
    const bound = await binder.bind({ persons, offices: OFFICES });
    expect(bound.project?.opened.map(({ from, to, column }) => [from, to, column])).toEqual([
      ['persons', 'offices', 'office'],
    ]);
    expect(columnsOf(mappingOf(bound, 'persons'))['office']).toBe(
      'value q."office_id" by integer second pass',
    );
    expect(columnsOf(mappingOf(bound, 'offices'))['boss_id']).toBe('value q."boss_id" by integer');
  });

  it('what is not selected is bound for its keys and waits for nobody', async () => {
    const persons = `${PERSONS}legacy_id: id\n  office: { from: office_id, references: { mapping: offices }, missing: "null" }\n`;
    const bound = await binder.bind({ persons, offices: OFFICES }, { select: ['persons'] });
    expect(bound.project?.opened).toEqual([]);
    expect(bound.project?.mappings.map(({ mapping }) => mapping.name).sort()).toEqual(['offices', 'persons']);
  });
});

describe('identities', () => {
  test.each([
    {
      name: 'its own sequence',
      table: 'person, key: id',
      target: 'persons, key: legacy_id, identity: id',
      columns: 'legacy_id: id',
      gives: 'sequence',
    },
    {
      name: 'a uuid',
      table: 'office, key: id',
      target: 'offices, key: legacy_id, identity: id',
      columns: 'legacy_id: id\n  city: city',
      gives: 'uuid5',
    },
    {
      name: 'uuid7 said',
      table: 'office, key: id',
      target: 'offices, key: legacy_id, identity: { column: id, strategy: uuid7 }',
      columns: 'legacy_id: id\n  city: city',
      gives: 'uuid7',
    },
    {
      name: 'the source key itself',
      table: 'person, key: id',
      target: 'numbers, identity: id',
      columns: 'v: name',
      gives: 'preserve',
    },
    {
      name: 'preserve said, though there is a sequence',
      table: 'person, key: id',
      target: 'persons, identity: { column: id, strategy: preserve }',
      columns: 'name: name',
      gives: 'preserve',
    },
    {
      name: 'listed',
      table: 'person, key: id',
      target: 'numbers, identity: id',
      columns: 'id: id',
      gives: 'mapped',
    },
    {
      name: 'listed by a star',
      table: 'language, key: id',
      target: 'language, identity: id',
      columns: '"*": same_name',
      gives: 'mapped',
    },
    {
      name: 'an identity column',
      table: 'person, key: id',
      target: 'places, identity: id',
      columns: 'name: name',
      gives: 'sequence',
    },
    {
      name: 'one generated always',
      table: 'person, key: id',
      target: 'always, identity: id',
      columns: 'name: name',
      gives: 'sequence',
    },
  ])('$name: $gives', async ({ table, target, columns, gives }) => {
    const found = await bind(`${columns}\n`, {}, head(`{ table: ${table} }`, `{ table: ${target} }`));
    expect(found.identity?.strategy).toBe(gives);
    expect(found.handle).toEqual([found.identity?.index]);
    expect(found.columns[found.identity?.index ?? -1]?.column.name).toBe('id');
  });

  it('none: rows are found by the target key', async () => {
    const found = await bind(
      'legacy_id: id\n  name: name\n',
      {},
      head('{ table: person, key: id }', '{ table: persons, key: legacy_id }'),
    );
    expect([found.identity, found.handle, found.targetKey]).toEqual([null, [0], [0]]);
  });
});

describe('where loaded rows are found again', () => {
  test.each([
    { name: 'the key as it came', columns: 'legacy_id: id', gives: 'target' },
    {
      name: 'the key after a step',
      columns: 'legacy_id: { from: id, steps: [{ scale: 1 }] }',
      gives: 'key_map',
    },
    { name: 'the key by sql', columns: 'legacy_id: { sql: id }', gives: 'key_map' },
    { name: 'another column than the key', columns: 'legacy_id: parent_id', gives: 'key_map' },
  ])('$name: $gives', async ({ columns, gives }) => {
    expect((await bind(`${columns}\n`)).found).toBe(gives);
  });

  test.each([
    { from: 'i', to: 'i', gives: 'target' },
    { from: 'i', to: 'm', gives: 'target' },
    { from: 'i', to: 't', gives: 'target' },
    { from: 'i', to: 'v', gives: 'target' },
    { from: 'm', to: 'm', gives: 'target' },
    { from: 't', to: 't', gives: 'target' },
    { from: 'v', to: 't', gives: 'target' },
    { from: 'v', to: 'w', gives: 'target' },
    { from: 'u', to: 'u', gives: 'target' },
    { from: 'u', to: 't', gives: 'target' },
    { from: 'd', to: 'd', gives: 'target' },
    { from: 'c', to: 't', gives: 'target' },
    { from: 't', to: 'v', gives: 'key_map' },
    { from: 't', to: 'm', gives: 'key_map' },
    { from: 't', to: 'u', gives: 'key_map' },
    { from: 't', to: 'c', gives: 'key_map' },
    { from: 'c', to: 'c', gives: 'key_map' },
    { from: 'd', to: 'ts', gives: 'key_map' },
  ])('a key of $from in $to, which may spell it anew: $gives', async ({ from, to, gives }) => {
    const start = head(`{ table: keys, key: ${from} }`, `{ table: found, key: ${to}, identity: n }`);
    expect((await bind(`${to}: ${from}\n`, {}, start)).found).toBe(gives);
  });

  it('no target key: the pairs are kept', async () => {
    const found = await bind(
      'name: name\n',
      {},
      head('{ table: person, key: id }', '{ table: persons, identity: id }'),
    );
    expect([found.found, found.targetKey]).toEqual(['key_map', []]);
  });

  it('a composite key, in its order', async () => {
    const start = head('{ table: pair, key: [a, b] }', '{ table: pairs, key: [a, b] }');
    const found = await bind('b: b\n  note: note\n  a: a\n', {}, start);
    expect(found.key.map((field) => found.fields[field]?.name)).toEqual(['a', 'b']);
    expect([found.targetKey, found.handle, found.found, found.keyUnique]).toEqual([
      [2, 0],
      [2, 0],
      'target',
      true,
    ]);
    const turned = await bind(
      'a: a\n  b: b\n',
      {},
      head('{ table: pair, key: [b, a] }', '{ table: pairs, key: [a, b] }'),
    );
    expect(turned.found).toBe('key_map');
  });

  it('two mappings of one table: the pairs are kept, selected or not', async () => {
    const both = { one: `${PERSONS}legacy_id: id\n`, two: `${PERSONS}legacy_id: id\n` };
    for (const options of [{}, { select: ['one'] }]) {
      expect(mappingOf(await binder.bind(both, options), 'one').found).toBe('key_map');
    }
  });

  it('a key of char(n) is compared without its padding', async () => {
    const found = await bind(
      'code: code\n',
      {},
      head('{ table: person, key: code }', '{ table: persons, identity: id }'),
    );
    expect(found.key.map((field) => found.fields[field]?.sql)).toEqual(['q."code"::text']);
  });
});

describe('keys of the source', () => {
  test.each([
    { source: '{ table: person, key: id }', unique: true },
    { source: '{ table: person, key: code }', unique: true },
    { source: '{ table: person, key: [id, name] }', unique: true },
    { source: '{ table: person, key: name }', unique: false },
    { source: '{ table: people, key: id }', unique: false },
    { source: '{ table: parent, key: id }', unique: false },
    { source: '{ query: select * from person, key: id }', unique: false },
  ])('$source: the catalogue holds that it is unique: $unique', async ({ source, unique }) => {
    const found = await bind('legacy_id: id\n', {}, head(source, '{ table: persons, identity: id }'));
    expect(found.keyUnique).toBe(unique);
  });
});

describe('columns that are left', () => {
  it('target columns that take their default, generated ones left out', async () => {
    const { defaulted } = await bind('legacy_id: id\n  name: name\n');
    expect(defaulted).toEqual([
      'born', 'created_at', 'created_on', 'price', 'active', 'ratio', 'parent_id', 'office_id', 'office', 'mood', 'code',
      'short', 'extra', 'place_id',
    ]); // prettier-ignore
  });

  test.each([
    {
      name: 'all but key and origins',
      source: '{ table: language, key: id }',
      columns: 'v: id',
      gives: ['name', 'extra'],
    },
    {
      name: 'sql uses what it names',
      source: '{ table: language, key: id }',
      columns: 'v: { sql: "upper(NAME)" }',
      gives: ['extra'],
    },
    {
      name: 'a column of the same name is not meant',
      source: '{ query: "select id, name, extra as v from language", key: id }',
      columns: 'v: { sql: "1" }',
      gives: ['name', 'v'],
    },
    {
      name: 'where counts',
      source: '{ table: language, where: extra > 1, key: id }',
      columns: 'v: id',
      gives: ['name'],
    },
    {
      name: 'skip_when counts',
      source: '{ table: language, key: id, skip_when: { old: extra is null } }',
      columns: 'v: id',
      gives: ['name'],
    },
    {
      name: 'ignored ones do not',
      source: '{ table: language, key: id, ignore: { columns: [extra], reason: unused } }',
      columns: 'v: id',
      gives: ['name'],
    },
    {
      name: 'all ignored',
      source: '{ table: language, key: id, ignore: { columns: "*", reason: unused } }',
      columns: 'v: id',
      gives: [],
    },
    {
      name: 'the whole row',
      source: '{ table: language, key: id }',
      columns: 'v: { object: { row: { source: row } } }',
      gives: [],
    },
  ])('source columns that nothing uses: $name', async ({ source, columns, gives }) => {
    const { unmapped } = await bind(`${columns}\n`, {}, head(source, '{ table: plain, mode: insert }'));
    expect(unmapped).toEqual(gives);
  });
});

describe('plain copies and stars', () => {
  it('a plain copy has the key of both tables and every column of one name', async () => {
    const bound = await binder.bind({}, { settings: 'copy: [language]\n' });
    const found = mappingOf(bound, 'language');
    expect(columnsOf(found)).toEqual({ id: 'bytes q."id" not_null', name: 'bytes q."name"' });
    expect([found.key, found.targetKey, found.found, found.keyUnique]).toEqual([[0], [0], 'target', true]);
    expect([found.unmapped, found.defaulted]).toEqual([['extra'], ['added']]);
  });

  it('a star leaves out what is listed and what is generated', async () => {
    const found = await bind(
      'legacy_id: id\n  price: { value: 1 }\n  created_at: { run: started_at }\n  created_on: { value: null }\n  office_id: office_id\n  "*": same_name\n',
    );
    expect(Object.keys(columnsOf(found))).toEqual([
      'legacy_id', 'price', 'created_at', 'created_on', 'office_id', 'id', 'name', 'born', 'active', 'ratio', 'parent_id', 'mood', 'code', 'extra',
    ]); // prettier-ignore
    expect(found.identity).toMatchObject({ strategy: 'mapped', index: 5 });
  });

  it('tables of other schemas', async () => {
    const found = await bind(
      'name: name\n',
      {},
      head('{ table: other.place, key: id }', '{ table: public.places, identity: id }'),
    );
    expect(found.rowsSql).toBe('select * from "other"."place"');
    expect(found.table.name).toBe('places');
  });
});

describe('conditions', () => {
  it('skip_when gives the number of the first that holds', async () => {
    const source = '{ table: person, key: id, skip_when: { old: "id < 2", nameless: "name is null" } }';
    const found = await bind('legacy_id: id\n', {}, head(source, '{ table: persons, identity: id }'));
    expect(found.skip?.names).toEqual(['old', 'nameless']);
    expect(found.fields[found.skip?.field ?? -1]?.sql.replaceAll('\n', '')).toBe(
      '(case when (id < 2) then 1 when (name is null) then 2 end)',
    );
  });

  it('rules find their columns and fields', async () => {
    const rules = 'rules:\n  - not_null: [name, legacy_id]\n  - sql: "price > 0"\n    severity: warn\n';
    const found = await bind(`legacy_id: id\n  name: name\n${rules}`);
    expect(found.rules.map(({ test: one }) => one)).toEqual([
      { kind: 'rule', columns: [1, 0], types: ['text', 'integer'] },
      { kind: 'sql', field: found.fields.findIndex(({ sql }) => sql.includes('price > 0')) },
    ]);
  });

  it('what is made of sensitive columns is sensitive', async () => {
    const start = head('{ table: person, key: id, sensitive: [name] }', '{ table: persons, identity: id }');
    const { fields } = await bind('legacy_id: id\n  name: name\n  code: { sql: "lower(name)" }\n', {}, start);
    expect(fields.map(({ sql, sensitive }) => [sql.replaceAll('\n', ''), sensitive])).toEqual([
      ['q."id"', false],
      ['q."name"', true],
      ['(lower(name))', true],
    ]);
  });
});
