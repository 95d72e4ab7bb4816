import type { RuleSpec } from '../contract/mapping.js';
import type { Located } from '../contract/problem.js';
import { ArgumentError } from '../contract/step.js';
import { suggest } from '../contract/suggest.js';
import type { Form, Reading } from './form.js';
import { reportForm } from './form.js';
import { expression, text, word } from './forms.js';
import { key } from './keys.js';
import { didYouMean, errorAt } from './report.js';
import { toJson } from './scalars.js';
import { argumentMismatches, partAt } from './schema.js';
import type { Entry, MapNode } from './tree.js';

const SEVERITY = word({
  reject: { doc: 'The row is not loaded and counts as rejected (default).' },
  warn: { doc: 'The row is loaded and counted under the rule.' },
  fail: { doc: 'The run stops.' },
});

/** What may stand beside a rule. */
export const BESIDE_RULE = {
  severity: key(SEVERITY, 'What happens to a row that fails.', { default: 'reject' }),
  name: key(text('a name'), 'Under which rejects and warnings are counted.'),
};

/** The rule that the source decides; all others stand in the registry. */
export const SQL_RULE = key(expression, "A condition in the source's SQL over the source row.", {
  example: 'updated >= created',
});

/** One rule: a map with exactly one rule in it, and beside it severity and name. */
export const rule: Form<RuleSpec> = {
  shape: { form: 'rule' },
  read: (node, place, reading) => {
    if (node.kind !== 'map') {
      reportForm(node, place, { form: 'rule' }, reading);
      return undefined;
    }
    const others = node.entries.filter(({ key }) => !Object.hasOwn(BESIDE_RULE, key));
    const names = [...ruleNames(reading), ...(reading.unrun === null ? [] : others.map(({ key }) => key))];
    const [first, second] = others.filter(({ key }) => names.includes(key));
    const unknown = others.filter(({ key }) => !names.includes(key));
    for (const { key, keyAt } of unknown) unknownRule({ value: key, at: keyAt }, reading);
    if (second !== undefined || others.length === 0) {
      const message = second === undefined ? 'no rule stands in this item' : 'two rules stand in one item';
      const help = 'write each rule as an item of its own: - not_null: [title]';
      reading.report(errorAt('ETL-RULE-003', second?.keyAt ?? node.at, message, { help }));
    }
    const severity = beside(node, 'severity', BESIDE_RULE.severity.form, reading)?.value ?? 'reject';
    const name = beside(node, 'name', BESIDE_RULE.name.form, reading)?.value;
    const read = first === undefined ? undefined : ruleTest(first, reading);
    if (first === undefined || read === undefined) return undefined;
    return { name: name ?? read.name, severity, test: read.test, at: first.keyAt };
  },
};

function beside<T>(node: MapNode, name: string, form: Form<T>, reading: Reading): T | undefined {
  const entry = node.entries.find(({ key }) => key === name);
  return entry === undefined ? undefined : form.read(entry.value, { name, at: entry.keyAt }, reading);
}

function ruleTest(entry: Entry, reading: Reading): Pick<RuleSpec, 'name' | 'test'> | undefined {
  const { key, keyAt, value } = entry;
  if (key === 'sql') {
    const condition = SQL_RULE.form.read(value, { name: key, at: keyAt }, reading);
    if (condition === undefined) return undefined;
    const line = condition.value.replace(/\s+/g, ' ');
    const name = `sql(${line.length > 40 ? `${line.slice(0, 39)}…` : line})`;
    return { name, test: { kind: 'sql', sql: condition } };
  }
  const definition = reading.rules.get(key);
  if (definition === undefined && reading.unrun !== null) {
    const test = { kind: 'rule', rule: key, argument: toJson(value), version: reading.unrun } as const;
    return { name: `${key}()`, test };
  }
  if (definition === undefined) {
    unknownRule({ value: key, at: keyAt }, reading);
    return undefined;
  }
  const found = argumentMismatches(value, definition, key);
  for (const { at, message, help } of found) reading.report(errorAt('ETL-RULE-002', at, message, { help }));
  if (found.length > 0) return undefined;
  const argument = toJson(value);
  try {
    definition.check?.(argument);
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    const message = `the rule "${key}" cannot use this argument: ${error.message}`;
    reading.report(errorAt('ETL-RULE-004', partAt(value, error) ?? keyAt, message));
    return undefined;
  }
  const name = `${key}(${definition.columns(argument).join(', ')})`;
  const { version } = definition;
  const own = version === undefined ? {} : { version };
  return { name, test: { kind: 'rule', rule: key, argument, ...own } };
}

/** `sql` is decided by the source and stands in no registry. */
const ruleNames = ({ rules }: Pick<Reading, 'rules'>): readonly string[] => [...rules.keys(), 'sql'];

function unknownRule({ value, at }: Located<string>, { rules, report }: Reading): void {
  const known = ruleNames({ rules });
  const help = didYouMean(suggest(value, [...known, ...Object.keys(BESIDE_RULE)]), known);
  report(errorAt('ETL-RULE-001', at, `unknown rule "${value}"`, { label: 'no rule has this name', help }));
}
