import type { CompiledMapping, CompiledRule } from '../../contract/compiled.js';
import type { RuleDefinition } from '../../contract/rule.js';
import { watched, type Observer } from './observer.js';
import { Refusal } from './refusal.js';
import type { Row } from './row.js';
import { spelling } from './spelling.js';

type RuleCheck = (row: Row) => Refusal | null;

/** One rule as a function of the row; null for one that no row decides alone. */
function ruleCheck(
  compiled: CompiledMapping,
  { rule, test }: CompiledRule,
  definitions: ReadonlyMap<string, RuleDefinition>,
  value: (row: Row, column: number) => string | null,
  sensitive: ReadonlySet<string>,
): RuleCheck | null {
  const severity = rule.severity === 'fail' ? 'fail' : 'reject';
  if (test.kind === 'sql') {
    const sql = rule.test.kind === 'sql' ? rule.test.sql.value : '';
    return (row) =>
      row.text(test.field) === 'f'
        ? new Refusal(null, rule.name, `it does not hold: ${sql.trim()}`, null, rule.at, severity)
        : null;
  }
  if (test.kind === 'unique') return null;
  const definition = rule.test.kind === 'rule' ? definitions.get(rule.test.rule) : undefined;
  if (definition === undefined || rule.test.kind !== 'rule') throw new Error(`no rule is named ${rule.name}`);
  const run = definition.make(rule.test.argument, test.types);
  const names = test.columns.map((index) => compiled.columns[index]?.column.name ?? '');
  const column = names.length === 1 ? (names[0] ?? null) : null;
  const hidden = names.some((name) => sensitive.has(name));
  const { columns } = test;
  const spelled = columns.map((index) => spelling(compiled.columns[index]?.column.type ?? null));
  const values: (string | null)[] = columns.map(() => null);
  return (row) => {
    for (let n = 0; n < columns.length; n++) {
      const made = value(row, columns[n] ?? -1);
      values[n] = made === null ? null : (spelled[n]?.(made) ?? made);
    }
    const reason = run(values);
    if (reason === null) return null;
    const shown = values.length === 1 ? (values[0] ?? null) : JSON.stringify(values);
    // Of several columns that must not be null, the first that is names the reject.
    const blamed = column ?? (definition.name === 'not_null' ? (names[values.indexOf(null)] ?? null) : null);
    const refusal = new Refusal(blamed, rule.name, reason, shown, rule.at, severity);
    return hidden ? refusal.masked() : refusal;
  };
}

/** All rules in their order: gives the first refusal, and tells of those that only warn. */
export function ruleRunner(
  compiled: CompiledMapping,
  definitions: ReadonlyMap<string, RuleDefinition>,
  value: (row: Row, column: number) => string | null,
  sensitive: ReadonlySet<string>,
  observer: Observer | null,
): (row: Row, warn: (refusal: Refusal) => void) => Refusal | null {
  const checks = compiled.rules.flatMap((rule) => {
    const check = ruleCheck(compiled, rule, definitions, value, sensitive);
    if (check === null) return [];
    const told = watched(observer, check, (o, refusal) => {
      o.rule(rule.rule, refusal);
    });
    return [{ warns: rule.rule.severity === 'warn', check: told }];
  });
  return (row, warn) => {
    for (const [n, { warns, check }] of checks.entries()) {
      const refusal = check(row);
      if (refusal === null) continue;
      if (!warns) {
        if (observer !== null) for (const left of checks.slice(n + 1)) left.check(row);
        return refusal;
      }
      warn(refusal);
    }
    return null;
  };
}
