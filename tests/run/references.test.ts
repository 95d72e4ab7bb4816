import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunResult } from '../../engine/contract/result.js';
import {
  accountingFaults,
  countsOf,
  createProject,
  mappingOf,
  type TestProject,
} from '../support/project.js';

const SOURCE = `
create table patients (id int primary key, name text, updated timestamptz default '2020-01-01');
create table archived (id int primary key, name text);
create table doctors (code int primary key, boss int);
create table visits (id int primary key, patient int, updated timestamptz default '2020-01-01');
create table notes (id int primary key, about text, about_id text);
create table tasks (id int primary key, parent int);
create table old_tasks (id int primary key);
create table rooms (id int primary key, head int);
create table heads (id int primary key, room int);
create table deputies (id int primary key);
insert into patients (id, name) values (1, 'Ann'), (2, 'Bob'), (3, null), (4, null);
insert into archived values (1, 'old Ann'), (3, 'old Cid'), (5, 'old Eve');
insert into doctors values (1, null), (2, 1), (3, 99), (4, 3);
insert into visits (id, patient) values (1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 9), (7, null);
insert into notes values (1, 'patient', '1'), (2, 'doctor', '1'), (3, 'patient', '02'), (4, 'doctor', '2'),
  (5, 'nurse', '1'), (6, null, '1'), (7, 'patient', null), (8, 'patient', '77'), (9, 'doctor', '4'), (10, 'client', '2');
insert into tasks values (1, 2), (2, 50), (3, 4), (4, null), (5, 99), (6, 5), (7, 3), (8, 4);
insert into old_tasks values (50), (4), (5);
insert into rooms values (1, 7), (2, 8), (3, 9), (4, null);
insert into heads values (7, 1), (6, 2);
insert into deputies values (7), (8);
`;

const TARGET = `
create table people (id serial primary key, kind text, legacy int, name text not null, unique (kind, legacy));
create table doctors (id int primary key, boss int references doctors);
create table visits (id int primary key, person int references people);
create table notes (id int primary key, about text, about_id varchar(40));
create table tasks (id serial primary key, kind text, legacy int, parent int references tasks, unique (kind, legacy));
create table staff (id serial primary key, kind text, legacy int, room int, unique (kind, legacy));
create table rooms (id int primary key, head int references staff);
`;

/** A mapping of one of several that load one table. */
const part = (from: string, table: string, more: string): string => `
source: { table: ${from}, key: id }
target: { table: ${table}, key: [kind, legacy], identity: id }
max_rejects: 100%
columns:
  kind: { value: ${from} }
  legacy: id
${more}`;

const MAPPINGS = {
  patients: part('patients', 'people', '  name: name'),
  archived: part('archived', 'people', '  name: name'),
  doctors: `
source: { table: doctors, key: code }
target: { table: doctors, key: id, identity: { column: id, strategy: preserve } }
max_rejects: 100%
columns:
  boss: { from: boss, references: doctors }`,
  visits: `
source: { table: visits, key: id, changed_at: updated }
target: { table: visits, key: id, identity: id }
max_rejects: 100%
columns: { id: id, person: { from: patient, references: [patients, archived] } }`,
  notes: `
source: { table: notes, key: id }
target: { table: notes, key: id, identity: id }
max_rejects: 100%
columns:
  id: id
  about: about
  about_id:
    from: about_id
    references: { switch: about, cases: { patient: patients, client: patients, doctor: { mapping: doctors } } }`,
  tasks: part('tasks', 'tasks', '  parent: { from: parent, references: [tasks, old_tasks] }'),
  old_tasks: part('old_tasks', 'tasks', ''),
  rooms: `
source: { table: rooms, key: id }
target: { table: rooms, key: id, identity: id }
max_rejects: 100%
columns: { id: id, head: { from: head, references: [heads, deputies] } }`,
  heads: part('heads', 'staff', '  room: { from: room, references: rooms }'),
  deputies: part('deputies', 'staff', ''),
};

let project: TestProject;
let first: RunResult;

beforeAll(async () => {
  project = await createProject({ source: SOURCE, target: TARGET, mappings: MAPPINGS });
  first = await project.run();
});
afterAll(() => project.drop());

/** Every row with what it refers to: `visits 3 → archived 3`. */
const REFERS = `
select 'visits ' || v.id || coalesce(' → ' || p.kind || ' ' || p.legacy, '') as words
  from visits v left join people p on p.id = v.person
union all select 'notes ' || n.id || coalesce(' → ' || p.kind || ' ' || p.legacy, '')
  from notes n left join people p on p.id::text = n.about_id where n.about is distinct from 'doctor'
union all select 'notes ' || n.id || coalesce(' → doctors ' || d.id, '')
  from notes n left join doctors d on d.id::text = n.about_id where n.about = 'doctor'
union all select t.kind || ' ' || t.legacy || coalesce(' → ' || p.kind || ' ' || p.legacy, '')
  from tasks t left join tasks p on p.id = t.parent
union all select 'rooms ' || r.id || coalesce(' → ' || s.kind || ' ' || s.legacy, '')
  from rooms r left join staff s on s.id = r.head`;

const rows = async (): Promise<readonly string[]> =>
  (await project.target(REFERS)).map(({ words }) => String(words)).sort();

const LOADED = [
  ...[
    'visits 1 → patients 1',
    'visits 2 → patients 2',
    'visits 3 → archived 3',
    'visits 5 → archived 5',
    'visits 7',
  ],
  ...[
    'notes 1 → patients 1',
    'notes 2 → doctors 1',
    'notes 3 → patients 2',
    'notes 4 → doctors 2',
    'notes 6',
  ],
  ...['notes 7', 'notes 10 → patients 2'],
  ...['tasks 1 → tasks 2', 'tasks 2 → old_tasks 50', 'tasks 3 → tasks 4', 'tasks 4', 'tasks 7 → tasks 3'],
  ...['tasks 8 → tasks 4', 'old_tasks 50', 'old_tasks 4', 'old_tasks 5'],
  ...['rooms 1 → heads 7', 'rooms 2 → deputies 8', 'rooms 4'],
].sort();

test('a row refers to the first mapping that has its key, or to the one that its switch names', async () => {
  expect(await rows()).toEqual(LOADED);
  expect(await accountingFaults(project, first)).toEqual([]);
});

test('every reference is counted once, with the mapping that has it', () => {
  const counts = first.mappings.flatMap(({ mapping, references }) =>
    references.map(
      ({ column, mapping: to, resolved, null: none, defaulted, missing }) =>
        `${mapping}.${column} ${to}: ${[resolved, none, defaulted, missing].join(' ')}`,
    ),
  );
  expect(counts.sort()).toEqual([
    'doctors.boss doctors: 1 1 0 2',
    'heads.room rooms: 2 0 0 0',
    'notes.about_id doctors: 2 0 0 1',
    'notes.about_id patients: 3 2 0 2',
    'rooms.head deputies: 1 0 0 0',
    'rooms.head heads: 1 1 0 1',
    'tasks.parent old_tasks: 1 0 0 0',
    'tasks.parent tasks: 4 1 0 2',
    'visits.person archived: 2 0 0 0',
    'visits.person patients: 2 1 0 2',
  ]);
});

test('a missing reference says who was asked, and why the row is not there', async () => {
  const rejects = await project.target(
    `select mapping || ' ' || source_key || ': ' || reason as words from etl.rejects
     where rule = 'references' order by mapping, source_key::text`,
  );
  expect(rejects.map(({ words }) => words)).toEqual([
    'doctors 3: no loaded row of doctors has the key "99"',
    'doctors 4: no loaded row of doctors has the key "3": that row was rejected in this run (boss, references)',
    'notes 5: "nurse" in about is none of the cases patient, client, doctor',
    'notes 8: no loaded row of patients has the key "77"',
    'notes 9: no loaded row of doctors has the key "4": that row was rejected in this run (boss, references), as doctors "3" was (boss, references)',
    'rooms 3: no loaded row of heads or deputies has the key "9"',
    'tasks 5: no loaded row of tasks or old_tasks has the key "99"',
    'tasks 6: no loaded row of tasks has the key "5": that row was rejected in this run (parent, references)',
    'visits 4: no loaded row of patients or archived has the key "4": that row of patients was rejected in this run (name, not_null)',
    'visits 6: no loaded row of patients or archived has the key "9"',
  ]);
});

test('a second run, its keys asked for in batches, finds the same', async () => {
  const again = await project.run({ keyMapBytes: 0 });
  expect(again.mappings.map(({ inserted, updated }) => inserted + updated)).toEqual(
    first.mappings.map(() => 0),
  );
  expect(await rows()).toEqual(LOADED);
  expect(await accountingFaults(project, again)).toEqual([]);
});

test('a row that is taken back takes no row along that holds its id for another table', async () => {
  await project.source(`insert into patients (id, name) values (60, 'Kim');
    insert into notes values (60, 'patient', '60')`);
  await project.run({ select: ['patients', 'notes'] });
  const [{ id } = {}] = await project.target(`select id from people where kind = 'patients' and legacy = 60`);
  await project.source(
    `insert into doctors values (${String(id)}, 98); insert into notes values (61, 'doctor', '${String(id)}')`,
  );
  const result = await project.run();
  expect((await rows()).filter((row) => /^notes 6\d/.test(row))).toEqual(['notes 60 → patients 60']);
  expect(countsOf(result, 'doctors')).toBe('read 5, unchanged 2, rejected 3');
  expect(countsOf(result, 'notes')).toBe('read 12, unchanged 8, rejected 4');
  expect(await accountingFaults(project, result)).toEqual([]);
});

test('a delta run reads everything when an earlier mapping may have what rows refer to now', async () => {
  await project.source(`insert into patients (id, name) values (5, 'Eve')`);
  const result = await project.run({ select: ['patients', 'archived', 'visits'] });
  expect(mappingOf(result, 'visits').readFrom).toBeNull();
  expect((await rows()).filter((row) => row.startsWith('visits 5'))).toEqual(['visits 5 → patients 5']);
  const next = await project.run({ select: ['patients', 'archived', 'visits'] });
  expect(countsOf(next, 'visits')).toBe('read 2, rejected 2');
});

test('a sample holds the rows of every mapping that its rows name', async () => {
  const sample = await project.run({ limit: 1, dryRun: true });
  expect(sample.mappings.map(({ mapping, rejected }) => `${mapping} ${String(rejected)}`)).not.toContain(
    'visits 1',
  );
  expect(countsOf(sample, 'rooms')).toBe('read 2, unchanged 2');
});
