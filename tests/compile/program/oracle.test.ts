import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fieldsOf } from '../../../engine/compile/program/origin.js';
import { rowProgram, type RowProgram } from '../../../engine/compile/program/program.js';
import { Refusal } from '../../../engine/compile/program/refusal.js';
import { OUTCOME } from '../../../engine/compile/program/resolver.js';
import type { CompiledColumn, CompiledMapping } from '../../../engine/contract/compiled.js';
import { canonicalDecimal } from '../../../engine/contract/decimal.js';
import { IntegerKeyMap } from '../../../engine/resolve/integer-key-map.js';
import { canonicalKey, type KeyMap } from '../../../engine/resolve/key-map.js';
import { TextKeyMap } from '../../../engine/resolve/text-key-map.js';
import { ValueMap } from '../../../engine/resolve/value-map.js';
import { STEPS } from '../../../engine/steps/index.js';
import { RULES } from '../../../validators/index.js';
import { noInputs, runProgram, type Written } from '../../support/compiled.js';
import { decodeLine, encodeCopy } from '../../support/copy-text.js';
import { comparableJson } from '../../support/oracle-json.js';
import { truth } from '../../support/oracle-values.js';
import { Refused, interpret, type OracleResult } from '../../support/oracle.js';
import { cases, type Case } from './cases.js';

/** The engine's program, given its tables as a run gives them. */
function programOf({ compiled, tables }: Case): RowProgram {
  const lookups = new Map<string, ValueMap>();
  const keyMaps = new Map<string, readonly KeyMap[]>();
  for (const { column, make } of compiled.columns) {
    if (make.kind !== 'value' || make.spec.resolver === null) continue;
    const entries = tables.get(column.name) ?? [];
    const type = make.reference?.parents[0]?.keyTypes[0] ?? make.keyTypes[0] ?? 'text';
    if (make.spec.resolver.kind === 'lookup') {
      const table = new ValueMap(type);
      for (const { keys, value } of entries) for (const key of keys) table.add(key, value);
      lookups.set(column.name, table);
    } else if (make.spec.resolver.kind === 'references') {
      const map = type === 'integer' ? new IntegerKeyMap() : new TextKeyMap();
      for (const { keys, value } of entries) {
        map.set(
          canonicalKey(
            keys.map(({ text }) => text),
            [type],
          ),
          value ?? '',
        );
      }
      keyMaps.set(column.name, [map]);
    }
  }
  return rowProgram(compiled, { ...noInputs, steps: STEPS, rules: RULES, lookups, keyMaps });
}

/** A value of a column without its spelling. */
function comparable(value: string | null, { column }: CompiledColumn): unknown {
  if (value === null) return null;
  if (column.type.base === 'json') {
    try {
      return comparableJson(value);
    } catch {
      return value;
    }
  }
  if (column.type.base === 'boolean') return truth(value);
  const isNumber = ['integer', 'numeric', 'float'].includes(column.type.base);
  return isNumber ? (canonicalDecimal(value.trim()) ?? value) : value;
}

const rowOf = (values: readonly (string | null)[], { columns }: CompiledMapping): unknown =>
  columns.map((column, n) => [column.column.name, comparable(values[n] ?? null, column)]);

const show = ({ result }: Written, compiled: CompiledMapping): unknown =>
  result instanceof Refusal
    ? { refused: result.column, rule: result.rule, severity: result.severity }
    : rowOf(decodeLine(result), compiled);

const showExpected = ({ result }: OracleResult, compiled: CompiledMapping): unknown =>
  result instanceof Refused
    ? { refused: result.column, rule: result.rule, severity: result.severity }
    : rowOf(result, compiled);

function isSensitive({ fields, columns }: CompiledMapping, name: string | null): boolean {
  const make = columns.find(({ column }) => column.name === name)?.make;
  if (make === undefined || make.kind === 'identity') return false;
  const read = make.kind === 'bytes' ? [make.field] : fieldsOf(make.origin);
  return read.some((index) => fields[index]?.sensitive === true);
}

it('the row program does what the language page says, line by line', () => {
  let rows = 0;
  let loaded = 0;
  fc.assert(
    fc.property(cases, (one) => {
      const { compiled, tables, rows: source } = one;
      const program = programOf(one);
      const lines = encodeCopy(source);
      const inputs = { steps: STEPS, rules: RULES, facts: noInputs.facts, tables };
      const expected = source.map((row) => interpret(compiled, inputs, row));
      const written = runProgram(program, compiled.fields.length, lines);
      expect(written.map((each) => show(each, compiled))).toEqual(
        expected.map((each) => showExpected(each, compiled)),
      );
      expect(written.map(({ warnings }) => warnings.map(({ rule }) => rule))).toEqual(
        expected.map(({ warnings }) => warnings),
      );
      for (const [n, { outcomes }] of expected.entries()) {
        const names = program.references.map(({ column }) => outcomes.get(column) ?? 'none');
        expect(written[n]?.outcomes).toEqual(names.map((name) => OUTCOME[name]));
        const pending = [...outcomes].flatMap(([column, outcome]) => (outcome === 'pending' ? [column] : []));
        expect(written[n]?.pending).toEqual(pending);
      }
      for (const { result, warnings } of written) {
        for (const refusal of result instanceof Refusal ? [result, ...warnings] : warnings) {
          if (isSensitive(compiled, refusal.column)) expect([null, '***']).toContain(refusal.value);
        }
      }
      rows += written.length;
      loaded += written.filter(({ result }) => !(result instanceof Refusal)).length;
    }),
    { numRuns: 2000 },
  );
  // Enough of both: neither all refused nor all plain.
  expect(loaded / rows).toBeGreaterThan(0.15);
  expect(loaded / rows).toBeLessThan(0.85);
});
