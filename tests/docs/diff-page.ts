import { CHANGE_TABLE } from '../../engine/diff/table/index.js';
import { MEANING, WORST_FIRST } from '../../reports/diff/words.js';
import { code, page, table } from './markdown.js';

/** The class of a change of every key of the language, from the table by which `etl diff` judges. */
export function diffPage(): string {
  return page([
    '# What a change of each key does',
    'How `etl diff` judges, key by key. What it shows and how it is used: [diff.md](diff.md). Keys stand behind the map that ' +
      'holds them, as messages name it; what they mean: [keys.md](keys.md).',
    table(
      ['Class', 'Meaning'],
      WORST_FIRST.map((name) => [`**${name}**`, MEANING[name]]),
    ),
    '## Keys',
    table(
      ['Key', 'Class', 'What decides, what happens'],
      Object.entries(CHANGE_TABLE).map(([key, rule]) =>
        'as' in rule
          ? [code(key), '', `as ${code(rule.as)}`]
          : [code(key), rule.classes.join(', '), rule.doc],
      ),
    ),
  ]);
}
