import { plainMapping, wholeTable, type Case } from './case.js';

const ALL = 'max_rejects: 100%\nstop_at: 100%\n';

/** Tables that hold their rows in other tables. */
export const PARTITION_CASES: readonly Case[] = [
  {
    name: 'by range',
    source: `create table by_range (id int, at date, v text, primary key (id)); insert into by_range
      select i, date '2020-01-01' + i * 40, 'v' || i from generate_series(1, 20) i;`,
    target: `create table by_range (id int, at date not null, v text, primary key (id, at)) partition by range (at);
      create table "2020 H1" partition of by_range for values from ('2020-01-01') to ('2020-07-01');
      create table "2020 H2" partition of by_range for values from ('2020-07-01') to ('2021-01-01');
      create table "2021" partition of by_range for values from ('2021-01-01') to ('2022-01-01') partition by list (at);
      create table "2021 odd" partition of "2021" for values in ('2021-01-24', '2021-04-14', '2021-07-03');
      create table "2021 rest" partition of "2021" default;`,
    mapping: `source: { table: by_range, key: id }
target: { table: by_range, identity: id }
columns: { "*": same_name }
${ALL}`,
    counts: 'read 20, inserted 18, rejected 2',
    rejects: ['19  database 23514', '20  database 23514'],
    change:
      "update by_range set at = at + 365 where id in (1, 2, 10); update by_range set at = '1999-01-01' where id = 3",
    changed: 'read 20, updated 2, unchanged 14, rejected 4',
    ask: [
      "select string_agg(format('%s %s', tableoid::regclass, id), ', ' order by id) from by_range where id < 4 or id = 10",
      ['"2021 rest" 1, "2021 rest" 2, "2020 H1" 3, "2021 rest" 10'],
    ],
  },
  {
    name: 'by list and hash',
    source: `create table by_list (id int primary key, kind text, v int); insert into by_list
      select i, (array['a', 'b', 'c', null])[i % 4 + 1], i from generate_series(1, 200) i;`,
    target: `create table by_list (id int, kind text, v int, unique (id, kind)) partition by list (kind);
      create table list_a partition of by_list for values in ('a') partition by hash (id);
      create table list_a0 partition of list_a for values with (modulus 2, remainder 0); alter table by_list replica identity full;
      create table list_a1 partition of list_a for values with (modulus 2, remainder 1);
      create unlogged table list_b partition of by_list for values in ('b', 'c');
      create table list_other partition of by_list default;
      alter table list_a0 replica identity full; alter table list_a1 replica identity full; alter table list_other replica identity full;`,
    mapping:
      'source: { table: by_list, key: id }\ntarget: { table: by_list, identity: id }\ncolumns: { "*": same_name }\n',
    counts: 'read 200, inserted 200',
    same: wholeTable('by_list'),
    change:
      "update by_list set kind = 'a' where id = 1; update by_list set kind = 'zz' where id = 2; update by_list set v = 0 where id = 3",
    changed: 'read 200, updated 3, unchanged 197',
    ask: [
      "select string_agg(format('%s %s', tableoid::regclass, id), ', ' order by id) from by_list where id < 4",
      ['list_a0 1, list_other 2, list_other 3'],
    ],
  },
  {
    name: 'into one partition',
    source: '',
    target: `create table whole (id int, v int, primary key (id)) partition by range (id);
      create table part_low partition of whole for values from (0) to (101);`,
    mapping: `source: { table: by_list, key: id }\ntarget: { table: part_low, key: id }\ncolumns: { id: id, v: v }\n${ALL}`,
    counts: 'read 200, inserted 100, rejected 100',
    changed: 'read 200, updated 1, unchanged 99, rejected 100',
  },
  {
    name: 'a family',
    source: `create table parent (id int primary key, v text);
      create table child (extra int, primary key (id)) inherits (parent);
      insert into parent select i, 'p' from generate_series(1, 5) i; insert into child select i, 'c', i from generate_series(6, 9) i;`,
    target: 'create table family (id int primary key, v text);',
    mapping:
      'source: { table: parent, key: id }\ntarget: { table: family, key: id }\ncolumns: { id: id, v: v }\n',
    counts: 'read 9, inserted 9',
    same: ['select id, v from parent order by id', 'select id, v from family order by id'],
    change: "update child set v = 'new' where id = 7",
    changed: 'read 9, updated 1, unchanged 8',
  },
  {
    name: 'the parent alone',
    source: '',
    target: `create table parent (id int primary key, v text check (v <> 'x')); create table child (extra int) inherits (parent);
      alter table child add primary key (id);`,
    mapping:
      'source: { query: "select * from only parent", key: id }\ntarget: { table: parent, key: id }\ncolumns: { id: id, v: v }\n',
    counts: 'read 5, inserted 5',
    same: ['select id, v from only parent order by id', 'select id, v from only parent order by id'],
  },
  {
    name: 'the child',
    source: '',
    target: '',
    mapping: plainMapping('child'),
    counts: 'read 4, inserted 4',
    same: wholeTable('child'),
    changed: 'read 4, updated 1, unchanged 3',
  },
];

/** Columns and constraints that the database fills or judges. */
export const COLUMN_CASES: readonly Case[] = [
  {
    name: 'computed',
    source: `create table computed (id int primary key, a int, b int generated always as (a * 2) stored, c text);
      insert into computed (id, a, c) select i, i, i::text from generate_series(1, 10) i;`,
    target: `create table computed (id int primary key, a int, b int, c text, d int generated always as (a + b) stored);`,
    mapping: `${plainMapping('computed')}checks: [content]\n`,
    counts: 'read 10, inserted 10',
    same: [
      'select id, a, b, c, a + b d from computed order by id',
      'select id, a, b, c, d from computed order by id',
    ],
    change: 'update computed set a = 100 where id = 3',
    changed: 'read 10, updated 1, unchanged 9',
  },
  {
    name: 'computed when read',
    needs: { source: 18, target: 18 },
    source: `create table virtual (id int primary key, a int, b int generated always as (a * 2) virtual);
      insert into virtual (id, a) select i, i from generate_series(1, 10) i;`,
    target: `create table virtual (id int primary key, a int, c int, b text generated always as ('x' || a) virtual);`,
    mapping:
      'source: { table: virtual, key: id }\ntarget: { table: virtual, key: id }\ncolumns: { "*": same_name, c: b }\nchecks: [content]\n',
    counts: 'read 10, inserted 10',
    same: [`select id, a, b c, 'x' || a b from virtual order by id`, 'select * from virtual order by id'],
    change: 'update virtual set a = 100 where id = 3',
    changed: 'read 10, updated 1, unchanged 9',
  },
  {
    name: 'always',
    source: `create table legacy (id int generated always as identity (start 40 increment 5) primary key, v text); insert into legacy (v) select 'v' || i from generate_series(1, 7) i;`,
    target: 'create table always (id bigint generated always as identity primary key, v text);',
    mapping:
      'source: { table: legacy, key: id }\ntarget: { table: always, key: id, identity: id }\ncolumns: { id: id, v: v }\n',
    counts: 'read 7, inserted 7',
    same: ['select id::bigint, v from legacy order by id', 'select * from always order by id'],
    change: "update legacy set v = 'new' where id = 45; insert into legacy (v) values ('more')",
    changed: 'read 8, inserted 1, updated 1, unchanged 6',
    ask: ["select nextval(pg_get_serial_sequence('always', 'id')) > (select max(id) from always)", ['true']],
  },
  {
    name: 'by default',
    source: '',
    target:
      'create table by_default (legacy int unique not null, id int generated by default as identity (increment -1) primary key, no serial, v text);',
    mapping:
      'source: { table: legacy, key: id }\ntarget: { table: by_default, key: legacy, identity: id }\ncolumns: { legacy: id, v: v }\n',
    counts: 'read 7, inserted 7',
    same: ['select id, v from legacy order by id', 'select legacy id, v from by_default order by 1'],
    changed: 'read 8, inserted 1, updated 1, unchanged 6',
  },
  {
    name: 'lists one way',
    source: `create table apart (id int primary key, room int, during tsrange, n int); insert into apart
      select i, i % 3, tsrange('2020-01-01'::timestamp + i * interval '1 day', '2020-01-01'::timestamp + (i + 4) * interval '1 day'), i % 20 from generate_series(1, 30) i;`,
    target: `create extension btree_gist; create table apart (id int primary key, room int, during tsrange, n int constraint "once, late" unique deferrable initially deferred,
        constraint "not twice" exclude using gist (room with =, during with &&) deferrable initially deferred);`,
    mapping: `${plainMapping('apart')}${ALL}`,
    counts: 'read 30, inserted 15, rejected 15',
  },
  {
    name: 'stamped',
    source: `create table stamped (id int primary key, v int); insert into stamped select i, i from generate_series(1, 20) i;`,
    target: `create table stamped (id int primary key, v int, at timestamptz); create table stamps (n int); insert into stamps values (0);
      create function stamp() returns trigger language plpgsql as $$ begin if new.v = 7 then return null; end if; new.at = now(); return new; end $$;
      create trigger stamp before insert or update on stamped for each row execute function stamp();
      create function count_up() returns trigger language plpgsql as $$ begin update stamps set n = n + 1; return null; end $$;
      alter table stamps replica identity full; create trigger after_all after insert on stamped for each statement execute function count_up();`,
    mapping: `${plainMapping('stamped')}${ALL}`,
    counts: 'read 20, inserted 19, rejected 1',
    rejects: ['7  trigger ETL01'],
    change: 'update stamped set v = 7 where id = 9; update stamped set v = 8 where id = 7',
    changed: 'read 20, inserted 1, unchanged 18, rejected 1',
    ask: ['select (count(at) = count(*))::text from stamped', ['true']],
  },
  {
    name: 'ruled',
    source: '',
    target: `create table ruled (id int primary key, v int); create table told (id int);
      create rule also as on insert to ruled do also insert into told values (new.id);
      create rule instead as on insert to ruled where new.v = 5 do instead nothing;`,
    mapping: `source: { table: stamped, key: id }\ntarget: { table: ruled, key: id }\ncolumns: { "*": same_name }\n${ALL}`,
    counts: 'read 20, inserted 19, rejected 1',
    changed: 'read 20, updated 2, unchanged 17, rejected 1',
    ask: ['select count(*)::text from told', ['19']],
  },
];

/** What is read and is no plain table; what hangs on a target's table. */
export const RELATION_CASES: readonly Case[] = [
  {
    name: 'guarded',
    source: `create table base (id int primary key, v text); insert into base select i, 'v' || i from generate_series(1, 12) i;
      create view guarded with (security_barrier) as select * from base where id % 2 = 0;`,
    target: `create table guarded (id int primary key, v text); create view over_it as select id, count(*) n from guarded group by id;
      create materialized view kept as select * from guarded;`,
    counts: 'read 6, inserted 6',
    same: wholeTable('guarded'),
    change: "update base set v = 'new' where id = 4",
    changed: 'read 6, updated 1, unchanged 5',
  },
  {
    name: 'stored view',
    source:
      'create materialized view stored as select id * 2 id, v from base; create unique index on stored (id);',
    target: 'create table stored (id int primary key, v text);',
    mapping: plainMapping('stored'),
    counts: 'read 12, inserted 12',
    same: wholeTable('stored'),
  },
  {
    name: 'far away',
    source: '',
    sourceAdmin: `create extension postgres_fdw; create server far foreign data wrapper postgres_fdw options (host '127.0.0.1', port '%PORT%', dbname '%DATABASE%');
      create user mapping for etl_source server far options (user 'etl_source', password '%PASSWORD%');
      create foreign table far_base (id int, v text) server far options (table_name 'base'); grant select on far_base to etl_source;`,
    target: 'create table far_base (id int primary key, v text);',
    mapping: plainMapping('far_base'),
    counts: 'read 12, inserted 12',
    changed: 'read 12, updated 1, unchanged 11',
  },
  {
    name: 'unlogged',
    source:
      'create unlogged table unlogged (id int primary key, v text); insert into unlogged select * from base;',
    target: 'create unlogged table unlogged (id int primary key, v text);',
    counts: 'read 12, inserted 12',
    same: wholeTable('unlogged'),
    changed: 'read 12, unchanged 12',
  },
  {
    name: 'nothing',
    source:
      'create table nothing (); insert into nothing default values; insert into nothing default values;',
    target:
      'create table nothing (id int generated always as identity primary key, at timestamptz default now());',
    mapping:
      'source: { query: "select row_number() over () id from nothing", key: id }\ntarget: { table: nothing, identity: id }\ncolumns: {}\n',
    counts: 'read 2, inserted 2',
  },
  {
    name: 'no key here',
    source:
      'create table no_key (a int, b text); insert into no_key select 1, null from generate_series(1, 4);',
    target: 'create table no_key (a int, b text); alter table no_key replica identity full;',
    mapping:
      'source: { table: no_key }\ntarget: { table: no_key, mode: replace }\ncolumns: { "*": same_name }\n',
    counts: 'read 4, inserted 4',
    again: 'read 4, inserted 4',
  },
];
