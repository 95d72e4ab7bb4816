import type { RuleDefinition } from '../../engine/contract/rule.js';
import { RULES } from '../../validators/index.js';
import { argumentText } from './argument.js';
import { page } from './markdown.js';

/** Written for people; what a rule's own registry entry does not hold. */
const USES: Readonly<Record<string, string>> = {
  not_null: 'not_null: [name, email]',
  accepted_values: 'accepted_values: { column: status, values: [open, paid] }',
  range: 'range: { column: total, min: 0 }',
  length: 'length: { column: code, min: 2, max: 8 }',
  pattern: "pattern: { column: code, matches: '^[A-Z]{2}-[0-9]+$' }",
  unique: 'unique: [email]',
  compare: "compare: { left: discount, op: '<=', right: subtotal }",
};

const UNIQUE: readonly string[] = [
  '- It is decided last: a row that a step, another rule or the target’s types reject holds no value. One that only ' +
    'the database refuses (a foreign key, a trigger) does, for this run: the next row of that value is rejected, too.\n' +
    '- Rows are told apart by 128 bits of a SHA-256 in memory: 27 to 53 bytes a row and rule. Rows come in one key range.\n' +
    '- Into a table that has rows of the mapping already, all source rows are read and made once before the load, so that ' +
    'it is known which values the run will change: rows may exchange their values. A row that the run leaves as it is ' +
    'keeps its value, whatever its key; of those that want a new one the lowest source key gets it; one that gets none ' +
    'keeps what it has in the target. A row whose source row is gone keeps its value until it is deleted.\n' +
    '- Delta runs read everything, for every row may be concerned. A run with `--limit` or a replay compares its rows with ' +
    'each other and with what stands in the target.\n' +
    '- Not for columns that the engine makes (identity, `generate`), that a second pass fills, or of types that it cannot ' +
    'tell apart (JSON, arrays, intervals): `ETL-BIND-018`. `char(n)` compares without its padding, `citext` in lower case; ' +
    'collations that call other texts equal are left to a unique constraint of the target.',
];

/** Every row rule with its argument. */
export function rulesPage(): string {
  return page([
    '# Rules',
    'A rule is decided on the mapped values of each row, before it is loaded. Beside the rule may stand ' +
      '`severity`: `reject` (default: the row is not loaded), `warn` (it is loaded, and counted under the rule) or ' +
      '`fail` (the run stops), and `name`, under which rejects and warnings are counted. Null satisfies every rule ' +
      'but `not_null`, as in SQL’s CHECK.',
    ...[...RULES.values()].flatMap(ruleText),
    '## sql',
    'A condition in the source’s SQL over the source row, evaluated by the source itself. False rejects; null and ' +
      'true hold.',
    useText('sql: updated >= created\n  name: updated after it was created\n  severity: warn'),
  ]);
}

function ruleText({ name, summary, argument }: RuleDefinition): readonly string[] {
  const use = USES[name];
  const more = name === 'unique' ? UNIQUE : [];
  return [`## ${name}`, summary, ...argumentText(argument), use === undefined ? '' : useText(use), ...more];
}

const useText = (use: string): string =>
  ['```yaml', 'rules:', `  - ${use.replaceAll('\n', '\n  ')}`, '```'].join('\n');
