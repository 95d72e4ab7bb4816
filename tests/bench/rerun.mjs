// node tests/bench/rerun.mjs: a run over what a first run loaded, with nothing changed and with 1 % changed.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { withBed } from './lib/bed.mjs';
import { readOptions, SHARED } from './lib/options.mjs';
import { runEtl } from './lib/process.mjs';
import { figuresOf } from './lib/rounds.mjs';
import { expectCounts, ratioGoal, tell } from './lib/script.mjs';

const read = (name) => readFileSync(new URL(name, import.meta.url), 'utf8');

const options = readOptions('node tests/bench/rerun.mjs', 'a second run against the first', {
  rows: ['count', '200000', 'tasks'],
  ...SHARED,
  rounds: ['count', '3', 'rounds that count'],
});
const { rows, rounds, server, latency } = options;
const changed = Math.floor(rows / 100);

await withBed(
  {
    server,
    latencyMs: latency,
    source: `set bench.rows = ${rows};\n${read('source.sql')}`,
    target: read('target.sql'),
  },
  async (bed) => {
    const place = bed.project(fileURLToPath(new URL('project', import.meta.url)));
    const run = () => runEtl(['run', place], { urls: bed.urls });
    const change = () =>
      bed.query(bed.admin('source'), 'update tasks set price = price + 1 where id % 100 = 0');
    const counts = (inserted, updated, unchanged) => (told) =>
      expectCounts(told.summary, 'tasks', { inserted, updated, unchanged });
    const nothing = () => undefined;
    const { found, memory } = await figuresOf(
      [
        { name: 'first', before: bed.reset, run, check: counts(rows, 0, 0) },
        { name: 'unchanged', before: nothing, run, check: counts(0, 0, rows) },
        { name: 'changed', before: change, run, check: counts(0, changed, rows - changed) },
      ],
      { rounds },
    );
    tell(
      `A second run, ${rows.toLocaleString('en')} tasks`,
      bed.version,
      [
        ['first run, into empty tables', found.first, memory.first],
        ['again, nothing changed', found.unchanged, memory.unchanged],
        ['again, 1 % of the tasks changed', found.changed, memory.changed],
      ],
      [
        ratioGoal('nothing changed / first run', 0.6, found.unchanged, found.first),
        ratioGoal('1 % changed / first run', null, found.changed, found.first),
      ],
    );
  },
);
