// node tests/bench/careful.mjs [--rows 200000] [--rounds 3] [--latency 20ms] [--kinds check,unique] [--share 100]
// after npm run build: what 1 % bad rows, spread over all batches, cost against a clean run, for each way in which a
// target refuses them. Whole runs of `etl run`, clean and bad in turn, medians. The latency is that of the target.
import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { buildDatabases, startEmbedded } from '../../dist/engine/embedded/index.js';
import { delayProxy } from './proxy.mjs';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '200000' },
    rounds: { type: 'string', default: '3' },
    latency: { type: 'string', default: '0ms' },
    share: { type: 'string', default: '100' },
    kinds: { type: 'string', default: '' },
  },
});
const rows = Number(values.rows);
const rounds = Number(values.rounds);
const share = Number(values.share);
const latencyMs = Number.parseFloat(values.latency);
const CLI = fileURLToPath(new URL('../../dist/bin/etl/main.js', import.meta.url));

/** Kind → the column that is spoilt, what a bad row has there, and the target's SQL that refuses it. */
const KINDS = {
  check: ['price', '-1', 'alter table tasks add check (price >= 0)'],
  'domain check': [
    'status',
    "'?'",
    "create domain letter as text check (value ~ '^[A-Z]$'); alter table tasks alter status type letter",
  ],
  'foreign key': ['patient_id', '0', ''],
  unique: ['code', "'C' || q.id - 10", ''],
  'three at once': [
    'price',
    '-1',
    'alter table tasks add check (price >= 0)',
    { patient_id: ['0', 1], code: ["'C' || q.id - 10", 2] },
  ],
  'type: too long': ['tags', "'{abcdefghij}'", ''],
  'trigger before': ['price', '-1', trigger('before')],
  'trigger after': ['price', '-1', trigger('after')],
};

function trigger(when) {
  return `create function f() returns trigger language plpgsql as $$ begin
    if new.price < 0 then raise 'no price %', new.price; end if; return new; end $$;
    create trigger t ${when} insert on tasks for each row execute function f()`;
}

const SOURCE = `
create table tasks (id int primary key, code text not null, patient_id int not null, doctor_id int not null,
  title varchar(40) not null, body varchar(120) not null, status text not null, price numeric(12,2) not null,
  created timestamptz not null, finished timestamptz, urgent boolean not null, tags varchar[] not null);
insert into tasks
select n, 'C' || n, 1 + (n::bigint * 7919) % 100000, 1 + (n::bigint * 104729) % 5000,
  'Task ' || lpad(n::text, 14, '0'), 'Body ' || repeat(md5(n::text), 2) || n, substr('NPD', 1 + n % 3, 1),
  ((n::bigint * 31) % 10000000) / 100.0, timestamptz '2015-01-01 09:00Z' + make_interval(mins => n),
  case when n % 3 > 0 then timestamptz '2015-02-01 09:00Z' + make_interval(mins => n) end, n % 5 = 0, '{x,y}'
from generate_series(1, ${rows}) n;
analyze`;

const TARGET = `
create table doctors (id int primary key);
create table patients (id int primary key);
insert into doctors select generate_series(1, 5000);
insert into patients select generate_series(1, 100000);
create table tasks (id int primary key, code text not null unique, patient_id int not null references patients,
  doctor_id int not null references doctors, title varchar(60) not null, body text not null, status text not null,
  price numeric(12,2) not null, created timestamptz not null, finished timestamptz, urgent boolean not null,
  tags varchar(8)[] not null);
analyze`;

const COLUMNS = 'id code patient_id doctor_id title body status price created finished urgent tags'.split(
  ' ',
);

function mapping(kind, bad) {
  const [column, value, , more = {}] = KINDS[kind];
  const spoilt = { [column]: [value, 0], ...more };
  const condition = (n) => (bad ? `q.id % ${share} = ${Math.floor(share / 2) + n}` : 'q.id < 0');
  const lines = COLUMNS.map((name) => {
    if (spoilt[name] === undefined) return `  ${name}: ${name}`;
    const [other, n] = spoilt[name];
    return `  ${name}: { sql: "case when ${condition(n)} then ${other} else q.${name} end" }`;
  });
  return `source: { table: tasks, key: id }\ntarget: { table: tasks, key: id }\nmax_rejects: 100%\nstop_at: 100%\ncolumns:\n${lines.join('\n')}\n`;
}

const work = path.join(tmpdir(), `crosswalk-careful-${process.pid}`);
mkdirSync(work);
for (const [name, sql] of [
  ['source', SOURCE],
  ['target', TARGET],
]) {
  writeFileSync(path.join(work, `${name}.sql`), sql);
}
const server = await startEmbedded({ folder: path.join(work, 'server') });
let proxy = null;
try {
  await buildDatabases(server, {
    source: [path.join(work, 'source.sql')],
    target: [path.join(work, 'target.sql')],
  });
  const urls = { source: server.url('source'), direct: server.url('target'), target: server.url('target') };
  if (latencyMs > 0) {
    proxy = await delayProxy({ host: '127.0.0.1', port: server.port, latencyMs });
    const far = new URL(urls.target);
    far.port = String(proxy.port);
    urls.target = far.href;
  }
  const wanted = values.kinds === '' ? Object.keys(KINDS) : values.kinds.split(',');
  const table = [];
  for (const kind of wanted) {
    table.push(await measure(kind, urls));
    console.error(kind, table.at(-1)[1]);
  }
  console.log(`${rows} rows, one in ${share} bad, ${rounds} rounds, ${latencyMs} ms`);
  console.table(Object.fromEntries(table));
} finally {
  await proxy?.close();
  await server.stop();
  rmSync(work, { recursive: true, force: true });
}

async function query(url, sql) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}

async function measure(kind, urls) {
  await query(urls.direct, `drop schema public cascade; create schema public; ${TARGET}; ${KINDS[kind][2]}`);
  const found = { clean: [], bad: [] };
  // Round 0 warms the caches.
  for (let round = 0; round <= rounds; round++) {
    for (const which of round % 2 === 0 ? ['clean', 'bad'] : ['bad', 'clean']) {
      await query(urls.direct, 'drop schema if exists etl cascade; truncate tasks; checkpoint').catch(() =>
        query(urls.direct, 'drop schema if exists etl cascade; truncate tasks'),
      );
      const once = await run(kind, which === 'bad', urls);
      if (round > 0) found[which].push(once);
    }
  }
  const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
  const [clean, bad] = [median(found.clean), median(found.bad)];
  const ratios = found.bad.map((time, n) => time / found.clean[n]);
  const spread = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`;
  return [kind, { clean: clean.toFixed(2), bad: bad.toFixed(2), ratio: (bad / clean).toFixed(2), spread }];
}

/** Seconds that the mapping took, as the run itself says it: start-up and plan are the same in both. */
async function run(kind, bad, urls) {
  const folder = path.join(work, 'project');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    path.join(folder, 'etl.yaml'),
    "version: 1\nproject: careful\nconnections:\n  source: { url: '${SOURCE_DATABASE_URL}' }\n  target: { url: '${TARGET_DATABASE_URL}' }\n",
  );
  writeFileSync(path.join(folder, 'tasks.yaml'), mapping(kind, bad));
  const env = { ...process.env, SOURCE_DATABASE_URL: urls.source, TARGET_DATABASE_URL: urls.target };
  const out = await new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [CLI, 'run', folder, '--json', '--quiet'],
      { env, maxBuffer: 1 << 26 },
      (error, stdout, stderr) => (error ? reject(new Error(`${stderr}\n${stdout}`)) : resolve(stdout)),
    );
  });
  const [tasks] = JSON.parse(out).mappings;
  const per = Object.keys(KINDS[kind][3] ?? {}).length + 1;
  const wanted = bad ? per * Math.floor(rows / share) : 0;
  if (Math.abs(tasks.rejected - wanted) > per) throw new Error(`${tasks.rejected} rejects, ${wanted} wanted`);
  return tasks.duration_ms / 1000;
}
