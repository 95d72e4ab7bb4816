import { chmod, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEmbedded } from '../../engine/embedded/index.js';
import { CHECKOUT, etl, type Ended } from '../cli/etl.js';
import { query } from '../support/database.js';
import { fingerprint } from '../support/fingerprint.js';

interface Expected {
  readonly read: number;
  readonly inserted: number;
  readonly rejected: readonly { readonly count: number }[];
}
interface Mapping {
  readonly mapping: string;
  readonly phase: string;
  readonly status: string;
  readonly reason: string | null;
  readonly read: number;
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly rejected: number;
  readonly unexplained: number;
  readonly needs: readonly string[];
  readonly checks: readonly { readonly check: string; readonly status: string }[];
}
interface Summary {
  readonly status: string;
  readonly verdict: string;
  readonly report: string;
  readonly mappings: readonly Mapping[];
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

const said = ({ code, stdout }: Ended): Summary & { readonly code: number | null } => ({
  code,
  ...(JSON.parse(stdout) as Summary),
});
const run = async (...flags: string[]) =>
  said(await etl(['run', 'mappings/', '--embedded', '--json', ...flags], { cwd: folder }));

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

const loaded = ({ inserted, updated, unchanged }: Mapping): number => inserted + updated + unchanged;

/** All that hang on one of the mappings, whatever the number of steps. */
function dependants(mappings: readonly Mapping[], of: string): ReadonlySet<string> {
  const found = new Set([of]);
  for (const { mapping, needs } of mappings) if (needs.some((need) => found.has(need))) found.add(mapping);
  found.delete(of);
  return found;
}

test('a dry run counts all and leaves nothing; a sample is whole', { timeout: 480_000 }, async () => {
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
});

test(
  'a phase alone; a failure stops what hangs on it and all later phases; resume goes on',
  { timeout: 480_000 },
  async () => {
    const core = await run('--select', 'phase:core');
    expect([core.code, core.status]).toEqual([0, 'succeeded']);
    expect(new Set(core.mappings.map(({ phase }) => phase))).toEqual(new Set(['core']));
    for (const each of core.mappings)
      expect([each.mapping, loaded(each)]).toEqual([each.mapping, expected[each.mapping]?.inserted]);

    // An office whose city is too long for somebody's taste: nobody can say what becomes of its doctors.
    const offices = path.join(clinic, 'core/offices.yaml');
    const sound = await readFile(offices, 'utf8');
    const strict = 'rules:\n  - { length: { column: city, max: 3 }, severity: fail }\n';
    await writeFile(offices, sound.replace('rules:\n', strict));
    const failed = await run();
    expect([failed.code, failed.status, failed.verdict]).toEqual([5, 'failed', 'NO-GO']);
    const hanging = dependants(failed.mappings, 'offices');
    expect(hanging).toContain('doctors');
    for (const { mapping, phase, status, reason } of failed.mappings) {
      const stopped = phase !== 'core' || hanging.has(mapping);
      const wanted = mapping === 'offices' ? 'failed' : stopped ? 'not_run' : 'succeeded';
      expect([mapping, status]).toEqual([mapping, wanted]);
      if (stopped) expect(reason, mapping).toMatch(/offices/);
    }
    const report = await readFile(path.join(folder, failed.report), 'utf8');
    for (const [mapping] of hanging.entries()) expect(report).toContain(mapping);
    expect(report).toContain('NO-GO');

    await writeFile(offices, sound);
    const resumed = said(await etl(['resume', 'mappings/', '--embedded', '--json'], { cwd: folder }));
    expect([resumed.code, resumed.status]).toEqual([0, 'succeeded']);
    for (const each of resumed.mappings) {
      expect([each.mapping, loaded(each), each.unexplained]).toEqual([
        each.mapping,
        expected[each.mapping]?.inserted,
        0,
      ]);
    }
    expect(resumed.mappings.map(({ mapping }) => mapping).sort()).toEqual(Object.keys(expected));
  },
);
