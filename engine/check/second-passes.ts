import type { CompiledMapping } from '../contract/compiled.js';
import type { Session } from '../contract/session.js';
import { fieldsOf } from '../compile/program/origin.js';
import { missingReference, OUTCOME } from '../compile/program/resolver.js';
import type { KeyMap } from '../resolve/key-map.js';
import { partsOfKey } from '../run/source-rows.js';
import type { MadeKeys } from './made-keys.js';
import type { PassResult, Waiting } from './pass.js';

/** A mapping whose rows were made, with what came of it. */
export interface Passed {
  readonly compiled: CompiledMapping;
  readonly result: PassResult;
}

interface Pending extends Passed {
  readonly keys: KeyMap;
  readonly own: KeyMap;
  readonly other: CompiledMapping;
  readonly column: string;
  /** Rows that are rejected where the reference is missing; else null, or the default. */
  readonly rejects: boolean;
  rows: readonly Waiting[];
}

/**
 * Decides the references that wait for rows which come later, when all have come. A row that waits in vain is rejected
 * where the mapping says so, and is then missing for the rows that wait for it; rows that had found it before are not
 * counted.
 */
export async function settleWaiting(
  passed: readonly Passed[],
  all: ReadonlyMap<string, CompiledMapping>,
  keys: MadeKeys,
  readerOf: (mapping: string) => Session,
): Promise<void> {
  const pending = await Promise.all(passed.flatMap((one) => pendingOf(one, all, keys, readerOf)));
  for (let again = true; again;) {
    again = false;
    for (const one of pending) if (one.rejects && rejectMissing(one, keys)) again = true;
  }
  for (const one of pending) {
    for (const { reference } of one.rows) {
      const make = one.compiled.columns.find(({ column }) => column.name === one.column)?.make;
      const fallback = make?.kind === 'value' ? make.spec.default : null;
      const missing = fallback === null ? OUTCOME.missing : OUTCOME.defaulted;
      const found = one.keys.get(reference) !== undefined;
      one.result.tally.reference(one.column, found ? OUTCOME.resolved : missing);
    }
  }
}

function pendingOf(
  passed: Passed,
  all: ReadonlyMap<string, CompiledMapping>,
  keys: MadeKeys,
  readerOf: (mapping: string) => Session,
): readonly Promise<Pending>[] {
  const { compiled, result } = passed;
  return compiled.columns.flatMap(({ column, make }) => {
    const resolver = make.kind === 'value' ? make.spec.resolver : null;
    const rows = result.waiting.filter((one) => one.column === column.name);
    const other = resolver?.kind === 'references' ? all.get(resolver.mapping.value) : undefined;
    if (
      make.kind !== 'value' ||
      resolver?.kind !== 'references' ||
      other === undefined ||
      rows.length === 0
    ) {
      return [];
    }
    const rejects = resolver.missing !== 'null' && make.spec.default === null;
    const found = async (): Promise<Pending> => ({
      ...passed,
      keys: await keys.referenced(resolver, readerOf(resolver.mapping.value)),
      own: await keys.of(compiled),
      other,
      column: column.name,
      rejects,
      rows,
    });
    return [found()];
  });
}

/** @returns whether a row was rejected */
function rejectMissing(one: Pending, keys: MadeKeys): boolean {
  const lost = one.rows.filter(({ reference }) => one.keys.get(reference) === undefined);
  if (lost.length === 0) return false;
  one.rows = one.rows.filter(({ reference }) => one.keys.get(reference) !== undefined);
  const { compiled, result, column } = one;
  const make = compiled.columns.find((c) => c.column.name === column)?.make;
  const resolver = make?.kind === 'value' ? make.spec.resolver : null;
  if (make?.kind !== 'value' || resolver?.kind !== 'references') return false;
  const isSensitive = fieldsOf(make.origin).some((field) => compiled.fields[field]?.sensitive === true);
  for (const { key, reference } of lost) {
    const values = resolver.by === null ? partsOfKey(one.other, reference) : [reference];
    const whole = missingReference(resolver, column, values, reference, keys.rejected);
    const refusal = isSensitive ? whole.masked() : whole;
    const { rule, reason, value, at, because } = refusal;
    result.tally.inserted--;
    result.tally.reference(column, OUTCOME.missing);
    result.tally.reject({
      key,
      column,
      rule,
      sqlstate: null,
      reason,
      value,
      row: null,
      at,
      because: because?.first ?? null,
    });
    one.own.delete(key);
    const parent = because?.parent ?? null;
    keys.rejected
      .get(compiled.mapping.name)
      ?.add(key, { mapping: compiled.mapping.name, column, rule, parent });
  }
  return true;
}
