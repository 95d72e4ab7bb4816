import { readFileSync } from 'node:fs';
import pg from 'pg';

const FIXTURES = new URL('../../fixtures/clinic/', import.meta.url);
const read = (name) => readFileSync(new URL(name, FIXTURES), 'utf8');

/** A day of work in the legacy system, as SQL for the source. */
export const CHANGES = read('changes.sql');

/** A key of several columns as expected.sql writes it: `5/2` for `["5", "2"]`. */
export const plainKey = (key) => key.replace(/^\["?|"?\]$/g, '').replace(/"?, ?"?/g, '/');

/**
 * What the migration must come to, from the source's rows alone: `mappings` as expected.json, `rejects`
 * `{ mapping, key, column, rule }`, `money` `{ mapping, column, sum }`; and, where it was asked before on this source, what
 * has changed since: `fresh` rows to insert by mapping, `gone` keys of loaded rows by mapping.
 *
 * @param url of a role that may create tables in the source: between two questions the keys are kept in a schema
 * @param project its mappings say of how many columns a key is: expected.sql adds a number where rows share one
 */
export async function expectedOf(url, project) {
  const columns = new Map(project.mappings.map(({ name, source }) => [name, source.key.length]));
  const cut = (mapping, key) =>
    columns.get(mapping) > 1 ? key.split('/').slice(0, columns.get(mapping)).join('/') : key;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const rowsOf = async (sql) => [await client.query(sql)].flat().at(-1).rows;
  try {
    const [{ json_object_agg: mappings }] = await rowsOf(read('expected.sql'));
    const rejects = await rowsOf(`select distinct mapping, key, col as column, rule from fault`);
    const money = await rowsOf(read('money.sql'));
    const { fresh, gone } = await since(rowsOf);
    return {
      mappings,
      rejects: rejects.map((reject) => ({ ...reject, key: cut(reject.mapping, reject.key) })),
      money,
      fresh: Object.fromEntries(fresh.map(({ mapping, rows }) => [mapping, rows])),
      gone: Object.fromEntries(
        gone.map(({ mapping, keys }) => [mapping, keys.map((key) => cut(mapping, key))]),
      ),
    };
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
  return { fresh, gone };
}
