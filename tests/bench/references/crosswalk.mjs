import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runEtl } from '../lib/process.mjs';

const PROJECT = fileURLToPath(new URL('../project', import.meta.url));

const run = (place) => (bed) => runEtl(['run', place(bed)], { urls: bed.urls });

/** Made once a bed; each run of a project folder adds a report there. */
function once(make) {
  const made = new WeakMap();
  return (bed) => {
    if (!made.has(bed)) made.set(bed, make(bed));
    return made.get(bed);
  };
}

const whole = once((bed) => bed.project(PROJECT));

export const crosswalk = {
  name: 'crosswalk',
  title: '`etl run`, whole: start-up, plan, load, checks, report; every transform',
  ours: true,
  holds: 'made',
  missing: () => null,
  run: run(whole),
};

/** CPU seconds of all that comes before the first row, as `etl plan` spends them. */
export const startUpCpu = async (bed) => (await runEtl(['plan', whole(bed)], { urls: bed.urls })).cpu;

export const crosswalkKeep = {
  name: 'crosswalk-keep',
  title: '`etl run` with `constraints: keep`: foreign keys and indexes stay during the load',
  ours: true,
  holds: 'made',
  missing: () => null,
  run: run(
    once((bed) => {
      const place = bed.project(PROJECT);
      const file = path.join(place, 'etl.yaml');
      writeFileSync(file, `${readFileSync(file, 'utf8')}defaults: { constraints: keep }\n`);
      return place;
    }),
  ),
};

export const pass = {
  name: 'pass',
  title: '`etl run` of a mapping that passes every column through, into the bare table',
  ours: true,
  holds: 'bare',
  missing: () => null,
  run: run(
    once((bed) =>
      bed.project({
        'bare.yaml': `source: { table: tasks, key: id }
target: { table: bare, key: id }
columns: { id: id, patient_id: patient_id, doctor_id: doctor_id, kind: kind, title: title, body: body,
  status: status, price: price, created: created, finished: finished, urgent: urgent, extra: extra }
`,
      }),
    ),
  ),
};
