import { readFileSync } from 'node:fs';
import pg from 'pg';

const FIXTURES = new URL('../../fixtures/clinic/', import.meta.url);
const read = (name) => readFileSync(new URL(name, FIXTURES), 'utf8');

/** A day of work in the legacy system, as SQL for the source. */
export const CHANGES = read('changes.sql');

/** Keys of several columns are written in different ways: only their words count. */
export const plainKey = (key) => key.replace(/^\["?|"?\]$/g, '').replace(/"?, ?"?/g, '/');

/**
 * What the migration must come to, from the source's rows alone: `mappings` as expected.json, `rejects`
 * `{ mapping, key, column, rule }`, `money` `{ mapping, column, sum }`; and, where it was asked before on this source, what
 * has changed since: `fresh` rows to insert by mapping, `gone` keys of loaded rows by mapping.
 *
 * @param url of a role that may create tables in the source: between two questions the keys are kept in a schema
 */
export async function expectedOf(url) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const rowsOf = async (sql) => [await client.query(sql)].flat().at(-1).rows;
  try {
    const [{ json_object_agg: mappings }] = await rowsOf(read('expected.sql'));
    const rejects = await rowsOf(`select distinct mapping, key, col as column, rule from fault`);
    const money = await rowsOf(read('money.sql'));
    return { mappings, rejects, money, ...(await since(rowsOf)) };
  } finally {
    await client.end();
  }
}

async function since(rowsOf) {
  await rowsOf(`create schema if not exists rehearsal;
    create table if not exists rehearsal.loaded (mapping text, key text)`);
  const fresh = await rowsOf(`select mapping, count(*)::int as rows
    from (select * from good except select * from rehearsal.loaded) as n group by mapping`);
  const gone = await rowsOf(`select mapping, array_agg(key) as keys
    from (select * from rehearsal.loaded except select mapping, key from read) as n group by mapping`);
  await rowsOf('truncate rehearsal.loaded; insert into rehearsal.loaded select * from good');
  return {
    fresh: Object.fromEntries(fresh.map(({ mapping, rows }) => [mapping, rows])),
    gone: Object.fromEntries(gone.map(({ mapping, keys }) => [mapping, keys])),
  };
}
