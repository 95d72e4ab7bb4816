import { ArgumentError, type StepDefinition } from '../contract/step.js';
import { compilePattern, PatternError, type Pattern } from '../patterns/pattern.js';
import { part, parts, text } from './argument.js';

export const regexReplace: StepDefinition = {
  name: 'regex_replace',
  summary:
    'Replaces every match of a regular expression by `with`: $0 is the match, $1 and ${name} its groups (empty where one took no part), $$ a dollar. The syntax is RE2, without look-around and back references, so that time is linear in the text; it matches anywhere, case counts unless (?i) says otherwise, `.` matches no line break unless (?s) does.',
  argument: parts(
    {
      match: { type: 'string', minLength: 1, description: 'The regular expression.' },
      with: { type: 'string', description: 'What to put in place of each match.' },
    },
    ['match', 'with'],
  ),
  accepts: ['text', 'other', 'integer', 'numeric', 'uuid'],
  output: 'text',
  kind: 'value',
  make: (argument) => {
    const pattern = compile(text(part(argument, 'match'), 'match'));
    const pieces = readTemplate(text(part(argument, 'with'), 'with'), pattern);
    return (value) =>
      pattern.replaceAll(value, (group) =>
        pieces.map((piece) => (typeof piece === 'string' ? piece : (group(piece) ?? ''))).join(''),
      );
  },
  examples: [
    { argument: { match: '[^0-9]+', with: '' }, given: '(212) 555-0123', gives: '2125550123' },
    {
      argument: { match: '^(\\w+), (\\w+)$', with: '$2 $1' },
      given: 'Lovelace, Ada',
      gives: 'Ada Lovelace',
    },
    {
      argument: { match: '(?P<amount>\\d+) USD', with: '$$${amount}' },
      given: '5 USD, 7 USD',
      gives: '$5, $7',
    },
    { argument: { match: 'x', with: 'y' }, given: 'abc', gives: 'abc' },
  ],
};

function compile(expression: string): Pattern {
  try {
    return compilePattern(expression);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new ArgumentError(error.message, 'match');
  }
}

/** Literal texts and numbers of groups. `$12` is group 12. Throws ArgumentError for a group that is not there. */
function readTemplate(template: string, { groups, names }: Pattern): readonly (string | number)[] {
  const pieces = template.split(/(\$(?:\$|[0-9]+|\{[^}]*\})?)/);
  return pieces.map((piece) => {
    if (!piece.startsWith('$')) return piece;
    if (piece === '$$') return '$';
    if (piece === '$')
      throw new ArgumentError('a lone $ in `with`: a dollar is $$, a group $1 or ${name}', 'with');
    const name = piece.startsWith('${') ? piece.slice(2, -1) : piece.slice(1);
    const group = /^[0-9]+$/.test(name) ? Number(name) : (names.get(name) ?? -1);
    if (group >= 0 && group <= groups) return group;
    throw new ArgumentError(
      `${piece} in \`with\`: the expression has no group ${name}; write $$ for a dollar, \${1} before a digit`,
      'with',
    );
  });
}
