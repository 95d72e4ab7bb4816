import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { CHECKOUT, temporary } from '../cli/etl.js';

interface Expected {
  readonly read: number;
  readonly inserted: number;
  readonly skipped: Readonly<Record<string, number>>;
  readonly rejected: readonly { readonly count: number }[];
}

/** Those behind them take as long again; `npm run rehearse` carries them out. */
const STAGES = ['check', 'plan', 'run', 'kill -9', 'resume', 'verify', 'report'];
const sum = (numbers: readonly number[]): string =>
  numbers.reduce((total, one) => total + one, 0).toLocaleString('en');

/** What differs it says on stderr, which is part of the error that execFile throws then. */
test(
  'the rehearsal, with another seed than the other tests: the same counts, all as the data alone say',
  { timeout: 1_200_000 },
  async () => {
    const out = path.join(await temporary(), 'figures.md');
    const script = path.join(CHECKOUT, 'tests/clinic/rehearse.mjs');
    await promisify(execFile)(process.execPath, [
      script,
      '--seed',
      '7',
      '--no-pipes',
      '--until',
      'killed',
      '--out',
      out,
    ]);
    const figures = await readFile(out, 'utf8');
    const rows = figures.split('\n').filter((line) => line.includes('`etl '));
    const cells = rows.map((line) => line.split('|').map((cell) => cell.trim()));
    expect(cells.map(([, stage]) => stage)).toEqual(STAGES);

    const text = await readFile(path.join(CHECKOUT, 'tests/fixtures/clinic/expected.json'), 'utf8');
    const ofSeed1 = Object.values(JSON.parse(text) as Record<string, Expected>);
    const counts = [
      `${sum(ofSeed1.map(({ read }) => read))} read`,
      `${sum(ofSeed1.map(({ inserted }) => inserted))} inserted`,
      `${sum(ofSeed1.flatMap(({ skipped }) => Object.values(skipped)))} skipped`,
      `${sum(ofSeed1.flatMap(({ rejected }) => rejected.map(({ count }) => count)))} rejected`,
    ];
    for (const stage of ['run', 'resume']) {
      expect(cells.find(([, name]) => name === stage)?.[3]).toBe(counts.join(', '));
    }
  },
);
