import type { PgType } from '../../contract/catalogue.js';
import type { CompiledMapping } from '../../contract/compiled.js';
import type { RuleSpec } from '../../contract/mapping.js';
import type { RuleDefinition } from '../../contract/rule.js';
import { Refusal, shown } from './refusal.js';
import type { Row } from './row.js';
import { spelling } from './spelling.js';

/** A rule over all rows of a mapping, as far as one row can tell: what it must not share with another. */
export interface UniqueTest {
  readonly rule: RuleSpec;
  /** Indices into the mapping's columns. */
  readonly columns: readonly number[];
  /** The one text of all values that are equal in these columns; null where nothing equals them. */
  identity(values: readonly (string | null)[]): string | null;
  /** The same of the last row made. */
  of(row: Row): string | null;
  /** Why the last row made cannot stay beside another. */
  refusal(row: Row): Refusal;
}

/** The mapping's `unique` rules. */
export function uniqueTests(
  compiled: CompiledMapping,
  definitions: ReadonlyMap<string, RuleDefinition>,
  value: (row: Row, column: number) => string | null,
  sensitive: ReadonlySet<string>,
): readonly UniqueTest[] {
  return compiled.rules.flatMap(({ rule, test }): readonly UniqueTest[] => {
    if (test.kind !== 'unique' || rule.test.kind !== 'rule') return [];
    const canonical = definitions.get(rule.test.rule)?.identity?.(rule.test.argument, test.types);
    if (canonical === undefined) throw new Error(`no rule is named ${rule.name}`);
    const { columns } = test;
    const targets = columns.flatMap((index) => compiled.columns[index]?.column ?? []);
    const spelled = targets.map(({ type }) => spellingOf(type));
    const identity = (values: readonly (string | null)[]): string | null =>
      canonical(values.map((text, n) => (text === null ? null : (spelled[n]?.(text) ?? text))));
    const made = (row: Row): readonly (string | null)[] => columns.map((index) => value(row, index));
    const hidden = targets.some(({ name }) => sensitive.has(name));
    const column = targets.length === 1 ? (targets[0]?.name ?? null) : null;
    const refusal = (row: Row): Refusal => {
      const values = made(row);
      const text = values.length === 1 ? (values[0] ?? '') : JSON.stringify(values);
      const reason = `another row of the mapping has ${shown(text)}`;
      const severity = rule.severity === 'fail' ? 'fail' : 'reject';
      const found = new Refusal(column, rule.name, reason, text, rule.at, severity);
      return hidden ? found.masked() : found;
    };
    return [{ rule, columns, identity, of: (row) => identity(made(row)), refusal }];
  });
}

/** As {@link spelling}; of types that call more texts equal than their base, too. */
function spellingOf(type: PgType): ((value: string) => string) | null {
  if (type.domainOf !== null) return spellingOf(type.domainOf);
  if (type.name === 'citext') return (value) => value.toLowerCase();
  if (type.name === 'float4') return (value) => single(value);
  return spelling(type);
}

/** A double as the nearest of 32 bits, which is what the column keeps. */
function single(value: string): string {
  const number = Number(value);
  return Number.isFinite(number) ? String(Math.fround(number)) : value;
}
