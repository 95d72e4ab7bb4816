import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHECKOUT, etl } from '../cli/etl.js';
import { createDatabases, query, type Databases } from '../support/database.js';

/** Public databases, too large to be kept here, into schemas of ours. */
const DATA = process.env['PUBLIC_DATA'] ?? path.join(CHECKOUT, '../shared/data');

interface Migration {
  readonly name: string;
  readonly files: readonly string[];
  /** Rows of all mappings. */
  readonly rows: number;
  /** Figures that both databases must give alike, to the last digit. */
  readonly figures: readonly (readonly [source: string, target: string])[];
}

const MIGRATIONS: readonly Migration[] = [
  {
    name: 'sakila',
    files: ['schema.sql', 'data.sql'],
    rows: 46_164,
    figures: [
      [
        "select to_char(payment_date, 'YYYY-MM') m, sum(amount) s, count(*) n from payment group by 1 order by 1",
        "select to_char(paid_at at time zone 'UTC', 'YYYY-MM') m, sum(amount) s, count(*) n from lending.payments group by 1 order by 1",
      ],
      [
        'select f, count(*) n from film, unnest(special_features) f group by f order by f collate "C"',
        'select f::text, count(*) n from lending.films, unnest(features) f group by f order by f::text collate "C"',
      ],
      [
        'select o.store_id, s.first_name manager, (select count(*) from customer c where c.store_id = o.store_id) n from store o join staff s on s.staff_id = manager_staff_id order by 1',
        "select o.legacy_id store_id, split_part(s.name, ' ', 1) manager, (select count(*) from lending.customers c where c.store_id = o.id) n from lending.stores o join lending.staff s on s.id = manager_id order by 1",
      ],
      [
        "select count(*) n from film where to_tsvector('english', title || ' ' || description) @@ to_tsquery('english', 'moose & boat')",
        "select count(*) n from lending.films where search @@ to_tsquery('english', 'moose & boat')",
      ],
    ],
  },
  {
    name: 'northwind',
    files: ['northwind.sql'],
    rows: 3_362,
    figures: [
      [
        'select o.customer_id c, count(*) n, sum(round(d.unit_price::numeric, 2) * quantity * (1 - round(discount::numeric, 2))) s from order_details d join orders o using (order_id) group by 1 order by 1',
        'select o.customer::text c, count(*) n, sum(l.total) s from "Trade & Co".line l join "Trade & Co"."order" o on o.id = l."order" group by 1 order by 1',
      ],
      [
        'select e.last_name n, b.last_name boss from employees e left join employees b on b.employee_id = e.reports_to order by 1',
        `select split_part(e.name, ' ', 2) n, split_part(b.name, ' ', 2) boss from "Trade & Co".employee e left join "Trade & Co".employee b on b.id = e.boss_id order by 1`,
      ],
      [
        'select city collate "C" city, count(*) n from customers group by 1 order by 1',
        `select (address->>'city') collate "C" city, count(*) n from "Trade & Co".customer group by 1 order by 1`,
      ],
    ],
  },
];

describe.each(MIGRATIONS)('$name into a schema of ours', ({ name, files, rows, figures }) => {
  const folder = path.join(DATA, name);
  const project = path.join(CHECKOUT, 'tests/fixtures', name);
  const missing = existsSync(folder) ? '' : ` (skipped: ${folder} is missing)`;
  let databases: Databases;
  let env: Record<string, string>;
  let mappings: number;

  const run = async (command: string, ...args: string[]): Promise<readonly Record<string, unknown>[]> => {
    const { code, stdout, stderr } = await etl([command, project, '--json', ...args], { env });
    expect(code, stderr + stdout.slice(-2000)).toBe(0);
    return (JSON.parse(stdout) as { mappings: Record<string, unknown>[] }).mappings;
  };
  const sum = (all: readonly Record<string, unknown>[], count: string): number =>
    all.reduce((total, one) => total + Number(one[count]), 0);

  beforeAll(async () => {
    if (missing !== '') return;
    const texts = await Promise.all(files.map((file) => readFile(path.join(folder, file), 'utf8')));
    const target = await readFile(path.join(project, 'target.sql'), 'utf8');
    databases = await createDatabases({ source: texts.join('\n'), target });
    env = { SOURCE_DATABASE_URL: databases.source, TARGET_DATABASE_URL: databases.target };
    mappings = (await readdir(project)).filter((file) => file.endsWith('.yaml')).length;
  });
  afterAll(async () => {
    if (missing !== '') return;
    await databases.drop();
    await rm(path.join(project, '.etl'), { recursive: true, force: true });
  });

  test.skipIf(missing !== '')(
    `every row is accounted for, and again${missing}`,
    async () => {
      const first = await run('run');
      expect(first.length).toBeGreaterThanOrEqual(mappings - 1);
      expect({ inserted: sum(first, 'inserted'), read: sum(first, 'read') }).toEqual({
        inserted: rows,
        read: rows,
      });
      for (const [source, target] of figures)
        expect(await query(databases.target, target)).toEqual(await query(databases.source, source));
      expect(sum(await run('run'), 'unchanged')).toBe(rows);
    },
    180_000,
  );

  test.skipIf(missing !== '')(
    `verify finds both sides equal${missing}`,
    async () => {
      for (const { mapping, status } of await run('verify'))
        expect([mapping, status]).toEqual([mapping, 'passed']);
    },
    180_000,
  );
});
