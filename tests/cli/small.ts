import { expect } from 'vitest';
import type { Ended } from './etl.js';

/** A project of two mappings; {@link SMALL_SQL} makes the databases it works on. */
export const SMALL = {
  'etl.yaml': `version: 1
project: small
connections:
  source: { url: '\${SOURCE_DATABASE_URL}' }
  target: { url: '\${TARGET_DATABASE_URL}' }
`,
  'people.yaml': `source: { table: person, key: id }
target: { table: people, key: legacy_id, identity: id }

columns:
  legacy_id: id
  name: full_name
  born: { from: born, steps: [{ parse_date: YYYY-MM-DD }] }
  team_id: { from: team, references: teams }
`,
  'teams.yaml': `source: { table: team, key: id }
target: { table: teams, key: id }
columns: { '*': same_name }
`,
};

export const SMALL_SQL = {
  source: `create table team (id int primary key, name text);
    create table person (id int primary key, full_name text, born text, team int);
    insert into team values (1, 'red'), (2, 'blue');
    insert into person select i, 'person ' || i, '1990-01-01', 1 + i % 2 from generate_series(1, 1000) i;
    analyze;`,
  target: `create table teams (id int primary key, name text);
    create table people (
      id int generated always as identity primary key, legacy_id int unique not null,
      name text not null, born date, team_id int references teams
    );`,
};

/** Whatever happens, a user sees no stack and no name of Node's insides. */
export function expectNoTrace({ stdout, stderr }: Ended): void {
  expect(stdout + stderr).not.toMatch(/^ +at .*:\d+:\d+|node:internal|UnhandledPromise/m);
}
