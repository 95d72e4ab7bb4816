import { describe, expect, it } from 'vitest';
import { accountingFaults, countsOf, mappingOf, withProject, type ProjectFiles } from '../support/project.js';

const copyOf = (name: string, columns: string): string =>
  `source: { table: ${name}, key: id }\ntarget: { table: ${name}s, key: id }\ncolumns: ${columns}\n`;

/** Levels, a chain of self-references, a circle, a reference by another column, a composite one, text that names numbers. */
const WORLD: ProjectFiles = {
  source: `
    create table continent (id int primary key, name text);
    create table country (id int primary key, continent int, capital int);
    create table city (id int primary key, country int);
    create table person (id int primary key, login text unique, boss int, city text);
    create table shelf (a int, b text, primary key (a, b));
    create table book (id int primary key, writer text, shelf_a numeric, shelf_b text);
    insert into continent select i, 'c' || i from generate_series(1, 100) i;
    insert into country select i, 1 + i % 100, case when i < 20 then i * 3 end from generate_series(1, 300) i;
    insert into city select i, 1 + i / 3 % 300 from generate_series(1, 900) i;
    insert into person select i, 'login ' || i, case when i < 2000 then i + 400 end,
      case when i = 3 then 'nowhere' when i = 4 then '99999999999' else ' ' || 1 + i * 7 % 900 end from generate_series(1, 2000) i;
    insert into shelf select i % 50, chr(97 + i % 26) || e'\\'"\\\\\\t' || i from generate_series(1, 400) i;
    insert into book select i, 'login ' || 2001 - i, s.a, s.b from generate_series(1, 1000) i
      join (select a, b, row_number() over (order by a desc, b) n from shelf) s on s.n = 1 + i % 400;`,
  target: `
    create table continents (id int primary key, name text);
    create table countrys (id int primary key, continent int references continents, capital int);
    create table citys (id int primary key, country int references countrys);
    alter table countrys add foreign key (capital) references citys;
    create table persons (id int primary key, login text, boss int references persons, city int references citys);
    create table shelfs (id bigint generated always as identity primary key, place text);
    create table books (id int primary key, writer int references persons, shelf bigint references shelfs);`,
  mappings: {
    continent: copyOf('continent', '{ "*": same_name }'),
    country: copyOf(
      'country',
      '{ id: id, continent: { from: continent, references: continent }, capital: { from: capital, references: city, missing: null } }',
    ),
    city: copyOf('city', '{ id: id, country: { from: country, references: country } }'),
    person:
      copyOf(
        'person',
        '{ id: id, login: login, boss: { from: boss, references: person, missing: null }, city: { from: city, steps: [trim], references: city } }',
      ) + 'max_rejects: 5',
    shelf: `source: { table: shelf, key: [a, b] }\ntarget: { table: shelfs, identity: id }\ncolumns: { place: b }\n`,
    book: copyOf(
      'book',
      '{ id: id, writer: { from: writer, references: { mapping: person, by: login } }, shelf: { from: [shelf_a, shelf_b], references: shelf } }',
    ),
  },
};

const loaded = `select (select array_agg(id order by id) from continents) continents, (select array_agg(id order by id) from countrys) countrys,
  (select array_agg(id order by id) from citys) citys, (select array_agg(id order by id) from persons) persons,
  (select array_agg(id order by id) from books) books, (select array_agg(place order by place) from shelfs) shelfs`;

/** The sample by the source's own hand: each table's first three rows and all that they lead to. */
const CLOSURE = `
  with recursive sample(t, id) as (
    select * from (
      (select 'continent', x.id::text from continent x order by x.id limit 3)
      union all (select 'country', x.id::text from country x order by x.id limit 3)
      union all (select 'city', x.id::text from city x order by x.id limit 3)
      union all (select 'person', x.id::text from person x order by x.id limit 3)
      union all (select 'book', x.id::text from book x order by x.id limit 3)) first
    union select e.t2, e.id2 from sample s join (
      select 'country' t1, id::text id1, 'continent' t2, continent::text id2 from country
      union all select 'country', id::text, 'city', capital::text from country
      union all select 'city', id::text, 'country', country::text from city
      union all select 'person', id::text, 'person', boss::text from person
      union all select 'person', id::text, 'city', trim(city) from person
      union all select 'book', b.id::text, 'person', p.id::text from book b join person p on p.login = b.writer
    ) e on e.t1 = s.t and e.id1 = s.id where e.id2 is not null)
  select t, array_agg(id::int order by id::int) ids from sample
  where (t, id) not in (select 'person', i::text from generate_series(2001, 2400) i) and id <> 'nowhere' group by t`;

describe('a run with a limit', () => {
  it('loads the first rows of each mapping and all that they lead to, and a full run completes it', () =>
    withProject(WORLD, async (project) => {
      const first = await project.run({ limit: 3 });
      expect(first.mappings.map((m) => m.reason)).toEqual(first.mappings.map(() => null));
      expect(first).toMatchObject({ status: 'succeeded', exitCode: 0, limit: 3, dryRun: false });
      expect(await accountingFaults(project, first)).toEqual([]);
      const wanted = new Map((await project.source(CLOSURE)).map(({ t, ids }) => [t, ids as number[]]));
      // Person 3 lives nowhere; the bosses of the others live somewhere.
      const persons = wanted.get('person')?.filter((id) => id !== 3);
      const [rows] = await project.target(loaded);
      expect(rows).toMatchObject({
        continents: wanted.get('continent'),
        countrys: wanted.get('country'),
        citys: wanted.get('city'),
        persons,
        books: wanted.get('book'),
      });
      expect(mappingOf(first, 'person')).toMatchObject({ rejected: 1, unexplained: 0 });
      expect(mappingOf(first, 'book').references.map(({ missing }) => missing)).toEqual([0, 0]);
      expect(first.mappings.flatMap(({ checks }) => checks.map(({ status }) => status))).not.toContain(
        'warned',
      );
      const [kind] = await project.target(`select kind from etl.runs where run = $1`, [first.run]);
      expect(kind).toEqual({ kind: 'limit' });

      const again = await project.run({ limit: 3 });
      expect(again.mappings.map(({ read, inserted }) => [read, inserted])).toEqual(
        first.mappings.map(({ read }) => [read, 0]),
      );
      const full = await project.run();
      expect(full).toMatchObject({ status: 'succeeded', limit: null });
      expect(countsOf(full, 'book')).toBe('read 1000, inserted 997, unchanged 3');
      // The sample's row count is that of its own rows, not of the full table.
      const small = await project.run({ limit: 2 });
      expect(small.exitCode).toBe(0);
      for (const { mapping, checks } of small.mappings) {
        const rowCount = checks.find(({ check }) => check === 'row_count');
        expect([mapping, rowCount?.status, rowCount?.source]).toEqual([mapping, 'passed', rowCount?.target]);
      }
    }));

  it('counts and rejects the same when it is tried dry', () =>
    withProject(WORLD, async (project) => {
      const dry = await project.run({ limit: 4, dryRun: true });
      expect(dry).toMatchObject({ limit: 4, dryRun: true, exitCode: 0 });
      expect(await project.target(`select from books`)).toEqual([]);
      const real = await project.run({ limit: 4 });
      for (const { mapping } of real.mappings) expect(countsOf(dry, mapping)).toBe(countsOf(real, mapping));
      // A text that is no number of the other side names no row, and is no error.
      expect(mappingOf(real, 'person').rejected).toBe(2);
    }));

  it('takes rows of one key together, and rows without a key', () =>
    withProject(
      {
        source: `create table t (id int, v text);
          insert into t values (1, 'a'), (2, 'b'), (2, 'c'), (3, 'd'), (null, 'e'), (null, 'f')`,
        target: `create table t (id int primary key, v text)`,
        mappings: {
          t: `source: { table: t, key: id }\ntarget: { table: t, key: id }\ncolumns: { id: id, v: v }\nmax_rejects: 100%\n`,
        },
      },
      async (project) => {
        expect(countsOf(await project.run({ limit: 1 }), 't')).toBe('read 1, inserted 1');
        expect(countsOf(await project.run({ limit: 2 }), 't')).toBe('read 3, unchanged 1, rejected 2');
        expect(countsOf(await project.run({ limit: 4 }), 't')).toBe(
          'read 4, inserted 1, unchanged 1, rejected 2',
        );
        expect(countsOf(await project.run({ limit: 5 }), 't')).toBe('read 6, unchanged 2, rejected 4');
        expect(countsOf(await project.run({ limit: 99 }), 't')).toBe('read 6, unchanged 2, rejected 4');
      },
    ));

  it('looks for rows of mappings that are not selected in the target', () =>
    withProject(WORLD, async (project) => {
      await project.run({ select: ['continent', 'country', 'city', 'person'], limit: 3 });
      const before = await project.target('select id from persons');
      const only = await project.run({ select: ['book', 'shelf'], limit: 3 });
      expect(await project.target('select id from persons')).toEqual(before);
      expect(countsOf(only, 'book')).toBe('read 3, rejected 3');
    }));

  it('neither reads changes nor deletes, and the run after it goes on from the one before', () =>
    withProject(
      {
        source: `create table t (id int primary key, at timestamptz default '2020-01-01');
          insert into t select generate_series(1, 20)`,
        target: 'create table ts (id int primary key, at timestamptz)',
        mappings: {
          t: `source: { table: t, key: id, changed_at: at }
target: { table: ts, key: id }
columns: { "*": same_name }
deleted_rows: delete
`,
        },
      },
      async (project) => {
        expect((await project.run()).exitCode).toBe(0);
        await project.source(
          'delete from t where id > 15; insert into t values (30, now()); update t set at = now() where id = 1',
        );
        const sample = await project.run({ limit: 3 });
        expect(countsOf(sample, 't')).toBe('read 3, updated 1, unchanged 2');
        expect(mappingOf(sample, 't').deleted).toBeNull();
        expect(
          await project.target('select kind, watermarks::text from etl.runs order by epoch desc limit 1'),
        ).toEqual([{ kind: 'limit', watermarks: '{}' }]);
        const run = await project.run();
        expect(countsOf(run, 't')).toBe('read 2, inserted 1, unchanged 1');
        expect(mappingOf(run, 't').deleted).toMatchObject({ found: 5, deleted: 5 });
        expect(run.exitCode).toBe(0);
      },
    ));
});
