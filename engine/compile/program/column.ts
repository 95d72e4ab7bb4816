import type { Check, CompiledColumn } from '../../contract/compiled.js';
import type { ColumnSpec } from '../../contract/mapping.js';
import type { Position } from '../../contract/problem.js';
import { Failure } from '../../contract/step.js';
import { checkFunction, sureBytes, type CheckFunction } from './checks.js';
import { Memo } from './memo.js';
import { watched } from './observer.js';
import { fieldValue, originValue } from './origin.js';
import type { ColumnWriter, ProgramParts } from './parts.js';
import { referenceWriter } from './reference.js';
import { Refusal, encodingRefusal } from './refusal.js';
import { resolvedIn } from './resolver.js';
import type { Resolved } from './refusal.js';
import type { Row } from './row.js';

/** Runs all checks one after the other. */
function checkAll(
  checks: readonly Check[],
  column: string,
  at: Position,
): (value: string) => string | Refusal {
  const found = checks.flatMap((check) => {
    const made = checkFunction(check);
    return made === null ? [] : [made];
  });
  const [only] = found;
  if (only === undefined) return (value) => value;
  const one = (made: { rule: string; run: CheckFunction }, value: string): string | Refusal => {
    const result = made.run(value);
    return result instanceof Failure ? new Refusal(column, made.rule, result.reason, value, at) : result;
  };
  if (found.length === 1) return (value) => one(only, value);
  return (value) => {
    let now: string = value;
    for (const made of found) {
      const result = one(made, now);
      if (result instanceof Refusal) return result;
      now = result;
    }
    return now;
  };
}

const isNotNull = (checks: readonly Check[]): boolean => checks.some((check) => check.kind === 'not_null');

const nullRefusal = (column: string, at: Position, value: string | null): Refusal =>
  new Refusal(column, 'not_null', 'the column cannot be null', value, at);

/** A column whose bytes go through as they came. */
function bytesWriter(
  { compiled, observer }: ProgramParts,
  column: CompiledColumn,
  index: number,
  { field, checks }: Extract<CompiledColumn['make'], { kind: 'bytes' }>,
): ColumnWriter {
  const { name } = column.column;
  const { at } = column;
  const notNull = isNotNull(checks);
  const sure = sureBytes(checks);
  const check = checkAll(checks, name, at);
  const read = fieldValue(compiled.fields, field);
  const writer: ColumnWriter = (row, out) => {
    const start = row.starts[field] ?? 0;
    const end = row.ends[field] ?? 0;
    if (row.isNull(field)) {
      if (notNull) return nullRefusal(name, at, null);
    } else if (end - start > sure) {
      const result = check(row.text(field) ?? '');
      if (result instanceof Refusal) return result;
    }
    out.copy(row.buffer, start, end);
    return null;
  };
  return watched(observer, writer, (o, _, row) => {
    o.origin(index, [read(row)]);
  });
}

/** The value of a column that is made: origin → steps. */
function stepped(
  parts: ProgramParts,
  column: CompiledColumn,
  spec: ColumnSpec,
  index: number,
): (row: Row) => Resolved {
  const { compiled, facts, steps, observer } = parts;
  const { name } = column.column;
  const make = column.make;
  if (make.kind !== 'value') throw new Error(`column ${name} is not made by value`);
  const several =
    make.origin.kind === 'fields' ? make.origin.fields.map((f) => fieldValue(compiled.fields, f)) : [];
  const [firstStep] = spec.steps;
  const first = firstStep === undefined ? undefined : steps.get(firstStep.name);
  const origin = originValue(make.origin, compiled.fields, compiled.key, facts);
  let value: (row: Row) => Resolved = watched(observer, origin, (o, given) => {
    o.origin(index, [given]);
  });
  let rest = spec.steps;
  if (first?.kind === 'several' && firstStep !== undefined) {
    const run = first.make(firstStep.argument);
    const join = (row: Row): Resolved => {
      const values = several.map((read) => read(row));
      const result = run(values);
      if (!(result instanceof Failure)) return result;
      return new Refusal(name, firstStep.name, result.reason, JSON.stringify(values), firstStep.at);
    };
    value = watched(observer, join, (o, result, row) => {
      o.origin(
        index,
        several.map((read) => read(row)),
      );
      o.step(index, firstStep, result);
    });
    rest = rest.slice(1);
  }
  for (const use of rest) {
    const definition = steps.get(use.name);
    if (definition === undefined) throw new Error(`no step is named ${use.name}`);
    const before = value;
    const run: (value: string | null) => string | null | Failure =
      definition.kind === 'several'
        ? (
            (several) => (v: string | null) =>
              several([v])
          )(definition.make(use.argument))
        : definition.kind === 'nulls'
          ? definition.make(use.argument)
          : ((one) => (v: string | null) => (v === null ? null : one(v)))(definition.make(use.argument));
    const after = (row: Row): Resolved => {
      const given = before(row);
      if (given instanceof Refusal) return given;
      const result = run(given);
      return result instanceof Failure ? new Refusal(name, use.name, result.reason, given, use.at) : result;
    };
    value = watched(observer, after, (o, result) => {
      o.step(index, use, result);
    });
  }
  return value;
}

/** A value after `map` or `lookup`. */
function resolved(
  parts: ProgramParts,
  column: CompiledColumn,
  spec: ColumnSpec,
  index: number,
): (row: Row) => Resolved {
  const before = stepped(parts, column, spec, index);
  const { resolver } = spec;
  const { name } = column.column;
  if (resolver === null || resolver.kind === 'references') return before;
  const from = column.make.kind === 'value' ? (column.make.keyTypes[0] ?? 'text') : 'text';
  const table = parts.lookups.get(name);
  if (resolver.kind === 'lookup' && table === undefined) throw new Error(`no look-up for ${name}`);
  const run = resolvedIn(resolver, { column: name, index, from, table, observer: parts.observer });
  return (row) => {
    const value = before(row);
    return value === null || value instanceof Refusal ? value : run(value);
  };
}

/** A column that is made: origin → steps → resolver → default → the catalogue's checks. */
function valueWriter(parts: ProgramParts, column: CompiledColumn, index: number): ColumnWriter {
  const { make, at } = column;
  const { name } = column.column;
  if (make.kind !== 'value') throw new Error(`column ${name} is not made by value`);
  const value = resolved(parts, column, make.spec, index);
  const fallback = make.spec.default?.value;
  const standIn = watched(
    parts.observer,
    () => (fallback === undefined || fallback.type === 'null' ? null : fallback.text),
    (o, text) => {
      if (text !== null) o.defaulted(index);
    },
  );
  const check = checkAll(make.checks, name, at);
  const notNull = isNotNull(make.checks);
  const { values } = parts;
  return (row, out) => {
    let made = value(row);
    if (made === null && fallback !== undefined) made = standIn();
    if (made instanceof Refusal) return made;
    if (made === null) {
      values[index] = null;
      if (notNull) return nullRefusal(name, at, null);
      out.null();
      return null;
    }
    const checked = check(made);
    if (checked instanceof Refusal) return checked;
    values[index] = checked;
    return out.text(checked) ? null : encodingRefusal(name, at, checked);
  };
}

/** Remembers what short values of a field became: nothing but the field decides it. */
function remembered(parts: ProgramParts, index: number, field: number, writer: ColumnWriter): ColumnWriter {
  const memo = new Memo();
  const { values } = parts;
  return (row, out) => {
    const slot = memo.slot(row.buffer, row.starts[field] ?? 0, row.ends[field] ?? 0);
    if (slot === -1) return writer(row, out);
    const known = memo.get(slot);
    if (known !== undefined) {
      values[index] = known.value;
      out.copy(known.bytes, 0, known.bytes.length);
      return null;
    }
    const from = out.length;
    const refusal = writer(row, out);
    if (refusal === null) memo.set(slot, { bytes: out.since(from), value: values[index] ?? null });
    return refusal;
  };
}

/** A column whose only step can work on bytes, where nobody asks for the text. */
function directWriter(parts: ProgramParts, column: CompiledColumn, index: number): ColumnWriter | null {
  const { make } = column;
  if (
    parts.observer !== null ||
    make.kind !== 'value' ||
    parts.valued.has(index) ||
    make.checks.some((c) => c.kind !== 'not_null')
  ) {
    return null;
  }
  const { steps, resolver } = make.spec;
  const [use, second] = steps;
  const [field, other] = make.origin.kind === 'fields' ? make.origin.fields : [];
  if (use === undefined || second !== undefined || resolver !== null) return null;
  if (field === undefined || other !== undefined || parts.compiled.fields[field]?.type.base === 'boolean')
    return null;
  const definition = parts.steps.get(use.name);
  if (definition?.kind !== 'value' || definition.direct === undefined) return null;
  const direct = definition.direct(use.argument);
  const slow = valueWriter(parts, column, index);
  return (row, out) =>
    out.direct(direct, row.buffer, row.starts[field] ?? 0, row.ends[field] ?? 0) ? null : slow(row, out);
}

/** The writer of one column. */
export function columnWriter(parts: ProgramParts, index: number): ColumnWriter {
  const column = parts.compiled.columns[index];
  if (column === undefined) throw new Error(`no column ${String(index)}`);
  const { make } = column;
  switch (make.kind) {
    case 'bytes':
      return bytesWriter(parts, column, index, make);
    case 'identity':
      return (row, out) => {
        if (Number.isNaN(row.idNumber)) out.text(row.id);
        else out.integer(row.idNumber);
        return null;
      };
    case 'value': {
      if (make.spec.resolver?.kind === 'references') {
        return referenceWriter(parts, column, index, stepped(parts, column, make.spec, index));
      }
      const direct = directWriter(parts, column, index);
      if (direct !== null) return direct;
      const writer = valueWriter(parts, column, index);
      const [field, second] = make.origin.kind === 'fields' ? make.origin.fields : [];
      const isOne = field !== undefined && second === undefined;
      // What is remembered is not made, and nobody could watch it.
      return isOne && parts.observer === null ? remembered(parts, index, field, writer) : writer;
    }
  }
}
