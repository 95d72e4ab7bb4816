import path from 'node:path';
import { cpSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadSides } from '../../engine/cli/diff/sides.js';
import { sampleRows } from '../../engine/cli/diff/sample.js';
import { diffProjects } from '../../engine/diff/diff.js';
import { loadParser, SqlTrees } from '../../engine/sql/index.js';
import { withProject } from '../support/project.js';
import { temporaryRoot } from './sides.js';

const QUIET = { json: false, quiet: true, verbose: false, color: false, colorOut: false, tty: false };

const SOURCE = `
  create table person (id int primary key, name text, secret text, state text, old bool);
  insert into person select n, 'name ' || n, 's' || n, case n % 4 when 0 then 'A' when 1 then 'B' when 2 then 'C' end, n = 7
    from generate_series(1, 40) n;
  create table pet (owner int, nr int, name text, primary key (owner, nr));
  insert into pet select n, 1, 'pet ' || n from generate_series(1, 45) n;`;
const TARGET = `
  create table people (id bigint generated always as identity primary key, legacy_id int unique, name text, secret text, state text, made timestamptz);
  create table pets (legacy_owner int, nr int, person_id bigint, name varchar(20), primary key (legacy_owner, nr));`;

const PEOPLE = `source: { table: person, key: id, sensitive: [secret] }
target: { table: people, key: legacy_id, identity: id }
columns:
  legacy_id: id
  name: name
  secret: secret
  state: { from: state, map: { A: active, B: blocked, C: closed } }
  made: { generate: now }
`;
const PETS = `source: { table: pet, key: [owner, nr] }
target: { table: pets, key: [legacy_owner, nr] }
columns:
  legacy_owner: owner
  nr: nr
  person_id: { from: owner, references: people }
  name: name
`;

test('the same source rows through both states: cells, fates, masks; nothing is written', async () => {
  await withProject(
    { source: SOURCE, target: TARGET, mappings: { people: PEOPLE, pets: PETS } },
    async (project) => {
      const root = temporaryRoot();
      cpSync(project.folder, path.join(root, 'base'), { recursive: true });
      await project.write(
        'people',
        PEOPLE.replace('name: name', 'name: { from: name, steps: [upper] }')
          .replace('secret: secret', 'secret: { from: secret, steps: [upper] }')
          .replace('B: blocked, C: closed', 'B: barred')
          .replace('sensitive: [secret] }', 'sensitive: [secret], skip_when: { old: old } }') +
          'rules:\n  - range: { column: legacy_id, max: 38 }\n',
      );
      await project.write(
        'pets',
        PETS.replace('references: people', 'references: people, missing: null').replace(
          'name: name',
          'name: { value: "a name that is much too long" }',
        ),
      );
      const sides = await loadSides(
        { folder: project.folder, base: { folder: path.join(root, 'base') }, head: null },
        QUIET,
      );
      const diff = diffProjects(sides.base, sides.head, new SqlTrees(await loadParser()));
      const { sample, notes, planHash } = await sampleRows(
        project.folder,
        sides,
        diff,
        { rows: 1000, embedded: false },
        QUIET,
      );
      await sides.close();
      expect(notes).toEqual([]);
      expect(planHash).toMatch(/^[0-9a-f]{64}$/);
      const [people, pets] = ['people', 'pets'].map((name) => sample.find(({ mapping }) => mapping === name));
      expect([people?.rows, pets?.rows]).toEqual([40, 45]);
      expect(people?.fates.map(({ before, after, rows }) => `${String(rows)} ${before} → ${after}`)).toEqual([
        '10 loaded → rejected: map (state)',
        '2 loaded → rejected: range(legacy_id)',
        '1 loaded → skipped: old',
      ]);
      const cells = people?.columns.map(({ column, rows, examples }) => [column, rows, examples[0]]);
      expect(cells).toEqual([
        ['name', 27, { key: '1', before: 'name 1', after: 'NAME 1' }],
        ['secret', 27, { key: '1', before: '***', after: '***' }],
        ['state', 10, { key: '1', before: 'blocked', after: 'barred' }],
      ]);
      // Five pets belong to nobody: they were rejected for it, and are now for their name.
      expect(pets?.fates.map(({ before, after, rows }) => `${String(rows)} ${before} → ${after}`)).toEqual([
        '40 loaded → rejected: length (name)',
        '5 rejected: references (person_id) → rejected: length (name)',
      ]);
      const [left] = await project.target('select count(*)::int n from people');
      expect(left?.['n']).toBe(0);
    },
  );
}, 240_000);
