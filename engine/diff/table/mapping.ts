import type { Mapping } from '../../contract/mapping.js';
import { isList, SqlPart, type FacetValue } from '../facet.js';
import { always, judged, verdict, within, type Judged, type Table, type Verdict } from './verdict.js';

const COSMETIC = 'no row, no value and no verdict differs';
const VERDICT_ONLY = 'rows already loaded stay as they are';

/** What stands at the top of a mapping, and a mapping itself. */
export const MAPPING_TABLE: Table = {
  'a mapping': judged(
    ['additive', 'destructive', 're-transform', 'identity-changing'],
    'a new one adds rows (destructive with mode replace: its table is emptied); one that is gone leaves its rows behind ' +
      '(destructive); a renamed one, told by its source and target, is identity-changing where its name is part of ids ' +
      '(uuid5) or of kept key pairs, else it reads everything again (re-transform)',
    mappingVerdict,
  ),
  'a mapping › description': always('cosmetic', `words for people: ${COSMETIC}`),
  'a mapping › phase': always('additive', `the mapping runs at another place in the order; ${VERDICT_ONLY}`),
  'a mapping › tags': always('cosmetic', `other selectors match: ${COSMETIC}`),
  'a mapping › depends_on': always(
    'additive',
    `the mapping waits for other mappings, and does not run where one of them fails; ${VERDICT_ONLY}`,
  ),
  'a mapping › columns': judged(
    ['additive', 'destructive'],
    'a new column is filled (additive); one that is gone is written no more (destructive)',
    ({ before, base }) =>
      before === undefined || before === false
        ? verdict(
            'additive',
            base?.target.mode.value === 'insert'
              ? 'new rows get a value here; rows already loaded keep theirs, for mode insert updates none'
              : 'a run of this mapping fills it in rows already loaded, too; no other column differs',
            'value',
          )
        : verdict(
            'destructive',
            'it is written no more: rows already loaded keep what they have, which goes out of date, and new rows get the database’s default',
            'value',
          ),
  ),
  'hooks › before': judged(HOOK_CLASSES(), HOOK_DOC(), hookVerdict),
  'hooks › after': judged(HOOK_CLASSES(), HOOK_DOC(), hookVerdict),
  'a mapping › max_rejects': always(
    'additive',
    `the verdict at the end of a run allows another number of rejects; ${VERDICT_ONLY}`,
  ),
  'a mapping › stop_at': always('additive', `a run stops at another number of rejects; ${VERDICT_ONLY}`),
  'defaults › max_rejects': within('a mapping › max_rejects'),
  'defaults › stop_at': within('a mapping › stop_at'),
  'a mapping › deleted_rows': judged(
    ['additive', 'destructive'],
    'delete is destructive: rows whose source row is gone are deleted; anything else is additive',
    ({ after }) =>
      after === 'delete'
        ? verdict(
            'destructive',
            'rows of the target whose source row is gone, or no longer read, are deleted at the end of the next run, but for those that others refer to',
            'rows',
          )
        : verdict('additive', 'rows whose source row is gone are reported and stay in the target'),
  ),
};

const byName = ({ target, columns }: Mapping): boolean =>
  target.identity?.strategy?.value === 'uuid5' ||
  columns.some(({ origin }) => origin.kind === 'generate' && origin.what === 'uuid5');

/** Whether the target's key holds the source key just as it comes, so that no pairs are kept. */
const holdsKey = ({ source, target, columns }: Mapping): boolean =>
  source.key.length > 0 &&
  source.key.every((key) =>
    target.key.some((one) =>
      columns.some(
        ({ column, origin, steps, resolver }) =>
          column.value === one.value &&
          steps.length === 0 &&
          resolver === null &&
          origin.kind === 'source' &&
          origin.columns.length === 1 &&
          origin.columns[0]?.value === key.value,
      ),
    ),
  );

function mappingVerdict({ base, head }: Judged): Verdict {
  if (head === null) {
    const text =
      'the mapping is gone: its rows stay in the target and are neither kept up nor checked; references to them have no mapping to lead to';
    return verdict('destructive', text, 'identity');
  }
  if (base === null) {
    return head.target.mode.value === 'replace'
      ? verdict(
          'destructive',
          'a new mapping, whose mode replace empties its table before the first batch',
          'rows',
        )
      : verdict(
          'additive',
          'a new mapping: its rows are loaded at the next run; no other row differs',
          'rows',
        );
  }
  if (byName(head)) {
    const text =
      'the name is part of its uuid5 ids: every row gets another id, and references to it another value';
    return verdict('identity-changing', text, 'identity');
  }
  return holdsKey(head)
    ? verdict(
        're-transform',
        'the next run reads everything, finds the rows by their key and keeps them; earlier runs are listed under the old name',
      )
    : verdict(
        'identity-changing',
        'pairs of keys are kept under the old name: rows loaded before are not found again, are loaded a second time or refused',
        'identity',
      );
}

function HOOK_CLASSES() {
  return ['additive', 're-transform', 'destructive'] as const;
}

function HOOK_DOC(): string {
  return 'by what the new statements do: delete, truncate, drop or alter is destructive; analyze, vacuum, refresh, set and the like are additive; all else may change rows (re-transform), and so may a statement that is gone';
}

const HARMFUL = ['DeleteStmt', 'TruncateStmt', 'DropStmt', 'AlterTableStmt', 'MergeStmt', 'UpdateStmt'];
const HARMLESS = new Set([
  ...['VacuumStmt', 'RefreshMatViewStmt', 'VariableSetStmt', 'CommentStmt', 'IndexStmt', 'ReindexStmt'],
  ...['NotifyStmt', 'CheckPointStmt', 'RawStmt'],
]);

function hookVerdict({ before, after, sql }: Judged): Verdict {
  const texts = (value: FacetValue | undefined): readonly string[] =>
    value === undefined || !isList(value) ? [] : value.map((one) => (one instanceof SqlPart ? one.text : ''));
  const known = new Set(texts(before).flatMap((text) => sql.statements(text)));
  const fresh = texts(after).filter((text) => sql.statements(text).some((one) => !known.has(one)));
  const kinds = fresh.flatMap((text) => [...sql.kinds(text)]);
  const worst = kinds.find((kind) => HARMFUL.includes(kind));
  if (worst !== undefined) {
    const name = worst
      .replace(/Stmt$/, '')
      .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
      .toLowerCase();
    return verdict(
      'destructive',
      `the hook runs "${name}" on the target at each run: rows that are there may change or go`,
      'rows',
    );
  }
  if (fresh.length > 0 && kinds.every((kind) => HARMLESS.has(kind))) {
    return verdict('additive', 'the hook runs on the target at each run; it changes no row');
  }
  return fresh.length === 0
    ? verdict(
        're-transform',
        'what the hook did to the target is not done any more: rows to come lack it',
        'none',
      )
    : verdict(
        're-transform',
        'the hook runs on the target at each run, and may change rows: read its SQL',
        'none',
      );
}
