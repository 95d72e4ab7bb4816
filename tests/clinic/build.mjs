// npm run clinic -- --source URL --target URL [--scale full] [--seed 7]: the worked example's two databases on servers of
// one's own, of which nothing is needed but two empty databases. Ends with 2 where one is not empty; nothing is done then.
import pg from 'pg';
import { applySettings, runSqlFile } from '../../dist/engine/embedded/sql-file.js';
import { connectionParts } from '../../dist/engine/connection/parts.js';
import { readOptions } from '../bench/lib/options.mjs';
import { clinicProject, SIZES } from './lib/project.mjs';

const options = readOptions('npm run clinic --', "the worked example's databases on your own servers", {
  source: [
    'text',
    null,
    'postgresql://user:password@host:5432/database, empty; default: SOURCE_DATABASE_URL',
  ],
  target: ['text', null, 'the same for the target; default: TARGET_DATABASE_URL'],
  ...SIZES,
});

/** What is neither the system's nor an extension's, by name. */
const OWN = `select coalesce(nullif(n.nspname, 'public') || '.', '') || c.relname as name
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
  union all select nspname || ' (schema)' from pg_namespace
  where nspname !~ '^pg_' and nspname not in ('information_schema', 'public') order by 1`;

const rowsOf = async (client, sql) => (await client.query(sql)).rows;

/** Told to the user without a stack. */
class Refusal extends Error {}

function partsOf(name, url) {
  try {
    return connectionParts({ name, url, ssl: null, ca: null, origin: `--${name}` });
  } catch (error) {
    throw new Refusal(error.message);
  }
}

async function open(name) {
  const url = options[name] ?? process.env[`${name.toUpperCase()}_DATABASE_URL`];
  if (!url)
    throw new Refusal(`no ${name} database: give --${name} postgresql://user:password@host:5432/database`);
  const { host, port, database, user, password, ssl } = partsOf(name, url);
  const client = new pg.Client({
    host,
    port,
    database,
    user,
    password,
    ssl,
    application_name: 'crosswalk clinic',
  });
  client.on('error', () => undefined);
  await client.connect().catch((error) => {
    throw new Refusal(
      `the ${name} database ${database} on ${host}:${port} cannot be reached: ${error.message}`,
    );
  });
  return { name, client, place: `${database} on ${host}:${port}` };
}

async function refuseFull({ name, client, place }) {
  const own = (await rowsOf(client, OWN)).map((row) => row.name);
  if (own.length === 0) return;
  const more = own.length > 3 ? ` and ${own.length - 3} more` : '';
  throw new Refusal(
    `the ${name} database ${place} is not empty: ${own.slice(0, 3).join(', ')}${more}. Give an empty one; nothing was done`,
  );
}

/** Two URLs may be one database in many ways; no two databases have both in common. */
async function refuseOne(source, target) {
  const identity = `select (select oid from pg_database where datname = current_database()) as database,
    pg_postmaster_start_time() as started, current_setting('port') as port`;
  const [one, other] = await Promise.all([source, target].map(({ client }) => rowsOf(client, identity)));
  if (JSON.stringify(one) === JSON.stringify(other)) {
    throw new Refusal(`source and target are one database, ${source.place}: give two. Nothing was done`);
  }
}

/** All or nothing, so that a second try finds it empty again. */
async function build({ name, client, place }, { settings, ...files }) {
  await applySettings(client, settings);
  await client.query('begin');
  for (const file of files[name]) await runSqlFile(client, file, null);
  await client.query('commit');
  await client.query('analyze');
  const [{ tables, rows }] = await rowsOf(
    client,
    `select count(*)::int as tables, sum(reltuples)::int as rows from pg_class c
     join pg_namespace n on n.oid = relnamespace where relkind = 'r' and nspname = 'public'`,
  );
  console.log(`${name}: ${place}, ${tables} tables, ${rows.toLocaleString('en')} rows`);
}

const ends = [];
try {
  const { embedded } = await clinicProject(options);
  for (const name of ['source', 'target']) ends.push(await open(name));
  await refuseOne(...ends);
  for (const end of ends) await refuseFull(end);
  for (const end of ends) await build(end, embedded);
  console.log(`
Next, the source with a role that may only read if you like (README, "Your own databases"):

  export SOURCE_DATABASE_URL=…   # the two that you have just given,
  export TARGET_DATABASE_URL=…   # or write them into mappings/.env
  npx etl check mappings/
  npx etl run mappings/
  npx etl verify mappings/`);
} catch (error) {
  console.error(error instanceof Refusal ? error.message : (error.stack ?? String(error)));
  if (error.help) console.error(`  = help: ${error.help}`);
  process.exitCode = error instanceof Refusal || error.exitCode === 2 ? 2 : 1;
} finally {
  for (const { client } of ends) await client.end().catch(() => undefined);
}
