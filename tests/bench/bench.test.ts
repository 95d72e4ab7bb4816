import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { CHECKOUT, temporary } from '../cli/etl.js';

const BENCH = path.join(CHECKOUT, 'tests/bench');

/** Those that need nothing but psql and the embedded server; the others say why they did not run. */
const ALWAYS = [
  ...['limit', 'limit-key', 'pipe', 'fdw', 'script', 'crosswalk', 'crosswalk-keep'],
  ...['pass-pipe', 'pass'],
];
const WHERE_INSTALLED = ['pgloader', 'pgcopydb'];

const hasPsql = ((): boolean => {
  try {
    execFileSync('psql', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** What a Node program prints. @throws where it does not end with 0, with what it said */
const node = (...args: string[]): string =>
  execFileSync(process.execPath, args, { encoding: 'utf8', cwd: CHECKOUT });

describe.skipIf(!hasPsql)('the bench', () => {
  test('everything that it measures brings the same rows', { timeout: 300_000 }, async () => {
    const out = await temporary();
    const printed = node(path.join(BENCH, 'bench.mjs'), '--smoke', '--out', out);
    const written = await readFile(path.join(out, '2000.md'), 'utf8');
    expect(printed.trim()).toBe(written.trim());
    const secondsOf = (name: string): string =>
      new RegExp(`^\\| \\*\\*${name}\\*\\*[^|]*\\| ([^|]*) \\|`, 'm').exec(written)?.[1] ?? 'no row';
    for (const name of ALWAYS) expect(secondsOf(name), name).toMatch(/^[\d.]+ \([\d.]+–[\d.]+\)$/);
    for (const name of WHERE_INSTALLED) expect(secondsOf(name), name).toMatch(/^(?:[\d.]+ \(|not run: )/);
    const chart = await readFile(path.join(out, '2000.svg'), 'utf8');
    for (const name of ALWAYS) expect(chart).toContain(`>${name}</text>`);
  });

  test('a run that brought other rows does not count', { timeout: 120_000 }, () => {
    const code = `
      import { readFileSync } from 'node:fs';
      import { withBed } from ${JSON.stringify(path.join(BENCH, 'lib/bed.mjs'))};
      import { check } from ${JSON.stringify(path.join(BENCH, 'lib/check.mjs'))};
      import { pipe } from ${JSON.stringify(path.join(BENCH, 'references/pipe.mjs'))};
      const read = (name) => readFileSync(${JSON.stringify(BENCH)} + '/' + name, 'utf8');
      const target = read('target.sql') + read('bare.sql');
      const said = [];
      await withBed({ source: 'set bench.rows = 500;' + read('source.sql'), target }, async (bed) => {
        for (const spoil of JSON.parse(process.argv[1])) {
          await bed.reset();
          await pipe.run(bed);
          await bed.query(bed.admin('target'), spoil);
          said.push(await check(bed, 'plain').then(() => 'equal', () => 'differs'));
        }
      });
      console.log(JSON.stringify(said));`;
    const spoils = [
      'select 1',
      'delete from tasks where legacy_id = 7',
      'update tasks set price = price + 0.01 where legacy_id = 7',
      'update tasks set patient_id = patient_id % 50 + 1 where legacy_id = 7',
      'alter table tasks drop constraint tasks_doctor_id_fkey',
    ];
    const said: unknown = JSON.parse(node('--input-type=module', '-e', code, JSON.stringify(spoils)));
    expect(said).toEqual(['equal', ...spoils.slice(1).map(() => 'differs')]);
  });
});
