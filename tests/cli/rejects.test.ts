import { readFile, symlink } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { withProject, type TestProject } from '../support/project.js';
import { start, type Ended } from './etl.js';

/** A team without a name; its people, and their pets, wait for it. A tree whose root is bad. */
const FILES = {
  source: `create table team (id int primary key, name text); insert into team values (1, 'red'), (2, null), (3, '=cmd()');
    create table person (id int primary key, team int, secret text); insert into person select i, 1 + i % 3, 's' || i from generate_series(1, 6) i;
    create table pet (person int, n int, kind text, primary key (person, n)); insert into pet select i, 1, 'cat' from generate_series(1, 6) i;
    create table node (id numeric primary key, up numeric, v int); insert into node values (1.50, null, -12345), (2, 1.5, 1), (3, 2, 1), (12345678901234567890, null, 1);`,
  target: `create table team (id int generated always as identity primary key, legacy int unique, name text not null check (name <> '=cmd()'));
    create table person (id int generated always as identity primary key, legacy int unique, team int not null references team, note text);
    create table pet (id int generated always as identity primary key, person int not null references person, kind text);
    create table node (id int generated always as identity primary key, legacy numeric unique, up int references node, v int);`,
  mappings: {
    team: 'source: { table: team, key: id }\ntarget: { table: team, key: legacy, identity: id }\ncolumns: { legacy: id, name: name }\nmax_rejects: 100%',
    person:
      'source: { table: person, key: id, sensitive: [secret] }\ntarget: { table: person, key: legacy, identity: id }\ncolumns: { legacy: id, note: secret, team: { from: team, references: team } }\nmax_rejects: 100%',
    pet: 'source: { table: pet, key: [person, n] }\ntarget: { table: pet, identity: id }\ncolumns: { person: { from: person, references: person }, kind: kind }\nmax_rejects: 100%',
    node: 'source: { table: node, key: id }\ntarget: { table: node, key: legacy, identity: id }\ncolumns: { legacy: id, up: { from: up, references: node }, v: v }\nrules: [ { range: { column: v, min: 0 } } ]\nmax_rejects: 100%',
  },
};

const rejects = (project: TestProject, ...words: string[]): Promise<Ended> => {
  const [action = 'list', ...rest] = words;
  return start(['rejects', project.folder, action, ...rest]).ended;
};

const CONTENT = `
  select 'team' t, legacy::text k, name v from team union all
  select 'person', p.legacy::text, t.legacy::text from person p join team t on t.id = p.team union all
  select 'pet', p.legacy::text, kind from pet join person p on p.id = pet.person union all
  select 'node', n.legacy::text, u.legacy::text from node n left join node u on u.id = n.up order by 1, 2`;
const OPEN =
  "select string_agg(mapping || ' ' || source_key, ', ' order by mapping, source_key) o from etl.open_rejects";
const MEND =
  "update team set name = 'blue' where id = 2; update team set name = 'gold' where id = 3; update node set v = 1";

describe('etl rejects', () => {
  it('lists causes, shows a row with what caused it, and says where there is none', () =>
    withProject(FILES, async (project) => {
      expect(await rejects(project)).toMatchObject({ code: 0, stdout: 'nothing has been run yet\n' });
      await project.run();
      const { code, stdout } = await rejects(project);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^13 rejects open\n/);
      expect(stdout).toMatch(
        /4 {2}person\.team {2}references {2}.*person.yaml:3\n +first key 1: no loaded row of team/,
      );
      const { total, groups } = JSON.parse(
        (await rejects(project, 'list', '--mapping', 'team', '--json')).stdout,
      ) as {
        total: number;
        groups: { rule: string }[];
      };
      expect([total, groups.map(({ rule }) => rule).sort()]).toEqual([2, ['not_null', 'team_name_check']]);
      expect((await rejects(project, 'list', '--column', 'up')).stdout).toMatch(/^2 rejects open/);
      const shown = await rejects(project, 'show', 'pet', '["1","1"]');
      expect(shown.stdout).toMatch(
        /^pet \["1","1"\], .*\n\nbecause person 1, .*\n\nbecause team 2, .*name, not_null/s,
      );
      expect(shown.stdout).toContain('***');
      expect(shown.stdout).not.toContain('s1');
      expect((await rejects(project, 'show', 'pet', 'x')).code).toBe(2);
      expect((await rejects(project, 'burn')).code).toBe(2);
      await project.source(MEND);
      await project.run();
      expect((await rejects(project)).stdout).toBe('no open rejects\n');
    }));

  it('exports rows that no spreadsheet carries out, to a file of the project alone', () =>
    withProject(FILES, async (project) => {
      await project.run();
      const { stdout } = await rejects(project, 'export', '--mapping', 'team');
      expect(stdout.split('\r\n')).toHaveLength(4);
      expect(stdout).toMatch(/^run,mapping,key,column,rule/);
      const node = await rejects(project, 'export', '--mapping', 'node');
      expect(node.stdout).toContain(`,"'-12345",`);
      const json = JSON.parse((await rejects(project, 'export', '--format', 'json')).stdout) as {
        row: unknown;
      }[];
      expect(json).toHaveLength(13);
      expect(JSON.parse((await rejects(project, 'export', '--json')).stdout)).toEqual(json);
      expect((await rejects(project, 'export', '--out', 'all.csv')).code).toBe(0);
      expect(await readFile(path.join(project.folder, 'all.csv'), 'utf8')).toMatch(/pet/);
      await symlink('/tmp', path.join(project.folder, 'way'));
      for (const out of ['../x.csv', '/tmp/x.csv', 'way/x.csv', 'all.csv', 'team.yaml', 'no/x.csv']) {
        expect([out, (await rejects(project, 'export', '--out', out)).code]).toEqual([out, 2]);
      }
    }));

  it('replays them when their cause is gone, and those that waited for them', () =>
    withProject(FILES, async (project) => {
      await project.run();
      await project.source("update team set name = 'blue' where id = 2");
      const first = await rejects(project, 'replay', '--mapping', 'team', '--json');
      const { run, mappings } = JSON.parse(first.stdout) as {
        run: string;
        mappings: Record<string, unknown>[];
      };
      expect([first.code, first.stderr]).toEqual([0, expect.any(String)]);
      const counts = mappings.map(({ mapping, read, inserted, rejected, unexplained }) => [
        mapping, read, inserted, rejected, unexplained,
      ]); // prettier-ignore
      expect(counts).toEqual([['team', 2, 1, 1, 0], ['person', 4, 2, 2, 0], ['pet', 4, 2, 2, 0]]); // prettier-ignore
      expect(await project.target(`select kind, status from etl.runs where run = '${run}'`)).toEqual([
        { kind: 'replay', status: 'succeeded' },
      ]);
      await project.source(MEND);
      const second = await rejects(project, 'replay', '--verbose');
      expect([second.code, second.stderr]).toEqual([0, expect.any(String)]);
      expect(await project.target(OPEN)).toEqual([{ o: null }]);
      const replayed = await project.target(CONTENT);
      await project.target('truncate team, person, pet, node; drop schema etl cascade');
      await project.run();
      expect(replayed).toEqual(await project.target(CONTENT));
      expect(await rejects(project, 'replay')).toMatchObject({
        code: 0,
        stdout: 'there are no open rejects to replay\n',
      });
    }));

  it('replays nothing while a run waits to be gone on with', () =>
    withProject(FILES, async (project) => {
      await project.run();
      await project.target("update etl.runs set status = 'interrupted'");
      expect(await rejects(project, 'replay')).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/etl resume/) as string,
      });
    }));
});
