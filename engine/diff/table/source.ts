import { SqlPart } from '../facet.js';
import { queryVerdict, queryOf } from './query.js';
import {
  always,
  judged,
  leavesOut,
  rejectsLess,
  rejectsMore,
  takesIn,
  verdict,
  within,
  type Judged,
  type Table,
  type Verdict,
} from './verdict.js';

const KEEP = 'rows already loaded stay as they are';

/** What stands under `source:`. */
export const SOURCE_TABLE: Table = {
  'a source › connection': always(
    'identity-changing',
    'rows are read from another database: a key there may be another row’s, and rows loaded from the old one are kept up no more',
    'identity',
  ),
  'a source › table': always(
    'destructive',
    'rows are read from another table: those loaded from the old one and not in the new one stay in the target and are kept up no more, and a key may be another row’s',
    'identity',
  ),
  'a source › where': judged(
    ['additive', 'destructive'],
    'conditions that go are additive (more rows are read); new or other ones are destructive (rows loaded before may be left out). Conditions are compared one by one, as `and` joins them',
    (one) => conditionVerdict(one),
  ),
  'a source › query': judged(
    ['re-transform', 'destructive', 'identity-changing', 'additive', 'cosmetic'],
    'by PostgreSQL’s parse tree, part for part: layout, comments and an output that nothing uses are cosmetic; an expression behind a used output, or a left join, is re-transform; one behind the source key identity-changing; fewer conditions are additive; more conditions, another `from`, `distinct`, `group by`, `having`, `limit` or an output that `skip_when` uses are destructive, for rows may be left out',
    (one) => queryVerdict(one, queryOf(one.base), queryOf(one.head)),
  ),
  'a source › query_file': within('a source › query'),
  'a source › key': always(
    'identity-changing',
    'rows are told apart by other columns: rows loaded before are not recognised, references by the old key are missing, and ids made of it are others',
    'identity',
  ),
  'a source › changed_at': always(
    'additive',
    `later runs find what to read in another way: the next one reads everything; ${KEEP}`,
  ),
  'a changed_at › column': within('a source › changed_at'),
  'a changed_at › overlap': always(
    'additive',
    `later runs reach back by another time behind the snapshot before; ${KEEP}`,
  ),
  'a source › skip_when': judged(
    ['destructive', 'additive'],
    'a new or other condition is destructive (rows loaded before may be left out); one that goes, or an `or` that goes from it, is additive',
    skipVerdict,
  ),
  'a source › duplicates': judged(
    ['additive', 'destructive', 're-transform'],
    'keep → reject or fail is destructive (the kept row is rejected); reject → keep is additive; another row that is kept is re-transform',
    ({ before, after }) => {
      if (before === 'keep')
        return rejectsMore('of several rows with one key the one that was kept, and all others,');
      if (after === 'keep') return rejectsLess('rows that share a key, of which one is kept now,');
      return verdict(
        'additive',
        `rows that share a key ${after === 'fail' ? 'end the run, and were rejected' : 'are rejected, and ended the run'}; ${KEEP}`,
      );
    },
  ),
  'a duplicates › keep': always(
    're-transform',
    'of several rows with one key another one is loaded: a run of this mapping changes the row',
    'value',
  ),
  'a duplicates › by': within('a duplicates › keep'),
  'an ignore › columns': always(
    'cosmetic',
    'what reports say of unmapped columns: no row and no value differs',
  ),
  'an ignore › reason': within('an ignore › columns'),
  'a source › sensitive': always(
    'additive',
    `which values logs, rejects and reports mask: a column that leaves the list is shown in clear from the next run on; ${KEEP}`,
  ),
  'a source › partition': always('cosmetic', 'rows are read in other portions: the same rows and values'),
  'a partition › rows': within('a source › partition'),
};

function conditionVerdict(one: Judged): Verdict {
  const conditions = (value: Judged['before']): readonly string[] =>
    value instanceof SqlPart ? one.sql.joined(value.text, 'and') : [];
  const [before, after] = [conditions(one.before), conditions(one.after)];
  return after.every((condition) => before.includes(condition))
    ? takesIn('rows that the condition left out')
    : leavesOut('rows that the condition leaves out are read no more', one);
}

function skipVerdict(one: Judged): Verdict {
  if (one.after === undefined) return takesIn('rows that it skipped');
  const ways = (value: Judged['before']): readonly string[] =>
    value instanceof SqlPart ? one.sql.joined(value.text, 'or') : [];
  const [before, after] = [ways(one.before), ways(one.after)];
  if (after.every((way) => before.includes(way))) return takesIn('rows that the condition skipped');
  return leavesOut('rows for which it holds are skipped', one);
}
