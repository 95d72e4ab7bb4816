import { expect, test } from 'vitest';
import { withProject } from '../support/project.js';

test('checks of a run', async () => {
  await withProject(
    {
      source: `create table items (id int primary key, name text, price numeric(10,2), kind text);
        insert into items select g, 'n' || g, g + 0.10, case when g % 10 = 0 then 'x' else 'a' end from generate_series(1, 100) g;
        insert into items values (200, null, 5.55, 'a'), (201, 'skip', 7.25, 'a')`,
      target: `create table items (id int primary key, name text not null, price numeric(10,2), kind text, at timestamptz)`,
      mappings: {
        items: `
source: { table: items, key: id, skip_when: { skipped: "name = 'skip'" } }
target: { table: items, key: id }
columns:
  id: id
  name: { from: name, steps: [upper] }
  price: price
  kind: { from: kind, map: { a: A, x: X } }
  at: { generate: now }
max_rejects: 5
checks:
  - sum: price
  - min_max: price
  - distinct: kind
  - unique: [id, name]
  - content
  - { query: "select id from items where price > 50", name: dear, error_if: "> 200", warn_if: "> 60" }
  - { query: "select count(*) from items", expect: { value: 100.0 }, severity: warn }
  - { query: "select * from items where id < 0", connection: source }
`,
      },
    },
    async (project) => {
      const result = await project.run();
      console.log(JSON.stringify(result.mappings[0]?.checks, null, 1), result.reasons, result.mappings[0]?.reason);
      expect(result.exitCode).toBe(0);
    },
  );
});
