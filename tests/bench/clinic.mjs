// node tests/bench/clinic.mjs: the worked example at full size against the sum of raw pipes of its tables.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { withBed } from './lib/bed.mjs';
import { readOptions, SHARED } from './lib/options.mjs';
import { psqlPipe, runEtl } from './lib/process.mjs';
import { figuresOf } from './lib/rounds.mjs';
import { ratioGoal, tell } from './lib/script.mjs';

const CLINIC = new URL('../../mappings/', import.meta.url);
const read = (name) => readFileSync(new URL(`schema/${name}`, CLINIC), 'utf8');

const options = readOptions('node tests/bench/clinic.mjs', 'the worked example at full size', {
  scale: ['number', '62.5', '62.5: full size, 762,000 tasks; 1: the sample'],
  ...SHARED,
  rounds: ['count', '3', 'rounds that count'],
});
const { scale, rounds, server, latency: latencyMs } = options;
const PHASES = ['core', 'business', 'clinical', 'operations'];
const all = (folder) => PHASES.map((phase) => read(`${folder}/${phase}.sql`)).join('\n');
const source = `${all('source')}\n${read('generate/functions.sql')}
call generator.fill_size(scale => ${scale}, seed => '1');
${all('generate')}\n${read('generate/finish.sql')}`;
const target = all('target');

/** Tables of the target with rows, parents first, each with its columns less those that close a circle. */
const TABLES = `with recursive fk as (
  select conrelid::regclass::text as child, confrelid::regclass::text as parent,
    (select attname from pg_attribute where attrelid = conrelid and attnum = conkey[1]) as column
  from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace and conrelid <> confrelid
), opened as (select * from fk where child <> 'doctors' or parent <> 'patients'
), depth as (
  select relname::text as name, 0 as level from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
  union select child, level + 1 from opened join depth on parent = name
)
select name, (select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
  where attrelid = name::regclass and attnum > 0 and not attisdropped
    and not (name = 'doctors' and attname = 'default_patient_id')) as columns
from depth group by name order by max(level), name`;

/** What a run loaded, kept in a database of its own: what the pipes carry into empty tables again. */
async function keep(bed) {
  await bed.query(bed.admin('postgres'), 'drop database if exists loaded with (force)');
  await bed.query(bed.admin('postgres'), 'create database loaded template target');
}

const count = async (bed, database, tables) => {
  const [{ rows }] = await bed.query(
    bed.admin(database),
    `select ${tables.map(({ name }) => `(select count(*) from ${name})`).join(' + ')} as rows`,
  );
  return Number(rows);
};

/** The pipes' source: as the target's own role in the database that was kept. */
function loadedUrl({ urls }) {
  const url = new URL(urls.target);
  url.pathname = '/loaded';
  return url.href;
}

await withBed({ server, latencyMs, source, target }, async (bed) => {
  const place = bed.project(fileURLToPath(CLINIC));
  const run = () => runEtl(['run', place], { urls: bed.urls });
  console.error('a first run, for the rows that the pipes will carry');
  await run();
  await keep(bed);
  const tables = await bed.query(bed.admin('target'), TABLES);
  const rows = await count(bed, 'loaded', tables);
  const isComplete = async () => {
    const found = await count(bed, 'target', tables);
    if (found !== rows) throw new Error(`the target holds ${found} rows, not ${rows}`);
  };
  const pipes = async () => {
    for (const { name, columns } of tables) {
      const select = `copy ${name} (${columns}) to stdout`;
      await psqlPipe(loadedUrl(bed), select, bed.urls.target, `copy ${name} (${columns}) from stdin`);
    }
  };
  const { found, memory } = await figuresOf(
    [
      { name: 'pipes', before: bed.reset, run: pipes, check: isComplete },
      { name: 'clinic', before: bed.reset, run, check: isComplete },
    ],
    { rounds },
  );
  tell(
    `The clinic at scale ${scale}: ${rows.toLocaleString('en')} rows loaded into ${tables.length} tables`,
    bed.version,
    [
      ['raw pipes of the same rows into the same tables, one after the other', found.pipes, ''],
      ['`etl run`, everything on', found.clinic, memory.clinic],
    ],
    [
      ratioGoal('the clinic / the sum of the pipes', 1.5, found.clinic, found.pipes),
      ['memory, MB', '≤ 256', memory.clinic.toFixed(0)],
    ],
  );
});
