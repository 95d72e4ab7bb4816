import { expect, it } from 'vitest';
import { loadParser, provenanceOf } from '../../engine/sql/index.js';

/** A query, a column of it, and what its text tells: `=` as it stands there, `~` computed; null where it does not tell. */
const CASES: readonly (readonly [sql: string, column: string, from: string | null])[] = [
  ['select id from t', 'id', '= t.id'],
  ['select a.id as x from s.t a', 'x', '= s.t.id'],
  ['select t.*, 1 as one from t', 'anything', '= t.anything'],
  ['select t.*, 1 as one from t', 'one', '~ '],
  ['select id from t join u on t.x = u.x', 'id', '= ?.id'],
  ['select u.id, t.a || u.b as ab from t left join u using (x)', 'ab', '~ t.a, u.b'],
  ['select * from (select a as b from t) q', 'b', '= t.a'],
  ['select * from (select a as b from t) q', 'c', null],
  ['with w (k) as (select id from t) select k from w', 'k', '= t.id'],
  ['with recursive r as (select id from t union all select r.id from r) select id from r', 'id', '= t.id'],
  ['select id from t union all select nr from u', 'id', '= t.id, u.nr'],
  ['select coalesce((select max(u.x) from u where u.t = t.id), t.y) m from t', 'm', '~ u.x, t.y'],
  ['select a.n from t, lateral (select t.x + 1 as n) a', 'n', '~ t.x'],
  ['select v from unnest(array[1]) f(v)', 'v', '~ '],
];

it.each(CASES)('%s: %s', async (sql, column, from) => {
  const found = provenanceOf(sql, await loadParser())?.of(column) ?? null;
  expect(found === null ? null : `${found.direct ? '=' : '~'} ${found.columns.join(', ')}`).toBe(from);
});
