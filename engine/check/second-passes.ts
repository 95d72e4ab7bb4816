import type { Reject } from '../contract/batch.js';
import type { CompiledColumn, CompiledMapping } from '../contract/compiled.js';
import type { References } from '../contract/mapping.js';
import { referencesOf, type Reference } from '../contract/references.js';
import type { Session } from '../contract/session.js';
import { sensitiveColumns } from '../compile/program/program.js';
import { missingReference, OUTCOME } from '../compile/program/resolver.js';
import { keysOfWaiting } from '../compile/program/waiting.js';
import type { KeyMap } from '../resolve/key-map.js';
import { partsOfKey } from '../run/read/source-rows.js';
import type { MadeKeys } from './made-keys.js';
import type { PassResult, Waiting } from './pass.js';

/** A mapping whose rows were made, with what came of it. */
export interface Passed {
  readonly compiled: CompiledMapping;
  readonly result: PassResult;
}

/** A way to the rows of one mapping, and the keys that it looks into. */
interface Way extends Reference {
  readonly keys: KeyMap;
  readonly to: CompiledMapping;
}

interface Pending extends Passed {
  readonly column: CompiledColumn;
  readonly resolver: References;
  readonly ways: readonly Way[];
  /** Keys of the rows themselves. */
  readonly own: KeyMap;
  readonly hasDefault: boolean;
  rows: readonly Waiting[];
}

/** A way that a row asks, with the key that it asks for. */
interface Asked {
  readonly way: Way;
  readonly key: string;
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
  /** Is told of rows that wait in vain. */
  onReject: (mapping: string, reject: Reject) => void = () => undefined,
): Promise<void> {
  const pending: Pending[] = [];
  for (const one of passed) {
    for (const column of one.compiled.columns) {
      const found = await pendingOf(one, column, { all, keys, readerOf });
      if (found !== null) pending.push(found);
    }
  }
  for (let again = true; again;) {
    again = false;
    for (const one of pending) {
      if (
        rejectMissing(one, keys, (reject) => {
          onReject(one.compiled.mapping.name, reject);
        })
      )
        again = true;
    }
  }
  for (const one of pending) {
    for (const waiting of one.rows) {
      const asked = askedBy(one, waiting);
      const found = asked.find(({ way, key }) => way.keys.get(key) !== undefined);
      const missing = one.hasDefault ? OUTCOME.defaulted : OUTCOME.missing;
      const mapping = found?.way.to.mapping.name ?? countedWith(one, asked);
      one.result.tally.reference(
        one.column.column.name,
        mapping,
        found === undefined ? missing : OUTCOME.resolved,
      );
    }
  }
}

interface Surroundings {
  readonly all: ReadonlyMap<string, CompiledMapping>;
  readonly keys: MadeKeys;
  readonly readerOf: (mapping: string) => Session;
}

async function pendingOf(
  passed: Passed,
  column: CompiledColumn,
  { all, keys, readerOf }: Surroundings,
): Promise<Pending | null> {
  const { compiled, result } = passed;
  const { name } = column.column;
  const rows = result.waiting.filter((one) => one.column === name);
  const resolver = column.make.kind === 'value' ? column.make.spec.resolver : null;
  if (column.make.kind !== 'value' || resolver?.kind !== 'references' || rows.length === 0) return null;
  const ways: Way[] = [];
  for (const reference of referencesOf(compiled)) {
    const to = all.get(reference.parent.mapping.value);
    if (reference.column.name !== name || to === undefined) continue;
    ways.push({ ...reference, to, keys: await keys.referenced(reference, readerOf(to.mapping.name)) });
  }
  const hasDefault = column.make.spec.default !== null;
  return { ...passed, column, resolver, ways, own: await keys.of(compiled), hasDefault, rows };
}

const askedBy = ({ ways }: Pending, { reference }: Waiting): readonly Asked[] => {
  const keys = keysOfWaiting(reference, ways.length);
  return ways.flatMap((way, n) => {
    const key = keys[n] ?? null;
    return key === null ? [] : [{ way, key }];
  });
};

/** The mapping with which a row is counted that refers to none: that of a switch; else the column's first. */
const countedWith = ({ resolver }: Pending, [first]: readonly Asked[]): string | undefined =>
  resolver.switch === null ? undefined : first?.way.to.mapping.name;

/** @returns whether a row was rejected */
function rejectMissing(one: Pending, keys: MadeKeys, onReject: (reject: Reject) => void): boolean {
  const { resolver, compiled, result, hasDefault } = one;
  if (resolver.missing === 'null' || hasDefault) return false;
  const isLost = (waiting: Waiting): boolean =>
    askedBy(one, waiting).every(({ way, key }) => way.keys.get(key) === undefined);
  const lost = one.rows.filter(isLost);
  if (lost.length === 0) return false;
  one.rows = one.rows.filter((waiting) => !isLost(waiting));
  const { name } = one.column.column;
  const isSensitive = sensitiveColumns(compiled).has(name);
  for (const waiting of lost) {
    const { key } = waiting;
    const asked = askedBy(one, waiting);
    const whole = missingReference(resolver, name, valuesIn(asked), parentsOf(asked), keys.rejected);
    const { rule, reason, value, at, because } = isSensitive ? whole.masked() : whole;
    result.tally.inserted--;
    result.tally.reference(name, countedWith(one, asked), OUTCOME.missing);
    const reject: Reject = {
      key,
      column: name,
      rule,
      sqlstate: null,
      reason,
      value,
      row: null,
      at,
      because: because?.first ?? null,
    };
    result.tally.reject(reject);
    one.own.delete(key);
    const parent = because?.parent ?? null;
    keys.rejected
      .get(compiled.mapping.name)
      ?.add(key, { mapping: compiled.mapping.name, column: name, rule, parent });
    onReject(reject);
  }
  return true;
}

const parentsOf = (asked: readonly Asked[]): Parameters<typeof missingReference>[3] =>
  asked.map(({ way: { parent }, key }) => ({ parent, key }));

/** The reference's values as its key has them. */
function valuesIn([first]: readonly Asked[]): readonly string[] {
  if (first === undefined) return [];
  return first.way.parent.by === null ? partsOfKey(first.way.to, first.key) : [first.key];
}
