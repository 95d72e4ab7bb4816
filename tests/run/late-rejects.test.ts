import { describe, expect, it } from 'vitest';
import { accountingFaults, countsOf, mappingOf, withProject } from '../support/project.js';

const SMALL = 'defaults: { batch_rows: 7, max_rejects: 100%, stop_at: 100% }';
const load = (table: string, columns: string, target = 'key: k, identity: id'): string =>
  `source: { table: ${table}, key: id }\ntarget: { table: ${table}, ${target} }\ncolumns: { k: id, ${columns} }`;
const table = (name: string, columns: string): string =>
  `create table ${name} (id int generated always as identity (start 100) primary key, k int unique, ${columns});`;

/** heads and wards need each other; beds stand in wards, cards hang on beds, and notes may lose their bed. */
const CIRCLE = {
  source: `create table head (id int primary key, ward int); create table ward (id int primary key, head int);
    create table bed (id int primary key, ward int, spare int); create table card (id int primary key, bed int);
    create table note (id int primary key, bed int);
    insert into head select i, i from generate_series(1, 20) i; update head set ward = 99 where id = 5;
    insert into ward select i, i from generate_series(1, 20) i; update ward set head = 5 where id = 6;
    update head set ward = 6 where id = 7;
    insert into bed select i, i from generate_series(1, 20) i; insert into card select i, i from generate_series(1, 20) i;
    insert into note select i, i from generate_series(1, 20) i; update bed set spare = case id when 7 then 1 else 77 end where id in (6, 7, 20)`,
  target: `${table('head', 'ward int')} ${table('ward', 'head int not null references head')}
    ${table('bed', 'ward int not null references ward, spare int references head')} ${table('card', 'bed int not null references bed')}
    ${table('note', 'bed int references bed')} alter table head add foreign key (ward) references ward`,
  mappings: {
    head: load('head', 'ward: { from: ward, references: ward }'),
    ward: load('ward', 'head: { from: head, references: head }'),
    bed: load(
      'bed',
      'ward: { from: ward, references: ward }, spare: { from: spare, references: head, missing: null }',
    ),
    card: load('card', 'bed: { from: bed, references: bed }'),
    note: load('note', 'bed: { from: bed, references: bed, missing: null }'),
  },
  settings: SMALL,
};
const NAMES = ['head', 'ward', 'bed', 'card', 'note'];
const CHAIN = `
  select mapping, source_key k, reason, "row"->>'id' id from etl.rejects where run = $1 order by mapping, source_key::int`;

describe('a late reject', () => {
  it.for([
    ['found in the target', ''],
    ['by kept pairs', 'pairs'],
  ] as const)(
    'takes the rows of a circle and all that hang on it along, each with its chain: %s',
    ([, pairs]) =>
      withProject(
        pairs === ''
          ? CIRCLE
          : {
              ...CIRCLE,
              mappings: Object.fromEntries(
                Object.entries(CIRCLE.mappings).map(([name, text]) => [name, text.replace('key: k, ', '')]),
              ),
            },
        async (project) => {
          for (const word of ['inserted', 'unchanged']) {
            const result = await project.run({ jobs: 4 });
            // Head 5 has no ward; wards 5 and 6 fall with it, with ward 6 heads 6 and 7, with head 7 ward 7.
            expect(NAMES.map((name) => countsOf(result, name))).toEqual([
              `read 20, ${word} 17, rejected 3`,
              `read 20, ${word} 17, rejected 3`,
              `read 20, ${word} 17, rejected 3`,
              `read 20, ${word} 17, rejected 3`,
              `read 20, ${word} 20`,
            ]);
            expect(await accountingFaults(project, result)).toEqual([]);
            const rejects = await project.target(CHAIN, [result.run]);
            expect(rejects.map(({ mapping, k }) => `${String(mapping)} ${String(k)}`)).toEqual(
              ['bed', 'card', 'head', 'ward'].flatMap((name) => [5, 6, 7].map((k) => `${name} ${String(k)}`)),
            );
            expect(rejects.every(({ k, id }) => k === id)).toBe(true);
            const card = rejects.find(({ mapping, k }) => mapping === 'card' && k === '7');
            expect(card?.['reason']).toBe(
              'no loaded row of bed has the key "7": that row was rejected in this run (ward, references), as ward "7" was (head, references), as head "7" was (ward, references), as ward "6" was (head, references), as head "5" was (ward, references)',
            );
            expect(mappingOf(result, 'note').references).toEqual([
              { column: 'bed', mapping: 'bed', resolved: 17, null: 0, defaulted: 0, missing: 3 },
            ]);
            // Beds 5, 6 and 7 named no spare one, one that is not there, and head 1.
            expect(mappingOf(result, 'bed').references).toEqual([
              { column: 'ward', mapping: 'ward', resolved: 17, null: 0, defaulted: 0, missing: 3 },
              { column: 'spare', mapping: 'head', resolved: 0, null: 16, defaulted: 0, missing: 1 },
            ]);
            expect(mappingOf(result, 'head').references[0]).toMatchObject({ resolved: 17 });
            expect(await project.target('select from etl.second_pass')).toEqual([]);
          }
        },
      ),
  );

  it('is a row that the target refuses in its second pass: its neighbours are completed', () =>
    withProject(
      {
        source: `create table node (id int primary key, up int, name text);
          insert into node select i, i + 1, 'n' from generate_series(1, 30) i; insert into node values (31, null, 'n');
          update node set up = 20, name = 'twice' where id in (3, 4, 5); update node set up = 25, name = 'swallowed' where id = 8;
          update node set up = 26, name = 'raises' where id = 9`,
        target: `create table node (id int generated always as identity primary key, k int unique, up int references node, name text, unique (up, name));
          alter table node drop constraint node_up_name_key; create unique index once on node (up, name) where name = 'twice';
          create function f() returns trigger language plpgsql as $$ begin
            if new.name = 'swallowed' then return null; end if; if new.name = 'raises' then raise 'no'; end if; return new; end $$;
          create trigger t before update on node for each row execute function f()`,
        mappings: { node: load('node', 'name: name, up: { from: up, references: node }') },
        settings: SMALL,
      },
      async (project) => {
        const result = await project.run();
        const rejects = await project.target(
          'select source_key::int k, rule, sqlstate from etl.rejects order by rule, 1',
        );
        // Rows that refer to a rejected one go with it: 1 → 2 → 3, and 6 and 7 → 8.
        expect(rejects).toEqual([
          { k: 9, rule: 'database', sqlstate: 'P0001' },
          { k: 4, rule: 'once', sqlstate: '23505' },
          { k: 5, rule: 'once', sqlstate: '23505' },
          { k: 6, rule: 'references', sqlstate: null },
          { k: 7, rule: 'references', sqlstate: null },
          { k: 8, rule: 'trigger', sqlstate: 'ETL01' },
        ]);
        expect(countsOf(result, 'node')).toBe('read 31, inserted 25, rejected 6');
        expect(await accountingFaults(project, result)).toEqual([]);
      },
    ));

  it.for([
    ['the target’s refusals of the first batch', 'check (k > 5)', 'stop_at: 3', 0],
    ['late rejects', '', 'stop_at: 3', 14],
  ] as const)(
    'beyond stop_at stops at once and leaves nothing of its batch: %s',
    ([name, check, limit, left]) =>
      withProject(
        {
          source: `create table node (id int primary key, up int); insert into node select i, ${name === 'late rejects' ? 'case when i < 5 then 90 end' : 'null'} from generate_series(1, 14) i`,
          target: table('node', `up int references node ${check === '' ? '' : `, ${check}`}`),
          mappings: { node: load('node', 'up: { from: up, references: node }') },
          settings: `defaults: { batch_rows: 7, ${limit} }`,
        },
        async (project) => {
          const result = await project.run();
          expect(result.exitCode).toBe(4);
          expect(mappingOf(result, 'node').reason).toMatch(
            /rows rejected: more than stop_at \(3 rows\).*key 1 \(/,
          );
          expect(await accountingFaults(project, result)).toEqual([]);
          const [row] = await project.target(
            'select count(*)::int n, (select count(*)::int from etl.rejects) r from node',
          );
          expect(row).toEqual({ n: left, r: 0 });
        },
      ),
  );

  it.for([
    ['3', 4, 0],
    ['4', 0, 0],
    ['28%', 4, 0],
    ['29%', 0, 0],
  ] as const)('counts for max_rejects: %s', ([limit, exitCode]) =>
    withProject(
      {
        source:
          'create table node (id int primary key, up int); insert into node select i, case when i < 3 then 90 when i < 5 then 1 end from generate_series(1, 14) i',
        target: table('node', 'up int references node'),
        mappings: { node: load('node', 'up: { from: up, references: node }') },
        settings: `defaults: { batch_rows: 7, stop_at: 100%, max_rejects: ${limit} }`,
      },
      async (project) => {
        const result = await project.run();
        expect(countsOf(result, 'node')).toBe('read 14, inserted 10, rejected 4');
        expect(result.exitCode).toBe(exitCode);
        if (exitCode === 4)
          expect(result.reasons[0]).toMatch(
            /node: 4 of 14 rows rejected, max_rejects is .*; the first: 1 \(up, references: /,
          );
      },
    ),
  );
});

it('a chain of late rejects is told to its first cause, however long it is and whatever its mappings', () =>
  withProject(
    {
      source: `create table even (id int primary key, up int); create table odd (id int primary key, up int);
        insert into even select i, i + 1 from generate_series(2, 400, 2) i; insert into odd select i, i + 1 from generate_series(1, 399, 2) i`,
      target: `${table('even', 'up int')} ${table('odd', 'up int references even')} alter table even add foreign key (up) references odd`,
      mappings: {
        even: load('even', 'up: { from: up, references: odd }'),
        odd: load('odd', 'up: { from: up, references: even }'),
      },
      settings: 'defaults: { batch_rows: 100, max_rejects: 100%, stop_at: 100% }',
    },
    async (project) => {
      const result = await project.run();
      expect(['even', 'odd'].map((name) => countsOf(result, name))).toEqual([
        'read 200, rejected 200',
        'read 200, rejected 200',
      ]);
      expect(await accountingFaults(project, result)).toEqual([]);
      const [first] = await project.target(`select reason from etl.rejects where source_key = '1'`);
      expect(first?.['reason']).toBe(
        'no loaded row of even has the key "2": that row was rejected in this run (up, references), as odd "3" was (up, references), as even "4" was (up, references), as odd "5" was (up, references), as 394 more were, as even "400" was (up, references)',
      );
      expect(await project.target(`select indexname from pg_indexes where indexname ~ 'etl_'`)).toEqual([]);
    },
  ));

it('late rejects show no sensitive value, neither as value nor in the reason', () =>
  withProject(
    {
      source:
        'create table node (id int primary key, up int); insert into node values (1, 2), (2, 77123), (3, 1)',
      target:
        'create table tree (id int generated always as identity primary key, k int unique, parent int references tree)',
      mappings: {
        node: 'source: { table: node, key: id, sensitive: [up] }\ntarget: { table: tree, key: k, identity: id }\ncolumns: { k: id, parent: { from: up, references: node } }\nmax_rejects: 100%\nstop_at: 100%',
      },
    },
    async (project) => {
      const result = await project.run();
      const rejects = await project.target(
        'select source_key, reason, value, "row"::text as row from etl.rejects order by 1',
      );
      expect(rejects.map((one) => one['source_key'])).toEqual(['1', '2', '3']);
      expect(rejects[1]).toMatchObject({ value: '***', reason: 'the value is sensitive' });
      expect(JSON.stringify([rejects, result])).not.toContain('77123');
    },
  ));
