/** The folder of the JSON Schemas that editors check by; hidden, so that no file in it is taken for a mapping. */
export const SCHEMAS = '.schema';

/** The files of a new project, by their relative paths. @param name of the project */
export const newProject = (name: string): Readonly<Record<string, string>> => ({
  'etl.yaml': `# yaml-language-server: $schema=${SCHEMAS}/project.schema.json
version: 1
project: ${name}
connections: # the values stand in .env, which git does not see: copy .env.example
  source: { url: '\${SOURCE_DATABASE_URL}' }
  target: { url: '\${TARGET_DATABASE_URL}' }
embedded: # what --embedded and etl test build: replace them with pg_dump --schema-only of your databases
  source: [schema/source.sql]
  target: [schema/target.sql]
defaults: { max_rejects: 0 } # not one reject, unless a mapping says how many
`,
  'customers.yaml': `# yaml-language-server: $schema=${SCHEMAS}/mapping.schema.json
description: Everybody who has ordered once

source:
  table: client
  key: id

target:
  table: customers
  key: legacy_id # where the source key is kept: how the next run finds the row
  identity: id # the new key, which references to this mapping give

columns: # target column: source column, or where the value comes from and what happens to it
  legacy_id: id
  name: { from: name, steps: [collapse_whitespace], default: unknown }
  email: { from: email, steps: [trim, lower, empty_to_null] }
`,
  'customers.test.yaml': `- test: a name is never empty, an e-mail has no capitals
  given:
    rows: [{ id: 1, name: ' Ana  Ruiz ', email: Ana@Example.org }, { id: 2 }]
  expect:
    rows:
      - { legacy_id: 1, name: Ana Ruiz, email: ana@example.org }
      - { legacy_id: 2, name: unknown, email: null }
`,
  'schema/source.sql': `create table client (id integer primary key, name text, email text);
insert into client values (1, ' Ana  Ruiz ', 'Ana@Example.org'), (2, null, '');
`,
  'schema/target.sql': `create table customers (
  id bigint generated always as identity primary key,
  legacy_id integer not null unique,
  name text not null,
  email text
);
`,
  '.env.example': `SOURCE_DATABASE_URL=postgresql://reader:password@localhost:5432/old
TARGET_DATABASE_URL=postgresql://writer:password@localhost:5432/new
`,
  '.gitignore': `.env
.etl/
`,
});
