// node tests/bench/resume.mjs: a run that is killed at half of its rows, and what going on with it takes.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { withBed } from './lib/bed.mjs';
import { check } from './lib/check.mjs';
import { readOptions, SHARED } from './lib/options.mjs';
import { runEtl } from './lib/process.mjs';
import { figuresOf } from './lib/rounds.mjs';
import { expectCounts, ratioGoal, tell } from './lib/script.mjs';

const read = (name) => readFileSync(new URL(name, import.meta.url), 'utf8');
const CLI = fileURLToPath(new URL('../../dist/bin/etl/main.js', import.meta.url));

const options = readOptions(
  'node tests/bench/resume.mjs',
  'a killed run and its resume against a whole one',
  {
    rows: ['count', '300000', 'tasks'],
    share: ['number', '0.5', 'share of the tasks that are in when the run is killed'],
    ...SHARED,
    rounds: ['count', '3', 'rounds that count'],
  },
);
const { rows, share, rounds, server, latency: latencyMs } = options;

await withBed(
  {
    server,
    latencyMs,
    source: `set bench.rows = ${rows};\n${read('source.sql')}`,
    target: `${read('target.sql')}${read('bare.sql')}`,
  },
  async (bed) => {
    const place = bed.project(fileURLToPath(new URL('project', import.meta.url)));
    const whole = ({ summary }) =>
      expectCounts(summary, 'tasks', { inserted: rows, updated: 0, unchanged: 0 });
    const kill = async () => {
      await bed.reset();
      const env = {
        ...process.env,
        SOURCE_DATABASE_URL: bed.urls.source,
        TARGET_DATABASE_URL: bed.urls.target,
      };
      const child = spawn(process.execPath, [CLI, 'run', place, '--quiet'], { env, stdio: 'ignore' });
      const ended = new Promise((resolve) => child.on('close', resolve));
      while ((await loaded()) < rows * share) await wait(5);
      child.kill('SIGKILL');
      await ended;
    };
    const loaded = async () => {
      const [{ there }] = await bed.query(
        bed.admin('target'),
        "select to_regclass('etl.steps') is not null there",
      );
      if (!there) return 0;
      const [{ n }] = await bed.query(
        bed.admin('target'),
        "select coalesce(sum(read), 0)::int n from etl.steps where mapping = 'tasks'",
      );
      return n;
    };
    const { found, memory } = await figuresOf(
      [
        {
          name: 'run',
          before: bed.reset,
          run: () => runEtl(['run', place], { urls: bed.urls }),
          check: whole,
        },
        {
          name: 'resume',
          before: kill,
          run: () => runEtl(['resume', place], { urls: bed.urls }),
          check: async (told) => {
            whole(told);
            await check(bed, 'made');
          },
        },
      ],
      { rounds },
    );
    tell(
      `A run killed at ${(share * 100).toFixed(0)} % of ${rows.toLocaleString('en')} tasks`,
      bed.version,
      [
        ['a whole run', found.run, memory.run],
        ['etl resume', found.resume, memory.resume],
      ],
      [ratioGoal('resume / whole run', null, found.resume, found.run)],
    );
  },
);
