// node tests/bench/verify.mjs: etl verify, every row compared, against the load; clean, and with one cent changed.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { withBed } from './lib/bed.mjs';
import { readOptions, SHARED } from './lib/options.mjs';
import { runEtl } from './lib/process.mjs';
import { figuresOf } from './lib/rounds.mjs';
import { expectCounts, ratioGoal, tell } from './lib/script.mjs';

const read = (name) => readFileSync(new URL(name, import.meta.url), 'utf8');

const options = readOptions('node tests/bench/verify.mjs', 'etl verify against the load', {
  rows: ['count', '1000000', 'tasks'],
  ...SHARED,
  rounds: ['count', '3', 'rounds that count'],
});
const { rows, rounds, server, latency } = options;

/** @throws where other differences are told of than `wanted`, each as `key column` */
function expectDifferences({ summary }, wanted) {
  const found = summary.mappings.flatMap(({ checks }) =>
    checks.flatMap(({ differences = [] }) => differences.map(({ key, column }) => `${key} ${column}`)),
  );
  if (JSON.stringify(found) !== JSON.stringify(wanted)) throw new Error(`differences: ${found.join('; ')}`);
}

await withBed(
  {
    server,
    latencyMs: latency,
    source: `set bench.rows = ${rows};\n${read('source.sql')}`,
    target: read('target.sql'),
  },
  async (bed) => {
    const place = bed.project(fileURLToPath(new URL('project', import.meta.url)));
    const etl = (command, codes) => () => runEtl([command, place], { urls: bed.urls, codes });
    const key = Math.floor(rows / 2);
    const touch = () =>
      bed.query(bed.admin('target'), `update tasks set price = price + 0.01 where legacy_id = ${key}`);
    const { found, memory } = await figuresOf(
      [
        {
          name: 'load',
          before: bed.reset,
          run: etl('run'),
          check: ({ summary }) =>
            expectCounts(summary, 'tasks', { inserted: rows, updated: 0, unchanged: 0 }),
        },
        {
          name: 'clean',
          before: () => undefined,
          run: etl('verify', [0]),
          check: (told) => expectDifferences(told, []),
        },
        {
          name: 'one cent',
          before: touch,
          run: etl('verify', [5]),
          check: (told) => expectDifferences(told, [`${key} price`]),
        },
      ],
      { rounds },
    );
    tell(
      `Verify, ${rows.toLocaleString('en')} tasks`,
      bed.version,
      [
        ['load into empty tables', found.load, memory.load],
        ['verify, clean', found.clean, memory.clean],
        ['verify, one cent changed', found['one cent'], memory['one cent']],
      ],
      [
        ratioGoal('verify, clean / load', 1, found.clean, found.load),
        ratioGoal('verify, one cent / load', 1, found['one cent'], found.load),
      ],
    );
  },
);
