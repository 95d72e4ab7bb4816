import { chmod, cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEmbedded } from '../../engine/embedded/index.js';
import { CHECKOUT, etl } from '../cli/etl.js';
import { query } from '../support/database.js';
import { fingerprint } from '../support/fingerprint.js';

interface Expected {
  readonly read: number;
  readonly inserted: number;
  readonly rejected: readonly { readonly count: number }[];
}
interface Mapping {
  readonly mapping: string;
  readonly status: string;
  readonly read: number;
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly rejected: number;
  readonly unexplained: number;
  readonly checks: readonly { readonly check: string; readonly status: string }[];
}

let folder: string;
let clinic: string;
let expected: Readonly<Record<string, Expected>>;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'crosswalk-clinic-'));
  await chmod(folder, 0o755);
  clinic = path.join(folder, 'mappings');
  await cp(path.join(CHECKOUT, 'mappings'), clinic, {
    recursive: true,
    filter: (file) => path.basename(file) !== '.etl',
  });
  const text = await readFile(path.join(CHECKOUT, 'tests/fixtures/clinic/expected.json'), 'utf8');
  expected = JSON.parse(text) as Record<string, Expected>;
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(...flags: string[]): Promise<{ code: number | null; mappings: readonly Mapping[] }> {
  const { code, stdout } = await etl(['run', 'mappings/', '--embedded', '--json', ...flags], { cwd: folder });
  return { code, mappings: (JSON.parse(stdout) as { mappings: Mapping[] }).mappings };
}

/** Works on the clinic's target while no command does. */
async function onTarget<T>(work: (url: string) => Promise<T>): Promise<T> {
  const server = await startEmbedded({ folder: path.join(clinic, '.etl/embedded') });
  try {
    return await work(server.url('target', 'target'));
  } finally {
    await server.stop();
  }
}

const count = (list: readonly { readonly count: number }[]): number =>
  list.reduce((sum, one) => sum + one.count, 0);

test('the clinic: a dry run counts all and leaves nothing; a sample is whole; a run completes it', async () => {
  await etl(['plan', 'mappings/', '--embedded'], { cwd: folder });
  const before = await onTarget(fingerprint);
  const dry = await run('--dry-run');
  expect(dry.code).toBe(0);
  for (const { mapping, read, inserted, rejected, unexplained } of dry.mappings) {
    const wanted = expected[mapping];
    expect([mapping, read, inserted, rejected, unexplained]).toEqual([
      mapping, wanted?.read, wanted?.inserted, count(wanted?.rejected ?? []), 0,
    ]); // prettier-ignore
  }
  expect(await onTarget(fingerprint)).toEqual(before);

  const sample = await run('--limit', '60');
  for (const { mapping, read, status, unexplained, checks } of sample.mappings) {
    expect([mapping, status, unexplained]).toEqual([mapping, 'succeeded', 0]);
    expect(
      checks.filter((check) => check.status !== 'passed'),
      mapping,
    ).toEqual([]);
    expect(read, mapping).toBeLessThanOrEqual(expected[mapping]?.read ?? 0);
    expect(read, mapping).toBeGreaterThanOrEqual(Math.min(60, expected[mapping]?.read ?? 0));
  }
  const tasks = sample.mappings.find(({ mapping }) => mapping === 'tasks');
  expect(tasks?.read).toBeLessThan(1000);
  const orphans = `select count(*)::int as rows from tasks t where patient_id is not null
    and not exists (select from patients p where p.id = t.patient_id)`;
  expect(await onTarget((url) => query(url, orphans))).toEqual([{ rows: 0 }]);

  const full = await run();
  expect(full.code).toBe(0);
  for (const { mapping, inserted, updated, unchanged } of full.mappings) {
    expect([mapping, inserted + updated + unchanged]).toEqual([mapping, expected[mapping]?.inserted]);
  }
}, 480_000);
