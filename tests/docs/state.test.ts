import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { UPGRADES } from '../../engine/state/schema.js';
import { CHECKOUT } from '../cli/etl.js';
import { createDatabases, query, type Databases } from '../support/database.js';

let databases: Databases;
beforeAll(async () => {
  const upgrades = UPGRADES.map((upgrade) => upgrade('etl')).join('; ');
  databases = await createDatabases({
    target: `create schema etl; create table etl.version (version int not null); ${upgrades}`,
  });
});
afterAll(() => databases.drop());

test('docs/state.md names every table of the state schema with its columns, in their order', async () => {
  const rows = await query(
    databases.target,
    `select c.relname as table, json_agg(a.attname order by a.attnum) columns
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relnamespace = 'etl'::regnamespace and c.relkind in ('r', 'v') group by 1`,
  );
  const page = await readFile(path.join(CHECKOUT, 'docs/state.md'), 'utf8');
  const told = page.split(/^## `etl\./m).slice(1).map((part) => ({
    table: /^\w+/.exec(part)?.[0],
    columns: [...part.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name),
  })); // prettier-ignore
  const sorted = (list: readonly unknown[]): readonly string[] =>
    list.map((one) => JSON.stringify(one)).sort();
  expect(sorted(told)).toEqual(sorted(rows));
});
