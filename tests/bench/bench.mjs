// npm run bench: the work of performance.md, whole runs of `etl run` and of the references in turn. See README.md.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { withBed } from './lib/bed.mjs';
import { chart } from './lib/chart.mjs';
import { check } from './lib/check.mjs';
import { readOptions, SHARED } from './lib/options.mjs';
import { markdown } from './lib/report.mjs';
import { inTurn, spreads } from './lib/rounds.mjs';
import { startUpCpu } from './references/crosswalk.mjs';
import { REFERENCES } from './references/index.mjs';

const read = (name) => readFileSync(new URL(name, import.meta.url), 'utf8');
const RESULTS = fileURLToPath(new URL('results/', import.meta.url));

const options = readOptions(
  'npm run bench --',
  'whole runs of etl and of other ways to the same rows, in turn',
  {
    rows: ['count', '1000000', 'tasks; a tenth as many patients'],
    ...SHARED,
    only: ['list', null, `some of ${REFERENCES.map(({ name }) => name).join(',')}`],
    out: ['text', RESULTS, 'folder of the table and the chart'],
    smoke: ['flag', '', '2,000 rows, one round, no warm-up: only whether all bring the same rows'],
  },
);
if (options.smoke) Object.assign(options, { rows: 2000, rounds: 1 });

/** `limit` stands for both ways to it. @throws where a name is unknown */
function chosen(only) {
  const unknown = (only ?? []).filter((name) => !REFERENCES.some((one) => one.name === name));
  if (unknown.length > 0) {
    console.error(
      `--only ${unknown.join(',')}: unknown; there are ${REFERENCES.map(({ name }) => name).join(', ')}`,
    );
    process.exit(2);
  }
  return REFERENCES.filter(({ name, group }) => only === null || only.includes(name) || only.includes(group));
}

/** Name → why it cannot run here. */
async function absences(references, bed) {
  const reasons = {};
  for (const { name, missing } of references) {
    const reason = await missing(bed);
    if (reason !== null) reasons[name] = reason;
  }
  return reasons;
}

async function compete(references, bed) {
  const absent = await absences(references, bed);
  const contestants = references
    .filter(({ name }) => !absent[name])
    .map(({ name, holds, prepare = () => undefined, run }) => ({
      name,
      before: async () => {
        await bed.reset();
        await prepare(bed);
      },
      run: () => run(bed),
      check: () => check(bed, holds),
    }));
  const { rounds, smoke } = options;
  const found = await inTurn(contestants, { rounds, warmUp: !smoke });
  const startUp = found.runs.crosswalk?.length > 0 ? await startUpCpu(bed) : null;
  return { ...found, spreads: spreads(found.runs), absent, startUp };
}

/** A part of the whole does not overwrite the whole. */
const nameOf = ({ rows, latency, server, only }) =>
  [rows, latency > 0 ? `${latency}ms` : '', server === 'system' ? server : '', only?.join('+') ?? '']
    .filter((part) => part !== '')
    .join('-');

function write(references, found, version) {
  const name = path.join(options.out, nameOf(options));
  const text = markdown(references, found, { options, version, chartFile: `${path.basename(name)}.svg` });
  const bars = references
    .filter((one) => found.spreads[one.name])
    .map((one) => ({ name: one.name, ours: one.ours === true, ...found.spreads[one.name] }));
  mkdirSync(options.out, { recursive: true });
  writeFileSync(`${name}.md`, text);
  const title = `${options.rows.toLocaleString('en')} rows, PostgreSQL ${version}`;
  if (bars.length > 0) writeFileSync(`${name}.svg`, chart(title, bars));
  console.log(text);
  console.error(`written to ${name}.md and .svg`);
}

const references = chosen(options.only);
const { server, latency: latencyMs, rows } = options;
const source = `set bench.rows = ${rows};\n${read('source.sql')}`;
const target = `${read('target.sql')}${read('bare.sql')}`;
await withBed({ server, source, target, latencyMs }, async (bed) => {
  const found = await compete(references, bed);
  write(references, found, bed.version);
  // A figure that does not count is no reason to believe the others less, but none to say that all is well.
  if (found.failures.length > 0) process.exitCode = 1;
});
