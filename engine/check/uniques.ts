import type { CompiledMapping } from '../contract/compiled.js';
import type { DatabaseRefusal } from '../contract/batch.js';
import type { BaseType } from '../contract/value.js';
import type { ConstraintFacts } from '../postgres/constraint-facts.js';
import { canonicalKey } from '../resolve/key-map.js';
import { isPlainUnique } from './question.js';

/** A unique index over bare columns of the target, all of which the mapping fills. */
export interface PlainUnique {
  readonly name: string;
  /** Places among the mapping's columns. */
  readonly fields: readonly number[];
  readonly columns: readonly string[];
  readonly types: readonly BaseType[];
  readonly nullsDistinct: boolean;
  /** Texts that the type takes for equal are made equal. */
  readonly fold: readonly ((text: string) => string)[];
}

const same = (text: string): string => text;

/** The unique indexes by which rows of the mapping could stand in each other's way. */
export function plainUniques(
  compiled: CompiledMapping,
  { uniques }: ConstraintFacts,
): readonly PlainUnique[] {
  const places = new Map(compiled.columns.map(({ column }, n) => [column.name, n]));
  return uniques.flatMap((unique): readonly PlainUnique[] => {
    if (!isPlainUnique(unique) || !unique.columns.every((name) => places.has(name))) return [];
    if (cannotRepeat(compiled, unique.columns)) return [];
    const types = unique.columns.map((name) => compiled.columns[places.get(name) ?? 0]?.column.type);
    return [
      {
        name: unique.names[0] ?? '',
        fields: unique.columns.map((name) => places.get(name) ?? 0),
        columns: unique.columns,
        types: types.map((type) => type?.base ?? 'text'),
        nullsDistinct: unique.nullsDistinct,
        fold: types.map((type) =>
          type?.name === 'citext'
            ? (text) => text.toLowerCase()
            : type?.name === 'bpchar'
              ? (text) => text.trimEnd()
              : same,
        ),
      },
    ];
  });
}

/** No two rows of the mapping can be equal in these columns: made ids, or the source key. */
function cannotRepeat(
  { identity, found, targetKey, columns }: CompiledMapping,
  names: readonly string[],
): boolean {
  const made = identity !== null && identity.strategy !== 'mapped' && names.includes(identity.column.name);
  const keyed =
    found === 'target' &&
    targetKey.length > 0 &&
    targetKey.every((index) => names.includes(columns[index]?.column.name ?? ''));
  return made || keyed;
}

/** Values that a unique index has seen: the first row keeps them, as in the target. */
export class SeenValues {
  /** Value → the target key of the row that has it, '' where that is not known. */
  private readonly seen = new Map<string, string>();

  /** A row that stands in the target already. */
  seed(value: string, owner: string): void {
    this.seen.set(value, owner);
  }

  /** @returns whether another row has the value */
  isTaken(value: string, owner: string | null): boolean {
    const by = this.seen.get(value);
    if (by === undefined) this.seen.set(value, owner ?? '');
    return by !== undefined && (owner === null || by !== owner);
  }
}

/** A row's value as one text; null where a null keeps it out of the index. */
export function uniqueValue(unique: PlainUnique, values: readonly (string | null)[]): string | null {
  const own = unique.fields.map((field) => values[field] ?? null);
  if (own.includes(null)) return unique.nullsDistinct ? null : JSON.stringify(own);
  const texts = own.map((text, n) => unique.fold[n]?.(text ?? '') ?? '');
  return canonicalKey(texts, unique.types);
}

/** As the target would refuse it. */
export function duplicateRefusal(
  name: string,
  columns: readonly string[],
  shown: readonly (string | null)[],
): DatabaseRefusal {
  const [column = null, second] = columns;
  return {
    sqlstate: '23505',
    reason: `another row has the same value of ${name} (${columns.join(', ')})=(${shown.map((one) => one ?? 'null').join(', ')})`,
    column: second === undefined ? column : null,
    constraint: name,
  };
}
