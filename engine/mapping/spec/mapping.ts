import { list, text, threshold, word } from '../forms.js';
import { key, keys, required } from '../keys.js';
import type { ReadOf } from '../keys.js';
import { rule } from '../rules.js';
import { CHECK } from './check.js';
import { COLUMNS } from './column.js';
import { MAPPING_HOOKS } from './hooks.js';
import { LOOKUPS } from './lookup.js';
import { SOURCE } from './source.js';
import { TARGET } from './target.js';

/** A mapping file. */
export const MAPPING = keys('a mapping', {
  description: key(text(), 'One sentence: what the rows are.', { example: 'Doctors who send patients' }),
  phase: key(text('a phase'), 'One of the phases of etl.yaml; needed where it declares some.', {
    example: 'core',
  }),
  tags: key(list(text('a tag')), 'Names to select mappings by.', { example: ['high-volume'] }),
  depends_on: key(list(text('a mapping')), 'Mappings that must be loaded before this one.', {
    example: ['languages'],
  }),
  source: required(SOURCE, 'What is read.', { example: { table: 'client', key: 'id' } }),
  target: required(TARGET, 'What is loaded.', {
    example: { table: 'customers', key: 'legacy_id', identity: 'id' },
  }),
  columns: required(COLUMNS, 'Target column → where its value comes from.', {
    example: { legacy_id: 'id', email: { from: 'email', steps: ['trim', 'lower'] } },
  }),
  lookups: key(LOOKUPS, "Tables of values of this mapping; they go before the project's.", {
    example: { states: { file: 'lookups/states.csv', key: 'code', value: 'name' } },
  }),
  rules: key(list(rule), 'Conditions on each row before it is loaded.', {
    example: [{ not_null: ['title'] }, { range: { column: 'price', min: 0 }, severity: 'warn' }],
  }),
  checks: key(
    list(CHECK),
    'Comparisons after the last mapping of the run, beside row_count and references.',
    {
      example: [{ sum: 'price' }, 'content'],
    },
  ),
  hooks: key(MAPPING_HOOKS, 'SQL on the target before and after the mapping.', {
    example: { after: 'refresh materialized view totals' },
  }),
  max_rejects: key(threshold, 'Rejected rows that the verdict at the end allows.', {
    default: '1%',
    example: '2%',
  }),
  stop_at: key(threshold, 'Rejected rows at which the run stops at once.', { default: '10%', example: 1000 }),
  deleted_rows: key(
    word({
      report: {
        doc: 'They are counted and named (default); a run that reads only changes looks for them where this stands.',
      },
      delete: { doc: 'They are deleted after all loads, but for those that other rows refer to.' },
    }),
    'What happens to loaded rows whose source row is gone.',
    { default: 'report' },
  ),
});

export type RawMapping = ReadOf<typeof MAPPING>;
