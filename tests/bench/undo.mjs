// node tests/bench/undo.mjs --against DIST: what it costs to write down what a rollback needs, against another build
// (its dist folder), one that writes less or nothing of it.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { withBed } from './lib/bed.mjs';
import { readOptions, SHARED } from './lib/options.mjs';
import { runEtl } from './lib/process.mjs';
import { figuresOf } from './lib/rounds.mjs';
import { expectCounts, ratioGoal, tell } from './lib/script.mjs';

const read = (name) => readFileSync(new URL(name, import.meta.url), 'utf8');

const options = readOptions('node tests/bench/undo.mjs', 'the price of the bookkeeping of a rollback', {
  rows: ['count', '200000', 'tasks'],
  against: ['text', 'dist', 'the dist folder of the build to compare with'],
  ...SHARED,
  rounds: ['count', '3', 'rounds that count'],
});
const { rows, rounds, server, latency, against } = options;
// A build of before the bundle has the second.
const other = ['bin/etl/main.js', 'engine/cli/main.js']
  .map((file) => path.resolve(against, file))
  .find((file) => existsSync(file));
if (other === undefined) throw new Error(`${against} is no dist folder of a build`);

/** The bench's project; without an identity a rollback must know each row's handle. */
const project = (identity) => ({
  ...Object.fromEntries(
    ['doctors', 'patients'].map((name) => [`${name}.yaml`, read(`project/tables/${name}.yaml`)]),
  ),
  'tasks.yaml': read('project/tables/tasks.yaml').replace(', identity: id', identity ? ', identity: id' : ''),
});

await withBed(
  {
    server,
    latencyMs: latency,
    source: `set bench.rows = ${rows};\n${read('source.sql')}`,
    target: read('target.sql'),
  },
  async (bed) => {
    const places = { ids: bed.project(project(true)), handles: bed.project(project(false)) };
    const change = () => bed.query(bed.admin('source'), 'update tasks set price = price + 1');
    const contestants = Object.entries(places).flatMap(([name, place]) =>
      [other, undefined].flatMap((cli) => {
        const who = cli === undefined ? name : `${name} against`;
        const run = () => runEtl(['run', place], { urls: bed.urls, ...(cli === undefined ? {} : { cli }) });
        const counts = (inserted, updated) => (told) =>
          expectCounts(told.summary, 'tasks', { inserted, updated });
        return [
          { name: who, before: bed.reset, run, check: counts(rows, 0) },
          { name: `${who}, update`, before: change, run, check: counts(0, rows) },
        ];
      }),
    );
    const { found, memory } = await figuresOf(contestants, { rounds });
    tell(
      `What a rollback needs, ${rows.toLocaleString('en')} tasks`,
      bed.version,
      contestants.map(({ name }) => [name, found[name], memory[name]]),
      Object.keys(places).flatMap((name) => [
        ratioGoal(`insert, ${name}`, 1.1, found[name], found[`${name} against`]),
        ratioGoal(
          `update of every row, ${name}`,
          null,
          found[`${name}, update`],
          found[`${name} against, update`],
        ),
      ]),
    );
  },
);
