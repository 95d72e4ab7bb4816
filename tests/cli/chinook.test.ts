import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabases, query, type Databases } from '../support/database.js';
import { CHECKOUT, etl } from './etl.js';

/** A public database before and after its tables were renamed; too large to be kept here. */
const DATA = path.join(CHECKOUT, '../shared/data/chinook');
const PROJECT = path.join(CHECKOUT, 'tests/fixtures/chinook');

const ROWS = {
  album: 347,
  artist: 275,
  customer: 59,
  employee: 8,
  genre: 25,
  invoice: 412,
  invoice_line: 2240,
  media_type: 5,
  playlist: 18,
  playlist_track: 8715,
  track: 3503,
};
const TABLES = Object.keys(ROWS);

interface Summary {
  readonly mappings: readonly { readonly mapping: string; readonly [count: string]: unknown }[];
}

const present = existsSync(DATA);
const title = 'Chinook, from its old schema into its new one';

describe.skipIf(!present)(present ? title : `${title} (skipped: ${DATA} is missing)`, () => {
  let migrated: Databases;
  /** What the authors of the new schema filled it with. */
  let published: Databases;
  let env: Record<string, string>;

  beforeAll(async () => {
    const before = await readFile(path.join(DATA, 'old.sql'), 'utf8');
    const after = await readFile(path.join(DATA, 'new.sql'), 'utf8');
    migrated = await createDatabases({ source: before, target: after });
    published = await createDatabases({ target: after });
    await query(migrated.target, `truncate ${TABLES.join(', ')}`);
    env = { SOURCE_DATABASE_URL: migrated.source, TARGET_DATABASE_URL: migrated.target };
  });
  afterAll(async () => {
    await migrated.drop();
    await published.drop();
    await rm(path.join(PROJECT, '.etl'), { recursive: true, force: true });
  });

  test('the order comes from the references alone', async () => {
    const { code, stdout } = await etl(['plan', PROJECT, '--json'], { env });
    expect(code).toBe(0);
    const { steps } = JSON.parse(stdout) as { steps: { id: string; needs: string[] }[] };
    const needs = Object.fromEntries(steps.map((step) => [step.id, [...step.needs].sort()]));
    expect(needs).toEqual({
      'load album': ['load artist'],
      'load artist': [],
      'load customer': ['load employee', 'second pass employee.reports_to'],
      'load employee': [],
      'load genre': [],
      'load invoice': ['load customer'],
      'load invoice_line': ['load invoice', 'load track'],
      'load media_type': [],
      'load playlist': [],
      'load playlist_track': ['load playlist', 'load track'],
      'load track': ['load album', 'load genre', 'load media_type'],
      'second pass employee.reports_to': ['load employee'],
    });
  });

  test('all 15,607 rows equal the published ones, row for row', async () => {
    const { code, stdout, stderr } = await etl(['run', PROJECT, '--json'], { env });
    expect(code, stderr).toBe(0);
    const { mappings } = JSON.parse(stdout) as Summary;
    expect(Object.fromEntries(mappings.map((each) => [each.mapping, each['inserted']]))).toEqual(ROWS);
    for (const table of TABLES) {
      const image = `select x::text as row from ${table} x order by 1`;
      expect(await query(migrated.target, image), table).toEqual(await query(published.target, image));
    }
  });

  test('a second run finds every row unchanged', async () => {
    const { code, stdout, stderr } = await etl(['run', PROJECT, '--json'], { env });
    expect(code, stderr).toBe(0);
    const { mappings } = JSON.parse(stdout) as Summary;
    expect(Object.fromEntries(mappings.map((each) => [each.mapping, each['unchanged']]))).toEqual(ROWS);
  });
});
