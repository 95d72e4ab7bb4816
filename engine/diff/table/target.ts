import { always, judged, rejectsMore, verdict, type Table } from './verdict.js';

const ANEW =
  'rows loaded before are not found again: they are loaded a second time or refused, and references to them lead elsewhere';

/** What stands under `target:`. */
export const TARGET_TABLE: Table = {
  'a target › connection': always('destructive', 'rows go into another database', 'identity'),
  'a target › table': always(
    'destructive',
    'rows go into another table: those in the old one stay there and are kept up no more, and references lead to the new one',
    'identity',
  ),
  'a target › key': always(
    'identity-changing',
    `rows are found in the target by other columns: ${ANEW}`,
    'identity',
  ),
  'a target › identity': always(
    'identity-changing',
    `references yield another column of the row: ${ANEW}`,
    'identity',
  ),
  'an identity › column': always(
    'identity-changing',
    `references yield another column of the row: ${ANEW}`,
    'identity',
  ),
  'an identity › strategy': always(
    'identity-changing',
    'ids are made in another way: rows to come get other ids than rows already loaded, which keep theirs or are refused, and references to them change',
    'identity',
  ),
  'a target › mode': judged(
    ['destructive', 're-transform', 'additive'],
    'to replace or insert is destructive; from insert to upsert re-transform; from replace to upsert additive',
    ({ before, after }) => {
      if (after === 'replace') {
        return verdict(
          'destructive',
          'the table is emptied at each run before the first batch, of rows that others have made too where --force is given; rows that refer to it go or stand in the way',
          'identity',
        );
      }
      if (after === 'insert') return rejectsMore('rows that exist already');
      return before === 'insert'
        ? verdict('re-transform', 'rows that exist were rejected and are updated from now on', 'value')
        : verdict('additive', 'the table is emptied no more: rows whose source row is gone stay in it');
    },
  ),
  'a target › merge': judged(
    ['additive', 'destructive'],
    'to true is additive; away from it destructive (rows that others have made are rejected)',
    ({ after }) =>
      after === true
        ? verdict(
            'additive',
            'rows that other mappings make are filled by this one, too; they were rejected',
            'rows',
          )
        : rejectsMore('rows that another mapping has made'),
  ),
  'a target › constraints': always(
    'cosmetic',
    'how constraints and indexes stand during the load: the same rows and values',
  ),
  'defaults › constraints': { as: 'a target › constraints' },
  'a target › triggers': always(
    're-transform',
    'the table’s triggers fire during the load, or do not: what they write differs in rows loaded from now on, and rows already loaded keep what they have',
    'value',
  ),
  'defaults › triggers': { as: 'a target › triggers' },
};
