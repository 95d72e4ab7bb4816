// node tests/bench/growth.mjs: ten times the rows, and 400 mappings in planning.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ETL, withBed } from './lib/bed.mjs';
import { ratio } from './lib/figures.mjs';
import { generate } from './lib/generated.mjs';
import { readOptions, SHARED } from './lib/options.mjs';
import { runEtl } from './lib/process.mjs';
import { figuresOf } from './lib/rounds.mjs';
import { expectCounts, ratioGoal, tell } from './lib/script.mjs';
import { pipe } from './references/pipe.mjs';

const read = (name) => readFileSync(new URL(name, import.meta.url), 'utf8');

const options = readOptions('node tests/bench/growth.mjs', 'ten times the rows, ten times the mappings', {
  rows: ['count', '100000', 'tasks of the small run; the large one has ten times as many'],
  alone: ['flag', '', 'etl run alone, no pipe beside it: for 10,000,000 rows'],
  mappings: ['count', '400', 'mappings to plan, against a tenth of them'],
  ...SHARED,
  rounds: ['count', '3', 'rounds that count'],
});
const { rows, rounds, server, latency: latencyMs } = options;

const bedOf = (count) => ({
  server,
  latencyMs,
  source: `set bench.rows = ${count};\n${read('source.sql')}`,
  target: read('target.sql'),
});

/** `etl run` and the pipe over the rows of one bed. */
function contestants(bed, count) {
  const place = bed.project(fileURLToPath(new URL('project', import.meta.url)));
  return [
    {
      name: `run ${count}`,
      before: bed.reset,
      run: () => runEtl(['run', place], { urls: bed.urls }),
      check: ({ summary }) => expectCounts(summary, 'tasks', { inserted: count }),
    },
    { name: `pipe ${count}`, before: bed.reset, run: () => pipe.run(bed), check: () => undefined },
  ].slice(0, options.alone ? 1 : 2);
}

const pipes = (counts, of) =>
  counts.map((count) => [`pipe, ${count.toLocaleString('en')} tasks`, of('pipe', count), '']);

await withBed(bedOf(rows), (small) =>
  withBed(bedOf(rows * 10), async (large) => {
    const { found, memory } = await figuresOf(
      [...contestants(small, rows), ...contestants(large, rows * 10)],
      {
        rounds,
      },
    );
    const of = (what, count) => found[`${what} ${count}`];
    tell(
      `Ten times the rows`,
      small.version,
      [
        [`etl run, ${rows.toLocaleString('en')} tasks`, of('run', rows), memory[`run ${rows}`]],
        [
          `etl run, ${(rows * 10).toLocaleString('en')} tasks`,
          of('run', rows * 10),
          memory[`run ${rows * 10}`],
        ],
        ...(options.alone ? [] : pipes([rows, rows * 10], of)),
      ],
      [
        ratioGoal('10 × the rows / the rows', 10.5, of('run', rows * 10), of('run', rows)),
        ...(options.alone
          ? []
          : [
              ['the pipe, for comparison', '', ratio(of('pipe', rows * 10).median / of('pipe', rows).median)],
            ]),
        ['memory, MB', '≤ 256', memory[`run ${rows * 10}`].toFixed(0)],
      ],
    );
  }),
);

const many = generate(options.mappings);
await withBed({ server, latencyMs, source: many.source, target: many.target }, async (bed) => {
  const few = Math.ceil(options.mappings / 10);
  const plan = (place, wanted) => ({
    before: () => undefined,
    run: () => runEtl(['plan', place], { urls: bed.urls }),
    check: ({ summary }) => {
      const { length } = summary.steps;
      if (length < wanted) throw new Error(`the plan has ${length} steps for ${wanted} mappings`);
    },
  });
  const folder = (count) => bed.project({ 'etl.yaml': ETL, ...generate(count).mappings });
  const { found, memory } = await figuresOf(
    [
      { name: 'few', ...plan(folder(few), few) },
      { name: 'many', ...plan(folder(options.mappings), options.mappings) },
    ],
    { rounds },
  );
  console.log();
  tell(
    'Ten times the mappings',
    bed.version,
    [
      [`etl plan, ${few} mappings`, found.few, memory.few],
      [`etl plan, ${options.mappings} mappings`, found.many, memory.many],
    ],
    [
      ['seconds to plan, whole process', '≤ 2', found.many.median.toFixed(2)],
      ['10 × the mappings / the mappings', '', ratio(found.many.median / found.few.median)],
    ],
  );
});
