import { expect, test } from 'vitest';
import type { RunResult } from '../../engine/contract/result.js';
import { withProject } from '../support/project.js';

const SOURCE = `
create table items (id int primary key, name text, price numeric(10,2), kind text);
insert into items select g, 'n' || g, g + 0.10, case when g % 10 = 0 then 'x' else 'a' end from generate_series(1, 100) g;
insert into items values (200, null, 5.55, 'a'), (201, 'skip', 7.25, 'a'), (202, 'refused', 9.99, 'a')`;

const TARGET = `create table items (id int primary key, name text not null check (name <> 'REFUSED'), price numeric(10,2), kind text, at timestamptz)`;

const mapping = (checks: string): string => `
source: { table: items, key: id, skip_when: { skipped: "name = 'skip'" } }
target: { table: items, key: id }
columns: { id: id, name: { from: name, steps: [upper] }, price: price, kind: { from: kind, map: { a: A, x: X } }, at: { generate: now } }
max_rejects: 5
checks:
${checks}`;

const CHECKS = `  - sum: price
  - min_max: price
  - distinct: kind
  - unique: [id, name]
  - content
  - { query: "select id from items where price > 50", name: dear, error_if: "> 200", warn_if: "> 60%" }
  - { query: "select count(*) from items", expect: { value: 100.0 } }
  - { query: "select * from items where id < 0;", connection: source }
`;

const checksOf = (result: RunResult): Record<string, string> =>
  Object.fromEntries(
    result.mappings.flatMap(({ checks }) =>
      checks.map(({ check, status, source, target }) => [check, `${status} ${source} | ${target}`]),
    ),
  );

const GOOD = {
  row_count: 'passed 100 | 100',
  'sum price': 'passed 5082.79 | 5060.00',
  'min_max price': 'passed 1.10 … 100.10 | 1.10 … 100.10',
  'distinct kind': 'passed 2 | 2',
  'unique id, name': 'passed 0 | 0',
  content: 'passed 100 | 100',
  dear: 'passed 0 | 51',
  'query(select count(*) from items)': 'passed 100.0 | 100',
  'query(select * from items where id < 0;)': 'passed 0 | 0',
};

test('checks compare what was loaded with what the mapping makes, in every kind of run', async () => {
  await withProject(
    { source: SOURCE, target: TARGET, mappings: { items: mapping(CHECKS) } },
    async (project) => {
      expect(checksOf(await project.run({ dryRun: true }))).toEqual(GOOD);
      const result = await project.run();
      expect(checksOf(result)).toEqual(GOOD);
      expect(result.exitCode).toBe(0);
      const sum = result.mappings[0]?.checks.find(({ check }) => check === 'sum price');
      expect(sum).toMatchObject({ rejected: '15.54', skipped: '7.25' });
      await project.target(
        "delete from items where id = 3; insert into items values (900, 'THEIRS', 0.5, 'T')",
      );
      const again = await project.run();
      // Rows that others have added are told of, and are none of what was loaded.
      expect(checksOf(again)).toEqual({
        ...GOOD,
        row_count: 'warned 100 | 101',
        content: 'warned 100 | 100',
        'query(select count(*) from items)': 'failed 100.0 | 101',
      });
    },
  );
});

test('what the target makes of a row behind our back fails the checks, by row and column', async () => {
  const swap = `create function cent() returns trigger language plpgsql as $$ begin
      if new.id = 42 then new.price := new.price + 0.01; end if; return new; end $$;
    create trigger cent before insert or update on items for each row execute function cent();`;
  const checks = `  - sum: price
  - content:
    severity: warn
  - { distinct: kind, error_if: "> 5" }
`;
  await withProject(
    { source: SOURCE, target: `${TARGET};\n${swap}`, mappings: { items: mapping(checks) } },
    async (project) => {
      const result = await project.run();
      expect(checksOf(result)).toEqual({
        row_count: 'passed 100 | 100',
        'sum price': 'failed 5082.79 | 5060.01',
        content: 'warned 100 | 99',
        'distinct kind': 'passed 2 | 2',
      });
      expect(result.exitCode).toBe(5);
      expect(result.mappings[0]?.reason).toContain('key 42, price: source 42.10, target 42.11');
      const sample = await project.run({ limit: 10 });
      expect(checksOf(sample)).toMatchObject({
        'sum price': 'passed 56.00 | 56.00',
        content: 'passed 10 | 10',
      });
    },
  );
});
