// npm run soak [-- --kills 50 --rows 300000 --seed N]: kills the built command with SIGKILL at seeded random moments,
// lets `etl resume` go on, and compares tables and accounting with those of an undisturbed run. Ends with 1 at the
// first difference.
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { buildDatabases, startEmbedded } from '../../dist/engine/embedded/index.js';
import { randoms } from './randoms.mjs';

const CLI = fileURLToPath(new URL('../../dist/bin/etl/main.js', import.meta.url));

const { values: given } = parseArgs({
  options: {
    kills: { type: 'string', default: '50' },
    rows: { type: 'string', default: '300000' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
  },
});
const [kills, rows, seed] = [given.kills, given.rows, given.seed].map(Number);
if (![kills, rows, seed].every(Number.isSafeInteger) || rows < 1000) {
  console.error('--kills, --rows (1000 or more) and --seed are whole numbers');
  process.exit(2);
}

const part = Math.floor(rows / 4);

/** Values that must be unique, references, a tree in any order with orphans, kept pairs whose rows the target refuses, a large table in ranges. */
const SOURCE = `
  create table owner (id int primary key, name text);
  insert into owner select i, nullif('n' || i - (i % 101 = 0)::int, 'n' || (i / 97 * 97)) from generate_series(1, ${part}) i;
  create table node (id int primary key, up int);
  insert into node select i, nullif((i * 7919::bigint) % ${part + 40}, 0) from generate_series(1, ${part}) i;
  create table pet (owner int, n int, v int, primary key (owner, n));
  insert into pet select i % ${Math.floor(part / 2)} + 1, i, i from generate_series(1, ${part}) i;
  create table item (id int primary key, code int, owner int, note text);
  insert into item select i, case when i % 1999 = 0 then 1 else i end, i, repeat('x', i % 50) from generate_series(1, ${part}) i;
  analyze`;
const TARGET = `
  create table owner (id int generated always as identity primary key, legacy int unique, name text not null);
  create table node (id int generated always as identity primary key, legacy int unique, up int references node);
  create table pet (id int generated always as identity primary key, owner int not null references owner, v int check (v % 1000 <> 500));
  create table item (id int generated always as identity primary key, legacy int unique, code int unique, owner int references owner, note text);
  create index on item (note)`;
const MAPPINGS = {
  owner: `source: { table: owner, key: id }
target: { table: owner, key: legacy, identity: id }
columns: { legacy: id, name: name }
rules: [{ unique: [name] }]
max_rejects: 100%`,
  node: `source: { table: node, key: id }
target: { table: node, key: legacy, identity: id }
columns: { legacy: id, up: { from: up, references: node } }
max_rejects: 100%
stop_at: 100%`,
  pet: `source: { table: pet, key: [owner, n] }
target: { table: pet, identity: id }
columns: { owner: { from: owner, references: owner }, v: v }
max_rejects: 100%`,
  item: `source: { table: item, key: id, partition: { rows: ${Math.ceil(part / 3)} } }
target: { table: item, key: legacy, identity: id, constraints: rebuild }
columns: { legacy: id, code: code, owner: { from: owner, references: owner }, note: note }
max_rejects: 100%`,
};

/** What the target and the state hold, surrogates replaced by the source's keys. */
const WHOLE = `
  select 'owner' t, legacy::text k, name v from owner
  union all select 'node', n.legacy::text, u.legacy::text from node n left join node u on u.id = n.up
  union all select 'pet', p.v::text, o.legacy::text from pet p join owner o on o.id = p.owner
  union all select 'item', i.legacy::text, concat_ws(' ', i.code, o.legacy, i.note) from item i left join owner o on o.id = i.owner
  union all select 'pair ' || k.mapping, k.source_key, p.v::text from etl.key_map k left join pet p on p.id = k.target_key::int
  union all select 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) from pg_constraint where connamespace = 'public'::regnamespace
  union all select 'index', indexname, indexdef from pg_indexes where schemaname = 'public'
  union all select 'left behind', 'second_pass', count(*)::text from etl.second_pass
  union all select 'left behind', 'deferred', count(*)::text from etl.deferred
  union all select 'counts', mapping, concat_ws(' ', sum(read), sum(inserted), sum(updated), sum(unchanged), sum(skipped), sum(rejected), min(status))
    from etl.steps where run = (select run from etl.runs order by epoch desc limit 1) group by mapping
  union all select 'reject ' || mapping, source_key, concat_ws(' ', column_name, rule, sqlstate) from etl.rejects
    where run = (select run from etl.runs order by epoch desc limit 1)`;
const EMPTY = 'truncate owner, node, pet, item; drop schema if exists etl cascade';

async function query(url, sql) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const answer = await client.query(sql);
    return [answer].flat().at(-1)?.rows ?? [];
  } finally {
    await client.end();
  }
}

/** Starts the command; `killedAfter` milliseconds it is killed, where it has not ended by then. */
async function etl(words, killedAfter = null) {
  const child = spawn(process.execPath, [CLI, ...words, '--quiet'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (said += text));
  const ended = new Promise((resolve) => child.on('close', (code) => resolve({ code, said })));
  if (killedAfter !== null) {
    await Promise.race([ended, wait(killedAfter)]);
    child.kill('SIGKILL');
  }
  return ended;
}

/** Goes on until the run has come to its end; one that was killed before it began is begun. */
async function toTheEnd(folder) {
  const resumed = await etl(['resume', folder]);
  if (resumed.code !== 2 || !/has no run to go on with/.test(resumed.said)) return resumed;
  return etl(['run', folder]);
}

async function differences(url) {
  return query(
    url,
    `with now as (${WHOLE}), missing as (select * from wanted except all select * from now),
       surplus as (select * from now except all select * from wanted)
     (select 'missing' what, * from missing order by t, k limit 10) union all (select 'surplus', * from surplus order by t, k limit 10)`,
  );
}

async function soak(folder, url) {
  const started = Date.now();
  const first = await etl(['run', folder]);
  const took = Date.now() - started;
  if (first.code !== 0) throw new Error(`the undisturbed run ended with ${first.code}:\n${first.said}`);
  await query(url, `create table public.wanted as ${WHOLE}`);
  console.log(`seed ${seed}: ${rows} rows, undisturbed in ${took} ms; ${kills} kills`);
  const random = randoms(seed);
  for (let n = 1, killed = 0; killed < kills; n++) {
    await query(url, EMPTY);
    const delays = [];
    for (let again = 0; killed < kills && (again === 0 || random() < 0.35); again++) {
      const delay = Math.round(random() * took);
      delays.push(delay);
      killed++;
      await etl([again === 0 ? 'run' : 'resume', folder], delay);
    }
    const last = await toTheEnd(folder);
    const found = last.code === 0 ? await differences(url) : [];
    if (last.code !== 0 || found.length > 0) {
      console.log(
        `round ${n}, seed ${seed}, killed after ${delays.join(', ')} ms: exit ${last.code}\n${last.code === 0 ? '' : last.said}`,
      );
      for (const { what, t, k, v } of found) console.log(`  ${what}: ${t} ${k} = ${v}`);
      return 1;
    }
    console.log(`round ${n}: killed after ${delays.join(', ')} ms, as undisturbed`);
  }
  return 0;
}

const folder = await mkdtemp(path.join(os.tmpdir(), 'crosswalk-soak-'));
await chmod(folder, 0o755);
const server = await startEmbedded({ folder: path.join(folder, 'server'), durable: false });
try {
  await mkdir(path.join(folder, 'project'));
  const files = { source: path.join(folder, 'source.sql'), target: path.join(folder, 'target.sql') };
  await writeFile(files.source, SOURCE);
  await writeFile(files.target, TARGET);
  await buildDatabases(server, { source: [files.source], target: [files.target] });
  const [source, target] = [server.url('source'), server.url('target')];
  const settings = `version: 1\nproject: soak\nconnections:\n  source: { url: "${source}" }\n  target: { url: "${target}" }\ndefaults: { batch_rows: ${Math.max(20, Math.round(rows / 300))} }\n`;
  await writeFile(path.join(folder, 'project', 'etl.yaml'), settings);
  for (const [name, text] of Object.entries(MAPPINGS)) {
    await writeFile(path.join(folder, 'project', `${name}.yaml`), `${text}\n`);
  }
  process.exitCode = await soak(path.join(folder, 'project'), target);
} finally {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}
