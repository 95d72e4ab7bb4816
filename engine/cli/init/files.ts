import { SCHEMA_NAMES, schemaOf } from '../../mapping/schemas.js';
import { STEPS } from '../../steps/index.js';
import { RULES } from '../../../validators/index.js';
import path from 'node:path';

/** The folder of the JSON Schemas that editors check by; hidden, so that no file in it is taken for a mapping. */
export const SCHEMAS = '.schema';

/** Files by their relative paths. */
export type NewFiles = Readonly<Record<string, string>>;

const settings = (
  name: string,
  more: string,
): string => `# yaml-language-server: $schema=${SCHEMAS}/project.schema.json
version: 1
project: ${name}
connections: # the values stand in .env, which git does not see: copy .env.example
  source: { url: '\${SOURCE_DATABASE_URL}' }
  target: { url: '\${TARGET_DATABASE_URL}' }
${more}defaults: { max_rejects: 0 } # not one reject, unless a mapping says how many
`;

const EMBEDDED = `embedded: # what --embedded and etl test build: replace them with pg_dump --schema-only of your databases
  source: [schema/source.sql]
  target: [schema/target.sql]
`;

/** What every project begins with, without a mapping: for `etl scaffold`. @param folder absolute */
export const emptyProject = (folder: string): NewFiles => ({
  'etl.yaml': settings(projectName(folder), ''),
  ...SURROUNDINGS,
  ...schemaFiles(),
});

/** A project with an example of everything: for `etl init`. @param folder absolute */
export const newProject = (folder: string): NewFiles => ({
  'etl.yaml': settings(projectName(folder), EMBEDDED),
  ...EXAMPLE,
  ...SURROUNDINGS,
  ...schemaFiles(),
});

/** As this version speaks the language; `etl schema` prints those of another. */
const schemaFiles = (): NewFiles =>
  Object.fromEntries(
    SCHEMA_NAMES.map((name) => {
      const schema = schemaOf(name, { steps: STEPS, rules: RULES });
      return [`${SCHEMAS}/${name}.schema.json`, `${JSON.stringify(schema, null, 2)}\n`];
    }),
  );

/** Of the folder's name, letters, digits and dashes. */
function projectName(folder: string): string {
  const name = path
    .basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return /^[a-z]/.test(name) ? name : 'migration';
}

const EXAMPLE: NewFiles = {
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
};

const SURROUNDINGS: NewFiles = {
  '.env.example': `SOURCE_DATABASE_URL=postgresql://reader:password@localhost:5432/old
TARGET_DATABASE_URL=postgresql://writer:password@localhost:5432/new
`,
  '.gitignore': `.env
.etl/
`,
};
