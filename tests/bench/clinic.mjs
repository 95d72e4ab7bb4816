// node tests/bench/clinic.mjs: the worked example at full size against the sum of raw pipes of its tables.
import { CLINIC, clinicProject, SIZES } from '../clinic/lib/project.mjs';
import { withBed } from './lib/bed.mjs';
import { LOADED, pipeAll, rowsIn, setAside, tablesOf } from './lib/loaded.mjs';
import { readOptions, SHARED } from './lib/options.mjs';
import { runEtl } from './lib/process.mjs';
import { figuresOf } from './lib/rounds.mjs';
import { ratioGoal, tell } from './lib/script.mjs';

const options = readOptions('node tests/bench/clinic.mjs', 'the worked example at full size', {
  ...SIZES,
  scale: SIZES.scale.with(1, 'full'),
  ...SHARED,
  rounds: ['count', '3', 'rounds that count'],
});
const { scale, rounds, server, latency: latencyMs } = options;
const { embedded } = await clinicProject(options);

await withBed({ server, latencyMs, ...embedded }, async (bed) => {
  const place = bed.project(CLINIC);
  const run = () => runEtl(['run', place], { urls: bed.urls });
  console.error('a first run, for the rows that the pipes will carry');
  await run();
  await setAside(bed);
  const tables = await tablesOf(bed);
  const rows = await rowsIn(bed, LOADED, tables);
  const before = () => bed.reset([LOADED]);
  const check = async () => {
    const found = await rowsIn(bed, 'public', tables);
    if (found !== rows) throw new Error(`the target holds ${found} rows, not ${rows}`);
  };
  const { found, memory } = await figuresOf(
    [
      { name: 'pipes', before, run: () => pipeAll(bed, tables), check },
      { name: 'clinic', before, run, check },
    ],
    { rounds },
  );
  tell(
    `The clinic at scale ${scale}: ${rows.toLocaleString('en')} rows loaded into ${tables.length} tables`,
    bed.version,
    [
      ['raw pipes of the same rows into the same tables, one after the other', found.pipes, ''],
      ['`etl run`, everything on', found.clinic, memory.clinic],
    ],
    [
      ratioGoal('the clinic / the sum of the pipes', 1.5, found.clinic, found.pipes),
      ['memory, MB', '≤ 256', memory.clinic.toFixed(0)],
    ],
  );
});
