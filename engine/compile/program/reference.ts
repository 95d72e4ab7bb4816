import type { CompiledColumn } from '../../contract/compiled.js';
import { BatchedKeyMap } from '../../resolve/batched-key-map.js';
import { IntegerKeyMap } from '../../resolve/integer-key-map.js';
import type { ColumnWriter, ProgramParts } from './parts.js';
import { fieldValue } from './origin.js';
import { Refusal, encodingRefusal } from './refusal.js';
import { OUTCOME, keyFinder, missingReference, type Resolved } from './resolver.js';
import { canonicalKey } from '../../resolve/key-map.js';
import { TextKeyMap } from '../../resolve/text-key-map.js';
import { WordKeyMap } from '../../resolve/word-key-map.js';
import type { Row } from './row.js';

/**
 * A column that holds the key of another mapping's row. `parts.outcomes[reference]` says what became of it;
 * a row that a second pass completes leaves its key in `parts.pending`.
 */
export function referenceWriter(
  parts: ProgramParts,
  column: CompiledColumn,
  index: number,
  reference: number,
  value: (row: Row) => Resolved,
): ColumnWriter {
  const { make, at } = column;
  const { name } = column.column;
  const map = parts.keyMaps.get(name);
  if (make.kind !== 'value' || make.spec.resolver?.kind !== 'references' || map === undefined) {
    throw new Error(`column ${name} has no key map`);
  }
  const { resolver, default: fallback } = make.spec;
  const { keyTypes, secondPass, origin } = make;
  const { outcomes, pending, values } = parts;
  const valued = parts.valued.has(index);
  const find = keyFinder(map, keyTypes);
  const isOwn = resolver.mapping.value === parts.compiled.mapping.name && resolver.by === null;
  const own = isOwn && resolver.yields === null ? parts.ownHandle(index) : null;
  const notNull = make.checks.some((check) => check.kind === 'not_null') || column.column.notNull;
  const sources =
    origin.kind === 'fields' && origin.fields.length > 1 && make.spec.steps.length === 0
      ? origin.fields.map((field) => fieldValue(parts.compiled.fields, field))
      : null;

  /** The reference's values, null where one of them is null. */
  const read = (row: Row): readonly string[] | null | Refusal => {
    if (sources !== null) {
      const all = sources.map((source) => source(row));
      const present = all.filter((v) => v !== null);
      return present.length < all.length ? null : present;
    }
    const one = value(row);
    return one === null || one instanceof Refusal ? one : [one];
  };

  if (map instanceof BatchedKeyMap) {
    const key = (row: Row): string | null => {
      const given = read(row);
      return given === null || given instanceof Refusal ? null : canonicalKey(given, keyTypes);
    };
    parts.wanted.push({ map, key });
  }

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
    const found = given === null ? null : find(given);
    if (found !== null && found !== undefined) {
      outcomes[reference] = OUTCOME.resolved;
      return put(out, found);
    }
    if (given !== null && secondPass) {
      const key = canonicalKey(given, keyTypes);
      if (own !== null && key === row.key) {
        outcomes[reference] = OUTCOME.resolved;
        return put(out, own(row));
      }
      outcomes[reference] = OUTCOME.pending;
      pending.set(name, key);
      // A column that cannot be null refers to its own row until the other one is there.
      return put(out, notNull && own !== null ? own(row) : null);
    }
    if (fallback !== null && (given === null || resolver.missing === 'null')) {
      outcomes[reference] = OUTCOME.defaulted;
      return put(out, fallback.value.type === 'null' ? null : fallback.value.text);
    }
    if (given === null) {
      outcomes[reference] = OUTCOME.null;
      return put(out, null);
    }
    outcomes[reference] = OUTCOME.missing;
    if (resolver.missing === 'null') return put(out, null);
    return missingReference(resolver, name, given, canonicalKey(given, keyTypes), parts.rejected);
  };

  const [field, second] = origin.kind === 'fields' ? origin.fields : [];
  if (field === undefined || second !== undefined || make.spec.steps.length > 0) return slow;
  const type = parts.compiled.fields[field]?.type.base;
  if (keyTypes[0] !== type) return slow;
  if (type === 'integer' && map instanceof IntegerKeyMap) {
    return (row, out) => {
      const key = row.integer(field);
      const found = Number.isNaN(key) ? NaN : map.getNumber(key);
      if (Number.isNaN(found)) return slow(row, out);
      outcomes[reference] = OUTCOME.resolved;
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
    outcomes[reference] = OUTCOME.resolved;
    return put(out, found);
  };
}
