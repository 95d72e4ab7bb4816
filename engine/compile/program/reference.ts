import type { CompiledColumn } from '../../contract/compiled.js';
import { BatchedKeyMap } from '../../resolve/batched-key-map.js';
import { IntegerKeyMap } from '../../resolve/integer-key-map.js';
import type { ColumnWriter, ProgramParts } from './parts.js';
import { watched } from './observer.js';
import { fieldValue } from './origin.js';
import { Refusal, encodingRefusal } from './refusal.js';
import { OUTCOME, missingCase, missingReference } from './resolver.js';
import type { Resolved } from './refusal.js';
import { canonicalKey } from '../../resolve/key-map.js';
import { TextKeyMap } from '../../resolve/text-key-map.js';
import { WordKeyMap } from '../../resolve/word-key-map.js';
import type { Row } from './row.js';
import { waitingKey } from './waiting.js';
import { switchReader, waysOf, type Switched, type Way } from './ways.js';

/**
 * A column that holds the key of another mapping's row. `parts.outcomes` says what became of it; a row that a second
 * pass completes leaves its key in `parts.pending`.
 */
export function referenceWriter(
  parts: ProgramParts,
  column: CompiledColumn,
  index: number,
  value: (row: Row) => Resolved,
): ColumnWriter {
  const { make, at } = column;
  const { name } = column.column;
  if (make.kind !== 'value' || make.spec.resolver?.kind !== 'references') {
    throw new Error(`column ${name} is no reference`);
  }
  const { resolver, default: fallback } = make.spec;
  const { origin } = make;
  const { outcomes, pending, values } = parts;
  const valued = parts.valued.has(index);
  const ways = waysOf(parts, column, index);
  const [first] = ways;
  if (first === undefined) throw new Error(`column ${name} refers to nothing`);
  const holder = ways.find(({ own }) => own !== null)?.own ?? null;
  const switched = switchReader(parts, column, ways);
  const notNull = make.checks.some((check) => check.kind === 'not_null') || column.column.notNull;
  const read = valuesReader(parts, make, index, value);
  wantKeys(parts, ways, switched, read);

  const put = (out: Parameters<ColumnWriter>[1], found: string | null): Refusal | null => {
    values[index] = found;
    if (found !== null) {
      if (!out.text(found)) return encodingRefusal(name, at, found);
    } else if (notNull)
      return new Refusal(name, 'not_null', 'the reference is null, the column cannot be', null, at);
    else out.null();
    return null;
  };

  const slow: ColumnWriter = (row, out) => {
    const given = read(row);
    if (given instanceof Refusal) return given;
    const chosen = given === null ? null : switched === null ? ways : switched(row);
    const asked = chosen === null || 'unknown' in chosen ? NONE : chosen;
    for (const way of given === null ? NONE : asked) {
      const found = given === null ? undefined : way.find(given);
      if (found !== undefined) {
        outcomes[way.slot] = OUTCOME.resolved;
        return put(out, found);
      }
      if (!way.isLate || given === null) continue;
      if (way.own !== null && canonicalKey(given, way.keyTypes) === row.key) {
        outcomes[way.slot] = OUTCOME.resolved;
        return put(out, way.own(row));
      }
      // Whatever a later parent has, this one comes first.
      outcomes[first.slot] = OUTCOME.pending;
      const keys = ways.map((each) => (asked.includes(each) ? canonicalKey(given, each.keyTypes) : null));
      pending.set(name, waitingKey(keys));
      // A column that cannot be null refers to its own row until the other one is there.
      return put(out, notNull && holder !== null ? holder(row) : null);
    }
    const slot = asked.length === 1 ? (asked[0]?.slot ?? first.slot) : first.slot;
    if (fallback !== null && (chosen === null || resolver.missing === 'null')) {
      outcomes[slot] = OUTCOME.defaulted;
      parts.observer?.defaulted(index);
      return put(out, fallback.value.type === 'null' ? null : fallback.value.text);
    }
    if (given === null || chosen === null) {
      outcomes[slot] = OUTCOME.null;
      return put(out, null);
    }
    outcomes[slot] = OUTCOME.missing;
    if (resolver.missing === 'null') return put(out, null);
    if ('unknown' in chosen) return missingCase(resolver, name, chosen.unknown);
    const keys = chosen.map(({ parent, keyTypes }) => ({ parent, key: canonicalKey(given, keyTypes) }));
    return missingReference(resolver, name, given, keys, parts.rejected);
  };

  if (ways.length > 1 || switched !== null || parts.observer !== null) return slow;
  const { map, keyTypes, slot } = first;
  const [field, second] = origin.kind === 'fields' ? origin.fields : [];
  if (field === undefined || second !== undefined || make.spec.steps.length > 0) return slow;
  const type = parts.compiled.fields[field]?.type.base;
  if (keyTypes[0] !== type) return slow;
  if (type === 'integer' && map instanceof IntegerKeyMap) {
    return (row, out) => {
      const key = row.integer(field);
      const found = Number.isNaN(key) ? NaN : map.getNumber(key);
      if (Number.isNaN(found)) return slow(row, out);
      outcomes[slot] = OUTCOME.resolved;
      if (valued) values[index] = String(found);
      out.integer(found);
      return null;
    };
  }
  // Half the time of a look-up by a string made of the same bytes: tests/bench/keys.mjs.
  const isBytes = map instanceof TextKeyMap || map instanceof WordKeyMap;
  if (!isBytes || (type !== 'text' && type !== 'uuid')) return slow;
  return (row, out) => {
    const found = map.getBytes(row.buffer, row.starts[field] ?? 0, row.ends[field] ?? 0);
    if (found === undefined) return slow(row, out);
    outcomes[slot] = OUTCOME.resolved;
    return put(out, found);
  };
}

const NONE: readonly Way[] = [];

type Values = (row: Row) => readonly string[] | null | Refusal;

/** Reads a reference's values; null where one of them is null. */
function valuesReader(
  { compiled, observer }: ProgramParts,
  { origin, spec }: Extract<CompiledColumn['make'], { kind: 'value' }>,
  index: number,
  value: (row: Row) => Resolved,
): Values {
  if (origin.kind === 'fields' && origin.fields.length > 1 && spec.steps.length === 0) {
    const sources = origin.fields.map((field) => fieldValue(compiled.fields, field));
    const readAll = (row: Row): readonly string[] | null => {
      const all = sources.map((source) => source(row));
      const present = all.filter((v) => v !== null);
      return present.length < all.length ? null : present;
    };
    return watched(observer, readAll, (o, _, row) => {
      o.origin(
        index,
        sources.map((source) => source(row)),
      );
    });
  }
  return (row) => {
    const one = value(row);
    return one === null || one instanceof Refusal ? one : [one];
  };
}

/** Says which keys a row names, of the maps that are not in memory. */
function wantKeys(
  { wanted }: ProgramParts,
  ways: readonly Way[],
  switched: ((row: Row) => Switched) | null,
  read: Values,
): void {
  for (const way of ways) {
    const { map, keyTypes } = way;
    if (!(map instanceof BatchedKeyMap)) continue;
    const key = (row: Row): string | null => {
      const chosen = switched === null ? ways : switched(row);
      if (chosen === null || 'unknown' in chosen || !chosen.includes(way)) return null;
      const given = read(row);
      return given === null || given instanceof Refusal ? null : canonicalKey(given, keyTypes);
    };
    wanted.push({ map, key });
  }
}
