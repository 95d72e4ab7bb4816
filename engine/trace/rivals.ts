import type { CompiledMapping } from '../contract/compiled.js';
import { referencesOf } from '../contract/references.js';
import type { BaseType } from '../contract/value.js';
import { passRows, type PassInputs } from '../check/pass.js';
import { mappingNamespace, uuid5 } from '../compile/program/uuid.js';
import type { ConstraintFacts } from '../postgres/constraint-facts.js';
import { isPlainUnique } from '../check/question.js';
import { plainUniques } from '../check/uniques.js';
import { digestOf } from '../resolve/digest-map.js';
import type { KeyMap } from '../resolve/key-map.js';

/** Whether rows of a mapping can stand in each other's way. */
export function canCollide(compiled: CompiledMapping, constraints: ConstraintFacts): boolean {
  const names = new Set(compiled.columns.map(({ column }) => column.name));
  return (
    compiled.rules.some(({ test }) => test.kind === 'unique') ||
    plainUniques(compiled, constraints).length > 0 ||
    constraints.uniques.some((one) => !isPlainUnique(one) && one.columns.every((name) => names.has(name)))
  );
}

/**
 * Finds the rows that have, in what must be unique, a value of one of some rows: all rows of the mapping are read and
 * made once, those of the closure first. References count as the keys that they name.
 * @param whole the mapping over all of its rows
 * @param some the same over the rows that are known
 * @returns canonical keys, those of the known rows left out
 */
export async function rivalsOf(
  inputs: Omit<PassInputs, 'compiled' | 'seams'>,
  whole: CompiledMapping,
  some: CompiledMapping,
): Promise<ReadonlySet<string>> {
  const values = new Set<string>();
  const own = new Set<string>();
  await claimsOf(inputs, some, (key, claims) => {
    own.add(key);
    for (const claim of claims) values.add(claim);
  });
  const rivals = new Set<string>();
  for (let before = -1; values.size > 0 && before < values.size;) {
    before = values.size;
    await claimsOf(inputs, whole, (key, claims) => {
      if (!claims.some((claim) => values.has(claim))) return;
      if (!own.has(key)) rivals.add(key);
      for (const claim of claims) values.add(claim);
    });
  }
  return rivals;
}

/** Makes rows and says of each what it must not share, as short texts. */
async function claimsOf(
  inputs: Omit<PassInputs, 'compiled' | 'seams'>,
  compiled: CompiledMapping,
  each: (key: string, claims: readonly string[]) => void,
): Promise<void> {
  const keyMaps = new Map<string, KeyMap[]>();
  for (const { column, parent } of referencesOf(compiled)) {
    const other = inputs.all.get(parent.mapping.value);
    const maps = keyMaps.get(column.name) ?? [];
    maps.push(new AnyKey(column.type.base, mappingNamespace(compiled.project, other?.mapping.name ?? '')));
    keyMaps.set(column.name, maps);
  }
  // A reference gives a value at once: nothing waits, and no rule but those over all rows has a say.
  const loose = { ...compiled, rules: compiled.rules.filter(({ test }) => test.kind === 'unique') };
  await passRows({
    ...inputs,
    compiled: loose,
    seams: {
      known: null,
      keyMaps,
      onClaims: (key, by, claims) => {
        const told = claims.flatMap((claim, n) =>
          claim === null ? [] : [`${by} ${String(n)} ${digestOf(claim).join(' ')}`],
        );
        if (told.length > 0) each(key, told);
      },
    },
  });
}

/** Gives every key a value of the column's type, equal keys the same. */
class AnyKey implements KeyMap {
  readonly size = 0;
  readonly bytes = 0;

  constructor(
    private readonly type: BaseType,
    private readonly namespace: string,
  ) {}

  get(key: string): string {
    if (this.type === 'uuid') return uuid5(this.namespace, JSON.stringify([key]));
    const isNumber = this.type === 'integer' || this.type === 'numeric';
    return !isNumber || /^-?\d{1,15}$/.test(key) ? key : String(digestOf(key)[0]);
  }

  set(): void {
    throw new Error('any key is there already');
  }

  delete(): void {
    throw new Error('any key stays');
  }
}
