// node .mem.mjs: the full clinic run with heap samples
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { CLINIC, clinicProject } from './tests/clinic/lib/project.mjs';
import { withBed } from './tests/bench/lib/bed.mjs';
const { embedded } = await clinicProject({ scale: process.env.SCALE ?? 'full', seed: 1 });
await withBed({ ...embedded }, async (bed) => {
  writeFileSync(
    '/tmp/mem/bed.json',
    JSON.stringify({
      urls: bed.urls,
      folder: bed.folder,
      admin: bed.admin('target'),
      adminSource: bed.admin('source'),
    }),
  );
  const place = bed.project(CLINIC);
  writeFileSync('/tmp/mem/place', place);
  console.log('ready', place);
  setInterval(() => undefined, 60000);
  await new Promise((resolve) =>
    process.on('SIGUSR2', () => {
      resolve();
      setTimeout(() => process.exit(), 3000);
    }),
  );
});
