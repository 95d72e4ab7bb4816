// npm run bench [-- --rows 1000000 --rounds 3]: the work of performance.md, whole runs of `etl run` and of the
// reference in turn, on one embedded server; medians, and the ratio that counts. Never part of npm test.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { pipeline } from 'node:stream/promises';
import { buildDatabases, startEmbedded } from '../../dist/engine/embedded/index.js';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const { values } = parseArgs({
  options: { rows: { type: 'string', default: '1000000' }, rounds: { type: 'string', default: '3' } },
});
const rows = Number(values.rows);
const rounds = Number(values.rounds);
const TASKS =
  'legacy_id, patient_id, doctor_id, kind, title, body, status, price, created_at, finished_at, urgent, extra';

const work = path.join(tmpdir(), `crosswalk-bench-${process.pid}`);
const sourceSql = path.join(tmpdir(), `crosswalk-bench-${process.pid}.sql`);
writeFileSync(sourceSql, `set bench.rows = ${rows};\n${readFileSync(here('source.sql'), 'utf8')}`);
const server = await startEmbedded({ folder: work });
try {
  await buildDatabases(server, { source: [sourceSql], target: [here('target.sql')] });
  const urls = { source: server.url('source'), target: server.url('target') };
  const results = await measure(urls);
  report(results, server.version);
} finally {
  await server.stop();
  rmSync(work, { recursive: true, force: true });
  rmSync(sourceSql);
}

async function measure(urls) {
  const found = { pipe: [], crosswalk: [] };
  for (let round = 0; round <= rounds; round++) {
    for (const [name, run] of [
      ['pipe', pipe],
      ['crosswalk', crosswalk],
    ]) {
      await reset(urls.target);
      const once = await run(urls);
      // Round 0 warms the caches and is not counted.
      if (round > 0) found[name].push(once);
      console.error(`${name} ${round}: ${once.seconds.toFixed(1)} s`);
    }
  }
  return found;
}

async function withClient(url, work) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function reset(url) {
  await withClient(url, async (client) => {
    await client.query(
      'drop schema if exists etl cascade; truncate tasks, patients, doctors restart identity',
    );
  });
}

/** COPY out piped into COPY in, table by table, into the tables as they are: no transforms. */
async function pipe({ source, target }) {
  const start = performance.now();
  const psql = hasPsql();
  for (const [select, into] of [
    ['copy doctors to stdout', 'copy doctors (legacy_id, name) from stdin'],
    ['copy patients to stdout', 'copy patients (legacy_id, name) from stdin'],
    ['copy tasks to stdout', `copy tasks (${TASKS}) from stdin`],
  ]) {
    if (psql) await psqlPipe(source, select, target, into);
    else await nodePipe(source, select, target, into);
  }
  return { seconds: (performance.now() - start) / 1000, how: psql ? 'psql' : 'node streams' };
}

function hasPsql() {
  try {
    execFileSync('psql', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function psqlPipe(source, select, target, into) {
  const out = spawn('psql', ['-q', '-d', source, '-c', select], { stdio: ['ignore', 'pipe', 'inherit'] });
  const back = spawn('psql', ['-q', '-d', target, '-c', into], { stdio: [out.stdout, 'ignore', 'inherit'] });
  const code = await new Promise((resolve) => back.on('close', resolve));
  if (code !== 0) throw new Error(`psql ended with ${code}`);
}

async function nodePipe(source, select, target, into) {
  await withClient(source, (reader) =>
    withClient(target, (writer) => pipeline(reader.query(copyTo(select)), writer.query(copyFrom(into)))),
  );
}

/** The whole of `etl run`: start-up, plan, load, checks, report. */
async function crosswalk({ source, target }) {
  const start = performance.now();
  const env = { ...process.env, SOURCE_DATABASE_URL: source, TARGET_DATABASE_URL: target };
  // The child says of itself what it took when it ends.
  const args = ['--import', here('usage.mjs'), here('../../dist/engine/cli/main.js')];
  const { stdout, stderr } = await new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [...args, 'run', here('project'), '--json', '--quiet'],
      { env, maxBuffer: 1 << 26 },
      (error, out, err) =>
        error ? reject(new Error(`${err}\n${out}`)) : resolve({ stdout: out, stderr: err }),
    );
  });
  const seconds = (performance.now() - start) / 1000;
  const summary = JSON.parse(stdout);
  const inserted = summary.mappings.find((m) => m.mapping === 'tasks').inserted;
  if (inserted !== rows) throw new Error(`${inserted} of ${rows} tasks were inserted`);
  const { cpu, rss } = JSON.parse(stderr.trim().split('\n').at(-1));
  return { seconds, cpu, rss };
}

function report(found, version) {
  const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
  const of = (name, key) => median(found[name].map((one) => one[key]));
  const pipeSeconds = of('pipe', 'seconds');
  const lines = [
    `# ${rows.toLocaleString('en')} tasks, 100,000 patients, 5,000 doctors`,
    '',
    `PostgreSQL ${version}, Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? '?'}, ` +
      `${Math.round(totalmem() / 2 ** 30)} GiB; medians of ${rounds}, in turn, after a warm-up; ${new Date().toISOString().slice(0, 10)}.`,
    '',
    '| | seconds | ratio to pipe | Node CPU, s | Node memory, MB |',
    '| --- | --- | --- | --- | --- |',
    `| pipe: COPY into COPY (${found.pipe[0].how}), no transforms | ${pipeSeconds.toFixed(1)} | 1.00 | | |`,
    `| \`etl run\`, everything on | ${of('crosswalk', 'seconds').toFixed(1)} | ${(of('crosswalk', 'seconds') / pipeSeconds).toFixed(2)} ` +
      `| ${of('crosswalk', 'cpu').toFixed(1)} | ${Math.round(of('crosswalk', 'rss'))} |`,
    '',
  ];
  const file = here(`results/${rows}.md`);
  writeFileSync(file, lines.join('\n'));
  console.log(lines.join('\n'));
  console.error(`written to ${path.relative(process.cwd(), file)}`);
}
