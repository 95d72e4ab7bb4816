import type { RuleDefinition } from '../../engine/contract/rule.js';
import { LANGUAGE_RULES } from '../../engine/mapping/spec/names.js';
import { RULES } from '../../validators/index.js';
import { argumentText } from './argument.js';
import { code, page } from './markdown.js';

/** Written for people; what a rule's own registry entry does not hold. */
const USES: Readonly<Record<string, string>> = {
  not_null: 'not_null: [name, email]',
  accepted_values: 'accepted_values: { column: status, values: [open, paid] }',
  range: 'range: { column: total, min: 0 }',
  length: 'length: { column: code, min: 2, max: 8 }',
  compare: "compare: { left: discount, op: '<=', right: subtotal }",
};

/** Every row rule with its argument. */
export function rulesPage(): string {
  const later = LANGUAGE_RULES.filter((name) => name !== 'sql' && !RULES.has(name)).map(code);
  return page([
    '# Rules',
    'A rule is decided on the mapped values of each row, before it is loaded. Beside the rule may stand ' +
      '`severity`: `reject` (default: the row is not loaded), `warn` (it is loaded, and counted under the rule) or ' +
      '`fail` (the run stops), and `name`, under which rejects and warnings are counted. Null satisfies every rule ' +
      'but `not_null`, as in SQL’s CHECK.',
    later.length === 0 ? '' : `Part of the language, not carried out yet: ${later.join(', ')}.`,
    ...[...RULES.values()].flatMap(ruleText),
    '## sql',
    'A condition in the source’s SQL over the source row, evaluated by the source itself. False rejects; null and ' +
      'true hold.',
    useText('sql: updated >= created\n  name: updated after it was created\n  severity: warn'),
  ]);
}

function ruleText({ name, summary, argument }: RuleDefinition): readonly string[] {
  const use = USES[name];
  return [`## ${name}`, summary, ...argumentText(argument), use === undefined ? '' : useText(use)];
}

const useText = (use: string): string =>
  ['```yaml', 'rules:', `  - ${use.replaceAll('\n', '\n  ')}`, '```'].join('\n');
