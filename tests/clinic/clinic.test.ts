import { existsSync } from 'node:fs';
import { chmod, cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startEmbedded, type EmbeddedServer } from '../../engine/embedded/index.js';
import { CHECKOUT, etl, type Ended } from '../cli/etl.js';
import { query } from '../support/database.js';

const EXPECTED = path.join(CHECKOUT, 'tests/fixtures/clinic/expected.json');

interface Reference {
  readonly column: string;
  readonly mapping: string;
}
interface Reject {
  readonly column: string | null;
  readonly rule: string;
  readonly count: number;
}
interface MappingSummary {
  readonly mapping: string;
  readonly read: number;
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly rejected: number;
  readonly unexplained: number;
  readonly skipped_by: Readonly<Record<string, number>>;
  readonly warnings: Readonly<Record<string, number>>;
  readonly rejects: readonly Reject[];
  readonly references: readonly Reference[];
}
interface Summary {
  readonly run: string;
  readonly status: string;
  readonly exit_code: number;
  readonly report: string;
  readonly mappings: readonly MappingSummary[];
}
type Expected = Readonly<Record<string, { readonly inserted: number }>>;

const by = <T>(key: (item: T) => string, items: readonly T[]): readonly T[] =>
  [...items].sort((a, b) => (key(a) < key(b) ? -1 : 1));

/** Rejects by column and rule: the summary tells those of other first causes apart. */
function together(rejects: readonly Reject[]): readonly Reject[] {
  const found = new Map<string, Reject>();
  for (const { column, rule, count } of rejects) {
    const name = `${column ?? '~'} ${rule}`;
    found.set(name, { column, rule, count: count + (found.get(name)?.count ?? 0) });
  }
  return [...found.values()];
}

/** A mapping's counts in the form and order of expected.json. */
function counted(mapping: MappingSummary): unknown {
  return {
    read: mapping.read,
    inserted: mapping.inserted,
    skipped: mapping.skipped_by,
    warnings: mapping.warnings,
    rejected: by(({ column, rule }) => `${column ?? '~'} ${rule}`, together(mapping.rejects)),
    references: by(({ column, mapping: of }) => `${column} ${of}`, mapping.references),
  };
}

let folder: string;
let clinic: string;
let expected: Expected;
let first: Ended;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'crosswalk-clinic-'));
  await chmod(folder, 0o755);
  clinic = path.join(folder, 'mappings');
  await cp(path.join(CHECKOUT, 'mappings'), clinic, {
    recursive: true,
    filter: (file) => path.basename(file) !== '.etl',
  });
  expected = JSON.parse(await readFile(EXPECTED, 'utf8')) as Expected;
  first = await etl(['run', 'mappings/', '--embedded', '--json'], { cwd: folder });
}, 480_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

const summary = ({ stdout }: Ended): Summary => JSON.parse(stdout) as Summary;

test('the first run: every count is the one that the legacy data alone give', () => {
  expect(first.code, first.stderr).toBe(0);
  const { status, exit_code, mappings } = summary(first);
  expect({ status, exit_code }).toEqual({ status: 'succeeded', exit_code: 0 });
  expect(Object.fromEntries(mappings.map((each) => [each.mapping, counted(each)]))).toEqual(expected);
  expect(mappings.map(({ unexplained }) => unexplained)).toEqual(mappings.map(() => 0));
});

test('a run leaves a report, named from where the command ran', async () => {
  const { report, run } = summary(first);
  expect(report).toBe(`mappings/.etl/reports/${run}.html`);
  expect(existsSync(path.join(folder, report))).toBe(true);
  const saved = await readFile(path.join(folder, report.replace(/html$/, 'json')), 'utf8');
  expect((JSON.parse(saved) as Summary).run).toBe(run);
});

describe('rows of the target', () => {
  let server: EmbeddedServer;
  beforeAll(async () => {
    server = await startEmbedded({ folder: path.join(clinic, '.etl/embedded') });
  });
  afterAll(() => server.stop());

  const target = (sql: string) => query(server.url('target', 'target'), sql);
  const source = (sql: string) => query(server.url('source', 'source'), sql);

  test.each<[string, string, Record<string, unknown>]>([
    [
      'money is exact: parentheses are minus, cents are moved, digits rounded half away from zero',
      `select total::text, shipping::text, tax::text from orders where legacy_order_id = 20`,
      { total: '-12.00', shipping: '16.75', tax: '150.95' },
    ],
    [
      'local times of New York in summer',
      `select created_at at time zone 'UTC' = '2018-09-19 19:26' as created from orders where legacy_order_id = 20`,
      { created: true },
    ],
    [
      'local times of New York in winter',
      `select created_at at time zone 'UTC' = '2018-11-19 13:07' as created from tasks where legacy_task_id = 6`,
      { created: true },
    ],
    [
      'markup and entities are text',
      `select notes from patients where legacy_patient_id = 18`,
      { notes: 'Prefers "clear" aligners\n& morning visits' },
    ],
    [
      'an entity in a title',
      `select title from cases where legacy_case_id = 175`,
      { title: 'Aligner & retainer — both' },
    ],
    [
      'JSON in text is JSON, and a part of it a column',
      `select form, arch from orders where legacy_order_id = 4`,
      { form: { arch: 'lower', stages: 23 }, arch: 'lower' },
    ],
    [
      'the body of a message is its text',
      `select body from messages where legacy_message_id = 9`,
      { body: 'Tom’s trays: 14 < 16 & €20 each' },
    ],
    [
      'a number abroad is one of E.164, an e-mail keeps its first part',
      `select max(phone) filter (where legacy_communication_id = 9) as phone,
        max(email) filter (where legacy_communication_id = 11) as email from communications`,
      { phone: '+442079460958', email: 'Ana@mail.example' },
    ],
    [
      'of an entry that was sent again the later one is there, without escaped NULs',
      `select max(note) filter (where legacy_case_id = 40) as later,
        max(note) filter (where legacy_case_id = 72) as note from case_states where position = 2`,
      { later: 'again', note: 'Nicht prüfen' },
    ],
    [
      'money is text and numeric, parentheses and minus: what is left of a list price is the price',
      `select count(*)::int as offers, count(*) filter (where price <> list_price - reduction)::int as wrong
       from offers where list_price is not null`,
      { offers: 94, wrong: 0 },
    ],
    [
      'what was bought comes to its lines, and to the cent with tax and discount',
      `select sum(subtotal - discount + tax - total)::text as odd,
         (sum(subtotal) - (select sum(amount) from purchase_items))::text as between from purchases`,
      { odd: '0.00', between: '0.00' },
    ],
    [
      'jaws → treatment_plans → projects: each project has a scan of its plan’s patient',
      `select count(*)::int as projects, count(*) filter (where j.patient_id <> t.patient_id)::int as strange
       from projects p join treatment_plans t on t.id = p.treatment_plan_id join jaws j on j.id = t.upper_jaw_id`,
      { projects: 58, strange: 0 },
    ],
    [
      'no token leaves the legacy system',
      `select (select count(*) from doctor_settings where name like '%token%')::int
         + (select count(*) from jaws where scan_path like '%token%' or metadata::text like '%token%')::int as tokens`,
      { tokens: 0 },
    ],
    [
      'a code that a configuration knows keeps its id',
      `select count(*)::int as changed from roles where id <> legacy_role_id`,
      { changed: 0 },
    ],
  ])('%s', async (_, sql, row) => {
    expect(await target(sql)).toEqual([row]);
  });

  test('the audit trail: each row names the run that made it, its mapping and its legacy values', async () => {
    const [row] = await target(
      `select metadata from tasks where legacy_task_id = 7 and metadata ? 'legacy_deleted'`,
    );
    expect(row).toEqual({
      metadata: { run: summary(first).run, mapping: 'tasks', legacy_status: 'D', legacy_deleted: false },
    });
  });

  test.each([
    ['tasks', 'price', 'task'],
    ['offers', 'price', 'offer'],
    ['purchases', 'subtotal', 'purchase'],
    ['purchases', 'total', 'purchase'],
  ])('%s: the %s of all loaded rows comes to the same sum, to the cent', async (table, column, legacy) => {
    const loaded = await target(`select array_agg(legacy_${legacy}_id)::text as ids from ${table}`);
    const [of] = await source(
      `select sum(${column})::text as sum from dispatch_${legacy}
       where id = any ('${String(loaded[0]?.['ids'])}'::bigint[])`,
    );
    expect(await target(`select sum(${column})::text as sum from ${table}`)).toEqual([of]);
  });

  test('payments come to the same sum as their legacy texts, refunds taken off, to the cent', async () => {
    const loaded = await target(`select array_agg(legacy_payment_id)::text as ids from payments`);
    const [of] = await source(
      `select sum(case when amount ~ '[-(]' then -1 else 1 end * regexp_replace(amount, '[^0-9.]', '', 'g')::numeric)::
        numeric(12, 2)::text as sum, sum(fee)::text as fees
      from dispatch_payment where id = any ('${String(loaded[0]?.['ids'])}'::int[])`,
    );
    expect(await target(`select sum(amount)::text as sum, sum(fee)::text as fees from payments`)).toEqual([
      of,
    ]);
  });

  test.each([
    ['comments', 'django_comments', 'object_pk', ['case', 'order', 'file', 'doctor']],
    ['notifications', 'dispatch_notification', 'object_id', ['task', 'patient', 'message', 'comment']],
  ])('%s are about what their generic keys said', async (table, legacy, key, kinds) => {
    const own = table.replace(/s$/, '');
    const ends = kinds.map(
      (kind) => `select '${kind}' as kind, id, legacy_${kind}_id::text as legacy from ${kind}s`,
    );
    const loaded = await target(
      `select t.legacy_${own}_id as id, e.kind, e.legacy from ${table} t
      left join (${ends.join(' union all ')}) e on e.kind = t.subject_type::text and e.id = t.subject_id`,
    );
    const said = await source(
      `select l.id, m.model as kind, trim(l.${key}::text) as legacy from ${legacy} l
      left join django_content_type m on m.id = l.content_type_id`,
    );
    const of = new Map(said.map((row) => [row['id'], row]));
    expect(loaded).toHaveLength(expected[table]?.inserted ?? -1);
    expect(loaded).toEqual(loaded.map(({ id }) => of.get(id)));
  });

  test('the doctor of each patient and the default patient of each doctor are the legacy ones', async () => {
    const pairs = `select p.legacy_patient_id::int as patient, d.legacy_doctor_id::int as doctor
      from patients p join doctors d on d.id = p.doctor_id order by 1`;
    const legacy = await source(`select id::int as patient, doctor_id::int as doctor from dispatch_patient`);
    const of = new Map(legacy.map(({ patient, doctor }) => [patient, doctor]));
    const loaded = await target(pairs);
    expect(loaded).toHaveLength(expected['patients']?.inserted ?? -1);
    expect(loaded.filter(({ patient, doctor }) => of.get(patient) !== doctor)).toEqual([]);
    const [opened] = await target(`select count(default_patient_id)::int as resolved from doctors`);
    expect(opened).toEqual({ resolved: 94 });
  });
});
