import { mapForm } from '../form.js';
import { either, integer, list, oneOrMore, record, scalar, text, threshold, word } from '../forms.js';
import { key, keys, required } from '../keys.js';
import type { ReadOf } from '../keys.js';
import { columnName, tableName } from '../names.js';
import { PROJECT_HOOKS } from './hooks.js';
import { LOOKUPS } from './lookup.js';
import { CONSTRAINTS, TRIGGERS } from './target.js';

const COMMAND = either({
  scalar: mapForm(text('a line for the shell'), ({ value, at }) => ({ at, command: value })),
  list: mapForm(list(scalar), ({ items }) => {
    const [first] = items;
    return first === undefined ? undefined : { at: first.at, command: items.map(({ value }) => value.text) };
  }),
});

const CONNECTION = keys('a connection', {
  url: required(
    text('a connection URL'),
    "postgresql://user:password@host:port/database, or libpq's `key=value` pairs (`service=old`); what it leaves out comes from libpq's service file, environment and `~/.pgpass`.",
    { example: '${SOURCE_DATABASE_URL}' },
  ),
  password_file: key(
    text('a path'),
    'A file that holds the password, read for each connection; absolute or relative to the project folder.',
    {
      example: '/run/secrets/source_password',
    },
  ),
  password_command: key(
    COMMAND,
    'What writes the password, run for each connection in the project folder: a line for the shell, or a program and its arguments.',
    {
      example: [
        'aws',
        'rds',
        'generate-db-auth-token',
        '--hostname',
        'old.example.com',
        '--port',
        '5432',
        '--username',
        'reader',
      ],
    },
  ),
  ssl: key(
    word({
      'verify-full': { doc: 'Encrypted, the certificate and its name checked (default for other machines).' },
      'verify-ca': { doc: 'Encrypted, the certificate checked.' },
      require: { doc: 'Encrypted, nothing checked.' },
      disable: { doc: 'In plain text.' },
    }),
    'How the connection is secured.',
  ),
  ca: key(text('a path'), 'A bundle of CA certificates, absolute or relative to the project folder.', {
    example: 'certs/rds.pem',
  }),
  search_path: key(list(columnName('a schema')), 'The schemas in which unqualified names are looked for.', {
    example: ['clinic', 'public'],
  }),
});

const EMBEDDED = keys('embedded', {
  source: required(oneOrMore(text('a path')), 'SQL files that build the source, in their order.'),
  target: required(oneOrMore(text('a path')), 'SQL files that build the target, in their order.'),
  settings: key(
    record('settings by name', scalar),
    "Settings of the sessions that run the files, which read their own with `current_setting('shop.seed')`.",
    { example: { 'shop.seed': '${SEED:-1}' } },
  ),
});

const DEFAULTS = keys('defaults', {
  batch_rows: key(integer(1), 'Rows of a batch at the most.', { default: '10000', example: 10000 }),
  max_rejects: key(threshold, 'Rejected rows that the verdict at the end allows.', {
    default: '1%',
    example: '1%',
  }),
  stop_at: key(threshold, 'Rejected rows at which the run stops at once.', {
    default: '10%',
    example: '10%',
  }),
  triggers: key(TRIGGERS, "The tables' triggers during the load.", { default: 'keep' }),
  constraints: key(CONSTRAINTS, 'Foreign keys and secondary indexes during the load.', { default: 'auto' }),
});

const COPY = either({
  scalar: mapForm(tableName, (table) => ({ table, phase: null })),
  map: mapForm(
    keys('a copy', {
      table: required(tableName, 'The table, of one name in source and target.'),
      phase: key(text('a phase'), 'One of the phases; needed where some are declared.'),
    }),
    ({ values: { table, phase } }) => (table === undefined ? undefined : { table, phase: phase ?? null }),
  ),
});

/** etl.yaml. */
export const ETL = keys('etl.yaml', {
  version: required(integer(1), 'The version of the language: 1.', { example: 1 }),
  project: required(text('a name'), "The project's name; it is part of every uuid5.", {
    example: 'clinic-migration',
  }),
  connections: key(
    record('connections by name', CONNECTION),
    'The databases; source and target are needed.',
    {
      example: {
        source: { url: '${SOURCE_DATABASE_URL}' },
        target: { url: '${TARGET_DATABASE_URL}', ssl: 'verify-full' },
      },
    },
  ),
  embedded: key(EMBEDDED, 'What --embedded builds, so that a first run needs no server.', {
    example: { source: ['schema/source.sql'], target: 'schema/target.sql' },
  }),
  phases: key(list(text('a phase')), 'Groups of mappings that run in this order, a barrier between them.', {
    example: ['core', 'business'],
  }),
  defaults: key(DEFAULTS, 'Settings for every mapping that does not say otherwise.', {
    example: { batch_rows: 10000, max_rejects: '1%' },
  }),
  copy: key(list(COPY), 'Plain copies: every column, the primary key as key.', {
    example: ['languages', { table: 'genders', phase: 'core' }],
  }),
  lookups: key(LOOKUPS, 'Tables of values that all mappings share.', {
    example: { units: { values: { 1: 'piece', 2: 'box' } } },
  }),
  plugins: key(list(text('a path')), 'JavaScript modules with steps and rules of your own.', {
    example: ['plugins/steps.js'],
  }),
  hooks: key(PROJECT_HOOKS, 'SQL on the target before and after the run.', {
    example: { before: 'set local lock_timeout to default', after: ['analyze'] },
  }),
  state: key(
    keys('state', { schema: key(columnName('a schema'), "The engine's own schema.", { default: 'etl' }) }),
    'Where the engine keeps its own tables, in the target database.',
  ),
});

export type RawEtl = ReadOf<typeof ETL>;
export type RawCopy = NonNullable<ReadOf<typeof COPY>>;
