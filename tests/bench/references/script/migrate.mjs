// The migration of ../../project as scripts by hand do it: rows as objects, look-ups in memory, multi-row INSERTs.
// node migrate.mjs SOURCE_URL TARGET_URL
import pg from 'pg';
import { utcOf } from './zone.mjs';

const FETCH_ROWS = 5000;
const INSERT_ROWS = 1000;
const KINDS = ['call', 'scan', 'print', 'pack', 'ship', 'bill', 'check', 'other'];
const STATES = { N: 'new', P: 'pending', D: 'done' };
const TASKS =
  'legacy_id, patient_id, doctor_id, kind, title, body, status, price, created_at, finished_at, urgent, extra';

// Dates as text: JavaScript's Date would take them for local time and lose the microseconds.
pg.types.setTypeParser(pg.types.builtins.TIMESTAMP, (text) => text);
// Sent on as it came: parsing and writing it again would only cost.
pg.types.setTypeParser(pg.types.builtins.JSONB, (text) => text);

const [source, target] = await Promise.all(
  process.argv.slice(2).map(async (connectionString) => {
    const client = new pg.Client({ connectionString });
    await client.connect();
    return client;
  }),
);

/** As pg-query-stream does: a portal from which a batch at a time is fetched. */
async function* batchesOf(select) {
  await source.query('begin transaction isolation level repeatable read, read only');
  await source.query(`declare batches no scroll cursor for ${select}`);
  for (;;) {
    const { rows } = await source.query(`fetch ${FETCH_ROWS} from batches`);
    if (rows.length === 0) break;
    yield rows;
  }
  await source.query('commit');
}

/** @param rows values in the order of `columns`; gives the ids that a table without references needs */
async function insert(table, columns, rows, returning = '') {
  const width = rows[0].length;
  const places = rows.map(
    (_, row) =>
      `(${Array.from({ length: width }, (__, column) => `$${row * width + column + 1}`).join(', ')})`,
  );
  return target.query(
    `insert into ${table} (${columns}) values ${places.join(', ')} ${returning}`,
    rows.flat(),
  );
}

async function load(table, columns, select, make, returning, taken = () => undefined) {
  for await (const batch of batchesOf(select)) {
    // One transaction a batch: a commit an INSERT would cost more.
    await target.query('begin');
    for (let at = 0; at < batch.length; at += INSERT_ROWS) {
      taken(await insert(table, columns, batch.slice(at, at + INSERT_ROWS).map(make), returning));
    }
    await target.query('commit');
  }
}

/** Loads a table of names and gives its new ids by the old ones. */
async function loadNames(table) {
  const ids = new Map();
  await load(
    table,
    'legacy_id, name',
    `select id, name from ${table} order by id`,
    ({ id, name }) => [id, name],
    'returning legacy_id, id',
    ({ rows }) => rows.forEach((row) => ids.set(row.legacy_id, row.id)),
  );
  return ids;
}

const doctors = await loadNames('doctors');
const patients = await loadNames('patients');
await load('tasks', TASKS, 'select * from tasks order by id', (row) => [
  row.id,
  patients.get(row.patient_id),
  doctors.get(row.doctor_id),
  KINDS[row.kind],
  row.title.trim(),
  row.body,
  STATES[row.status],
  row.price,
  utcOf(row.created),
  row.finished === null ? null : utcOf(row.finished),
  row.urgent,
  row.extra,
]);
await Promise.all([source.end(), target.end()]);
