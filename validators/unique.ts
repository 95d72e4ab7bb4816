import { canonicalDecimal } from '../engine/contract/decimal.js';
import type { RuleDefinition } from '../engine/contract/rule.js';
import { ArgumentError } from '../engine/contract/step.js';
import type { BaseType, Json } from '../engine/contract/value.js';
import { listed, text } from './argument.js';
import { type Moment, readMoment, readTime } from './moment.js';
import { readFloat } from './numbers.js';

const columns = (argument: Json) => listed(argument).map((column) => text(column, 'a column'));

export const unique: RuleDefinition = {
  name: 'unique',
  summary:
    "No two rows of the mapping have the same values in these columns, compared as the columns' types do; a null equals nothing. Of several rows the one with the lowest source key stays. Rows that are in the target already count with the values that they have there, unless this run changes them.",
  argument: {
    type: 'array',
    items: { type: 'string' },
    minItems: 1,
    description: 'Target columns.',
  },
  columns,
  make: () => () => null,
  identity: (argument, types) => {
    const names = columns(argument);
    const forms = types.map((type, n) => formOf(type, names[n] ?? ''));
    return (values) => {
      const parts: string[] = [];
      for (let n = 0; n < forms.length; n++) {
        const value = values[n] ?? null;
        if (value === null) return null;
        parts.push(forms[n]?.(value) ?? value);
      }
      return parts.length === 1 ? (parts[0] ?? null) : JSON.stringify(parts);
    };
  },
};

type Form = (value: string) => string;

const asIs: Form = (value) => value;
const decimal: Form = (value) => canonicalDecimal(value) ?? value;
/** -0 is 0, and NaN is itself. */
const float: Form = (value) => {
  const found = readFloat(value);
  return found === null ? value : String(found === 0 ? 0 : found);
};
const moment =
  (read: (value: string) => Moment | null): Form =>
  (value) => {
    const found = read(value);
    return found === null ? value : `${String(found.seconds)} ${String(found.micros)}`;
  };

/** The one spelling of all values that a type calls equal. */
const FORMS: ReadonlyMap<BaseType, Form> = new Map<BaseType, Form>([
  ['text', asIs],
  ['integer', decimal],
  ['numeric', decimal],
  ['float', float],
  ['boolean', (value) => (value === 't' ? 'true' : value === 'f' ? 'false' : value)],
  ['uuid', (value) => value.toLowerCase()],
  ['bytea', (value) => value.toLowerCase()],
  ['date', moment((value) => readMoment('date', value))],
  ['timestamp', moment((value) => readMoment('timestamp', value))],
  ['timestamptz', moment((value) => readMoment('timestamptz', value))],
  ['time', moment(readTime)],
]);

function formOf(type: BaseType, column: string): Form {
  const form = FORMS.get(type);
  if (form !== undefined) return form;
  throw new ArgumentError(
    `"${column}" is of a type whose values the engine cannot tell apart; let a unique constraint of the target do it`,
  );
}
