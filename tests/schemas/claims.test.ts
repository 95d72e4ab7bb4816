import pg from 'pg';
import { expect, it } from 'vitest';
import { checkFolder } from '../support/check.js';
import { accountingFaults, countsOf, withProject } from '../support/project.js';

/** Columns of the widest table that PostgreSQL makes. */
const WIDEST = 1600;
const wide = (columns: number): string =>
  `create table wide (id int primary key, ${Array.from({ length: columns - 1 }, (_, n) => `c${String(n)} smallint`).join(', ')});`;
const plain = (name: string): string =>
  `source: { table: ${name}, key: id }\ntarget: { table: ${name}, key: id }\ncolumns: { "*": same_name }`;
/** A mapping of the rows of `base` into something that is no table. */
const into = (name: string): string =>
  `source: { table: base, key: id }\ntarget: { table: ${name}, key: id }\ncolumns: { id: id, v: v }`;

const TYPES = (schema: string): string => `
  create schema ${schema}; set search_path = ${schema}, public;
  create extension hstore schema ${schema}; create extension ltree schema ${schema}; create extension citext schema ${schema};
  create type ${schema}.mood as enum ('sad', 'ok'); create type ${schema}.place as (x float8, label text);
  create domain ${schema}.code as citext check (length(value) < 5);
  create table public.shapes (id int primary key, tags hstore, tree ltree, name citext, feels mood, at place, code code);
  grant usage on schema ${schema} to public;`;

const says = (words: RegExp): unknown => expect.stringMatching(words);

it('what docs/types.md says of large objects, extensions elsewhere, and of what is no table', () =>
  withProject(
    {
      source: `create table base (id int primary key, v text); insert into base values (1, 'a'); ${wide(WIDEST)}`,
      target: `create table base (id int primary key, v text); create view seen as select * from base;
        create materialized view kept as select * from base; ${wide(WIDEST)}`,
      mappings: {
        shapes: plain('shapes'),
        bytes: 'source: { table: scans, key: id }\ntarget: { table: bytes, key: id }\ncolumns: { id: id, scan: { sql: lo_get(scan) } }',
        numbers: plain('numbers'),
        scans: plain('scans'),
        seen: into('seen'),
        kept: into('kept'),
        far: into('far'),
        passing: into('passing'),
        wide: plain('wide'),
      },
    },
    async (project) => {
      const insert = `insert into public.shapes values (1, 'a=>b', 'Top.Sub', 'MiXed', 'ok', '(1,"a, b")', 'AbC'), (2, null, null, null, null, null, null)`;
      await project.source(`${TYPES('gis')} ${insert}; set search_path = public;
        create extension lo; create table scans (id int primary key, scan lo); create table numbers (id int primary key, scan oid);
        insert into scans values (1, lo_from_bytea(0, '\\x00ff')); insert into numbers select id, scan from scans;
        do $$ begin execute format('grant select on large object %s to etl_source', (select scan from scans)); end $$;
        grant select on shapes, scans, numbers to public`);
      await project.target(`${TYPES('extensions')} set search_path = public; alter table shapes owner to etl_target;
        create extension lo; create table scans (id int primary key, scan lo); create table numbers (id int primary key, scan oid);
        create table bytes (id int primary key, scan bytea);
        create foreign data wrapper nowhere; create server elsewhere foreign data wrapper nowhere;
        create foreign table far (id int, v text) server elsewhere;
        alter table scans owner to etl_target; alter table numbers owner to etl_target; alter table bytes owner to etl_target;
        grant select, insert, update, delete on far to etl_target`);
      const session = new pg.Client({ connectionString: project.databases.target });
      await session.connect();
      await session.query('create temporary table passing (id int primary key, v text)');
      const { findings } = await checkFolder(project.folder).finally(() => session.end());
      const told = findings.filter(({ severity }) => severity === 'error');
      expect(Object.fromEntries(told.map(({ subject, code, message, help }) => [subject, `${code} ${message} = ${help ?? ''}`]))).toEqual({
        'mapping scans': says(/^ETL-BIND-007 .*lo_get/),
        'mapping seen': says(/^ETL-BIND-019 "seen" cannot be loaded: it is no table/),
        'mapping kept': says(/^ETL-BIND-019 "kept" cannot be loaded: it is no table/),
        'mapping far': says(/^ETL-BIND-019 "far" cannot be loaded: it is no table/),
        'mapping passing': says(/^ETL-BIND-00\d .*passing/),
        'mapping wide': says(/^ETL-BIND-019 "wide" cannot be loaded: 1600 columns are too many.* = leave 2 out/),
      });

      const select = ['shapes', 'bytes', 'numbers'];
      const result = await project.run({ select });
      expect([result.status, await accountingFaults(project, result)]).toEqual(['succeeded', []]);
      const shapes = 'select s::text from shapes s order by id';
      expect(await project.target(shapes)).toEqual(await project.source(shapes));
      expect(await project.target("select encode(scan, 'hex') from bytes")).toEqual([{ encode: '00ff' }]);
      expect(await project.target('select n.scan = 0 zero from numbers n')).toEqual([{ zero: false }]);
      await project.source(`update shapes set name = 'Other', feels = 'sad' where id = 1`);
      expect(countsOf(await project.run({ select, fresh: true }), 'shapes')).toBe('read 2, updated 1, unchanged 1');
      expect(await project.target(shapes)).toEqual(await project.source(shapes));
      await project.source('drop schema gis cascade; drop extension lo cascade; select lo_unlink(oid) from pg_largeobject_metadata');
      await project.target('drop schema extensions cascade; drop extension lo cascade; drop foreign data wrapper nowhere cascade');
    },
  ), 60_000); // prettier-ignore
