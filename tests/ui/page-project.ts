import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import type { ProjectFiles } from '../support/project.js';

/** A value that would be markup, an event or a script if anybody took it for one. */
export const EVIL = `<img src=x onerror="window.pwned=1">`;

/** Seconds that the source takes over each note are `pace.seconds` as the run's snapshot sees them; notes of 2 kB leave the server at once. */
export const FILES: ProjectFiles = {
  source: `
    create table teams (id int primary key, name text);
    create table people (code text primary key, name text, team int);
    create table notes (id int primary key, person text, text text);
    create table pace (seconds float8);
    insert into pace values (0);
    create function slowly() returns boolean volatile language sql as
      'select pg_sleep(seconds) is not null from pace';
    insert into teams select n, 'team ' || n from generate_series(1, 20) n;
    insert into people select 'p' || n, case when n % 10 = 0 then null else 'name ' || n end, n % 20 + 1
      from generate_series(1, 300) n;
    insert into people values ('${EVIL}', null, 1), ('q''"<b>', '${EVIL}', 999);
    insert into notes select n, 'p' || (n % 300 + 1), 'note ' || n from generate_series(1, 900) n;
    insert into notes values (1001, '${EVIL}', '</script><script>window.pwned=1</script>');`,
  target: `
    create table teams (id int generated always as identity primary key, legacy_id int unique, name text not null);
    create table people (id int generated always as identity primary key, code text unique, name text not null,
      team_id int references teams);
    create table notes (id int generated always as identity primary key, legacy_id int unique,
      person_id int not null references people, text text);`,
  settings: `phases: [basics, records]
defaults: { batch_rows: 20, max_rejects: 1000 }`,
  mappings: {
    teams: `phase: basics
description: 'Teams, ${EVIL.replaceAll("'", "''")}'
source: { table: teams, key: id }
target: { table: teams, key: legacy_id, identity: id }
columns: { legacy_id: id, name: name }
`,
    people: `phase: basics
source: { table: people, key: code }
target: { table: people, key: code, identity: id }
columns:
  code: code
  name: name
  team_id: { from: team, references: teams }
rules: [{ not_null: [name] }]
checks: [{ distinct: code }]
`,
    notes: `phase: records
source: { table: notes, key: id, where: slowly() }
target: { table: notes, key: legacy_id, identity: id }
columns:
  legacy_id: id
  person_id: { from: person, references: people }
  text: { sql: "text || repeat('.', 2000)" }
`,
  },
};

/** `etl ui`, built, as a process of its own. */
export interface Server {
  readonly process: ChildProcess;
  readonly origin: string;
}

/** @param port 0 takes a free one */
export async function serve(folder: string, port = 0): Promise<Server> {
  const main = path.resolve('dist/bin/etl/main.js');
  const child = spawn(process.execPath, [main, 'ui', folder, '--port', String(port)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const origin = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        const found = /http:\/\/[\w.:[\]-]+/.exec(said);
        if (found !== null) resolve(found[0]);
      });
    child.on('close', () => reject(new Error(`etl ui has ended: ${said}`)));
  });
  return { process: child, origin };
}
