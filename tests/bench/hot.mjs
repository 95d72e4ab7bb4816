// node tests/bench/hot.mjs [--rows 200000] [--rounds 7]: what the hot path costs the Node process, without sockets:
// the bench's tasks from memory through reader, row program and batches to a loader that takes everything.
// The reference in the same run is the least that could be done: every byte looked at once and copied once. The path is
// gone both without and with what is measured of a run (docs/monitoring.md); their ratio is what measuring costs.
import { rmSync, writeFileSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openDatabases } from '../../dist/engine/cli/databases.js';
import { prepare } from '../../dist/engine/cli/prepare.js';
import { readProject, selectMappings } from '../../dist/engine/cli/project.js';
import { rowProgram } from '../../dist/engine/compile/program/program.js';
import { buildDatabases, startEmbedded } from '../../dist/engine/embedded/index.js';
import { IntegerKeyMap } from '../../dist/engine/resolve/integer-key-map.js';
import { StopSignal } from '../../dist/engine/run/stop.js';
import { Meter } from '../../dist/engine/run/meter.js';
import { readerSql } from '../../dist/engine/run/read/reader-copy.js';
import { Retries } from '../../dist/engine/run/sessions/retries.js';
import { SourceFaults } from '../../dist/engine/run/read/source-faults.js';
import { streamRows } from '../../dist/engine/run/rows/stream.js';
import { Tally } from '../../dist/engine/run/rows/tally.js';
import { STEPS } from '../../dist/engine/steps/index.js';
import { RULES } from '../../dist/validators/index.js';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const { values } = parseArgs({
  options: { rows: { type: 'string', default: '200000' }, rounds: { type: 'string', default: '7' } },
});
const rows = Number(values.rows);
const output = { quiet: true, json: false, verbose: false, logFile: null };

const folder = path.join(tmpdir(), `crosswalk-hot-${process.pid}`);
const sourceSql = `${folder}.sql`;
writeFileSync(sourceSql, `set bench.rows = ${rows};\n${readFileSync(here('source.sql'), 'utf8')}`);
const server = await startEmbedded({ folder });
let prepared;
const chunks = [];
try {
  await buildDatabases(server, { source: [sourceSql], target: [here('target.sql')] });
  process.env.SOURCE_DATABASE_URL = server.url('source');
  process.env.TARGET_DATABASE_URL = server.url('target');
  const loaded = await readProject(here('project'), 'connections', output);
  const databases = await openDatabases(loaded.project, false, () => undefined);
  prepared = await prepare(loaded, selectMappings(loaded, [], [], output), databases, output);
  const session = await databases.open('source');
  const compiled = prepared.compiled.mappings.find((m) => m.mapping.name === 'tasks');
  for await (const chunk of session.copyOut(readerSql(compiled))) chunks.push(Buffer.from(chunk));
  await session.close();
  await databases.close();
} finally {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
  rmSync(sourceSql);
}
const compiled = prepared.compiled.mappings.find((m) => m.mapping.name === 'tasks');

function keys(count) {
  const map = new IntegerKeyMap();
  for (let n = 1; n <= count; n++) map.set(String(n), String(n + 16));
  return map;
}
const keyMaps = new Map([
  ['patient_id', [keys(100_000)]],
  ['doctor_id', [keys(5000)]],
]);

/** @param meter what is measured, as a run has it; null: nothing */
async function engine(meter) {
  const program = rowProgram(compiled, {
    steps: STEPS,
    rules: RULES,
    facts: {
      run: 'r',
      startedAt: '2026-01-01',
      mapping: 'tasks',
      namespace: '00000000-0000-0000-0000-000000000000',
    },
    lookups: new Map(),
    keyMaps,
    rejected: new Map(),
  });
  const tally = new Tally(program.references);
  let next = 1;
  let bytes = 0;
  let said = 0;
  await streamRows({
    compiled,
    program,
    known: null,
    merge: null,
    copy: { sql: '' },
    reading: null,
    brought: null,
    fellows: null,
    rejected: null,
    uniques: null,
    faults: new SourceFaults(),
    needs: { keys: false, handles: false, references: program.references.length },
    watch: meter?.watch ?? null,
    ids: {
      isEmpty: false,
      give: (row) => {
        row.idNumber = next++;
      },
      takeGiven: () => [],
    },
    namespace: '',
    tally,
    reader: {
      copyOut: async function* () {
        yield* chunks;
      },
    },
    loader: {
      load: async (batch) => {
        bytes += batch.inserts.lines.length;
        if (meter !== null) said += JSON.stringify(meter.measure()).length;
        return {
          inserted: batch.inserts.count,
          updated: 0,
          unchanged: 0,
          refused: { inserts: new Map(), updates: new Map() },
        };
      },
    },
    run: 'r',
    batchRows: 10_000,
    keyMap: null,
    wanted: [],
    stop: new StopSignal(),
    onBatch: () => undefined,
  });
  if (tally.inserted !== rows) throw new Error(`${tally.inserted} of ${rows} rows`);
  if (meter !== null && said === 0) throw new Error('nothing was measured');
  return bytes;
}

async function least() {
  let tabs = 0;
  const out = Buffer.allocUnsafe(1 << 17);
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at];
      out[at] = byte;
      if (byte === 9 || byte === 10) tabs++;
    }
  }
  return tabs;
}

const cpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const best = { least: Infinity, engine: Infinity, watched: Infinity };
const all = { least: [], engine: [], watched: [] };
const newMeter = () => new Meter(new Retries({ name: 'tasks' }));
for (let round = 0; round < Number(values.rounds); round++) {
  for (const [name, run] of [
    ['least', least],
    ['engine', () => engine(null)],
    ['watched', () => engine(newMeter())],
  ]) {
    const start = cpu();
    await run();
    const took = cpu() - start;
    all[name].push(took);
    best[name] = Math.min(best[name], took);
  }
}
const million = (seconds) => ((seconds * 1e6) / rows).toFixed(2);
console.log(`bytes looked at and copied once: ${million(best.least)} s CPU a million rows`);
console.log(
  `the hot path:                    ${million(best.engine)} s CPU a million rows, ${(best.engine / best.least).toFixed(1)} ×`,
);
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const ratio = (of) => (of(all.watched) / of(all.engine)).toFixed(3);
console.log(
  `with what is measured:           ${million(best.watched)} s CPU a million rows, ${ratio((list) => Math.min(...list))} × (medians ${ratio(median)} ×)`,
);

// What measuring does, by itself: so few calls that the ratio above is within what two runs of one thing differ by.
const counting = newMeter();
let calls = 0;
const enter = counting.watch.enter.bind(counting.watch);
counting.watch.enter = (place) => {
  calls++;
  return enter(place);
};
let measures = 0;
const measure = counting.measure.bind(counting);
counting.measure = () => {
  measures++;
  return measure();
};
await engine(counting);
const alone = newMeter();
const TIMES = 20;
const began = cpu();
for (let n = 0; n < calls * TIMES; n++) alone.watch.enter(n % 2 === 0 ? 'source' : 'program');
for (let n = 0; n < measures * TIMES; n++) JSON.stringify(alone.measure());
const took = (cpu() - began) / TIMES;
console.log(
  `of it, by themselves:            ${calls} readings of the clock and ${measures} checkpoints, ${(took * 1000).toFixed(1)} ms CPU, ${((took / best.engine) * 100).toFixed(2)} % of the hot path`,
);
