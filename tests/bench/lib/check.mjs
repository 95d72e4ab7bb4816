/** Rows, and a sum over a hash of every value: equal only where all rows are. */
const print = (table, row, from = table) =>
  `select '${table}' as name, count(*)::text as rows, coalesce(sum(hashtextextended((row(${row}))::text, 0)::numeric), 0)::text
     as sum from ${from}`;

const NAMES = (key) => [print('doctors', `${key}, name`), print('patients', `${key}, name`)];

const SOURCE_TASK =
  'id, patient_id, doctor_id, kind, title, body, status, price, created, finished, urgent, extra';

const NEW_YORK = (column) => `t.${column} at time zone 'America/New_York'`;

/** Target rows under the source's keys, so that no generated id counts. */
const BY_LEGACY = `tasks t join patients p on p.id = t.patient_id join doctors d on d.id = t.doctor_id`;

/** holds → [database that is asked, what to ask the source, what to ask there] */
const QUERIES = {
  made: [
    'target',
    [
      ...NAMES('id'),
      print(
        'tasks',
        `t.id, t.patient_id, t.doctor_id,
         (array['call', 'scan', 'print', 'pack', 'ship', 'bill', 'check', 'other'])[t.kind + 1], trim(t.title), t.body,
         (array['new', 'pending', 'done'])[position(t.status in 'NPD')], t.price, ${NEW_YORK('created')},
         ${NEW_YORK('finished')}, t.urgent, t.extra`,
        'tasks t',
      ),
    ],
    [
      ...NAMES('legacy_id'),
      print(
        'tasks',
        `t.legacy_id, p.legacy_id, d.legacy_id, t.kind, t.title, t.body, t.status, t.price, t.created_at,
         t.finished_at, t.urgent, t.extra`,
        BY_LEGACY,
      ),
    ],
  ],
  plain: [
    'target',
    [...NAMES('id'), print('tasks', SOURCE_TASK.replace('kind', 'kind::text'))],
    [
      ...NAMES('legacy_id'),
      print(
        'tasks',
        `t.legacy_id, p.legacy_id, d.legacy_id, t.kind, t.title, t.body, t.status, t.price,
         t.created_at::timestamp, t.finished_at::timestamp, t.urgent, t.extra`,
        BY_LEGACY,
      ),
    ],
  ],
  copy: [
    'copy',
    [...NAMES('id'), print('tasks', SOURCE_TASK)],
    [...NAMES('id'), print('tasks', SOURCE_TASK)],
  ],
  bare: ['target', [print('tasks', SOURCE_TASK)], [print('tasks', SOURCE_TASK, 'bare')]],
};

/** Constraints that the target of every run must have in the end: a rebuild that forgot one was no migration. */
const CONSTRAINTS = `select conname::text as name, contype::text as rows, convalidated::text as sum from pg_constraint
  where connamespace = 'public'::regnamespace and contype in ('p', 'u', 'f') order by conname`;

const expectations = new Map();

async function ask(bed, database, queries) {
  return bed.query(bed.admin(database), `set timezone = 'UTC'; ${queries.join(' union all ')}`);
}

/**
 * Compares what the target holds with what the source says it should: rows, a sum over all values, constraints.
 * @throws where anything differs; then the run's figure does not count
 */
export async function check(bed, holds) {
  const [database, wanted, found] = QUERIES[holds];
  if (!expectations.has(holds)) expectations.set(holds, await ask(bed, 'source', wanted));
  compare(expectations.get(holds), await ask(bed, database, found));
  if (database !== 'target') return;
  const standing = await bed.query(bed.admin('target'), CONSTRAINTS);
  compare(CONSTRAINTS_OF_TARGET, standing);
}

const CONSTRAINTS_OF_TARGET = [
  ['bare_pkey', 'p'],
  ['doctors_legacy_id_key', 'u'],
  ['doctors_pkey', 'p'],
  ['patients_legacy_id_key', 'u'],
  ['patients_pkey', 'p'],
  ['tasks_doctor_id_fkey', 'f'],
  ['tasks_legacy_id_key', 'u'],
  ['tasks_patient_id_fkey', 'f'],
  ['tasks_pkey', 'p'],
].map(([name, rows]) => ({ name, rows, sum: 'true' }));

function compare(wanted, found) {
  const shown = (rows) => rows.map(({ name, rows: count, sum }) => `${name} ${count} ${sum}`).join('\n');
  if (shown(wanted) === shown(found)) return;
  throw new Error(
    `the target does not hold what it should\nexpected\n${shown(wanted)}\nfound\n${shown(found)}`,
  );
}
