import { describe, expect, it, test } from 'vitest';
import { rowProgram } from '../../../engine/compile/program/program.js';
import { Refusal } from '../../../engine/compile/program/refusal.js';
import { mappingNamespace, uuid5, uuid7 } from '../../../engine/compile/program/uuid.js';
import type { ColumnMake } from '../../../engine/contract/compiled.js';
import type { ColumnSpec, StepUse } from '../../../engine/contract/mapping.js';
import type { BaseType, Scalar } from '../../../engine/contract/value.js';
import { canonicalKey } from '../../../engine/resolve/key-map.js';
import { TextKeyMap } from '../../../engine/resolve/text-key-map.js';
import { STEPS } from '../../../engine/steps/index.js';
import {
  AT,
  columnOf,
  compiledOf,
  fieldOf,
  located,
  noInputs,
  runProgram,
  typeOf,
} from '../../support/compiled.js';
import { decodeLine, encodeCopy } from '../../support/copy-text.js';

interface Reference {
  readonly types: readonly BaseType[];
  /** Of the referenced key. */
  readonly keyTypes: readonly BaseType[];
  readonly keys: readonly (readonly string[])[];
  readonly steps?: readonly StepUse[];
  readonly default?: Scalar;
}

/** What becomes of one row's reference: the value, or the name of the rule that refuses it. */
function refer(
  { types, keyTypes, keys, steps = [], default: fallback }: Reference,
  row: readonly (string | null)[],
) {
  const fields = types.map((type, n) => fieldOf(`f${String(n)}`, typeOf(type)));
  const spec: ColumnSpec = {
    column: located('r'),
    origin: { kind: 'source', columns: fields.map(({ name }) => located(name)), at: AT },
    steps,
    resolver: {
      kind: 'references',
      parents: [{ mapping: located('others'), by: null, yields: null, when: null }],
      switch: null,
      missing: 'null',
      at: AT,
    },
    default: fallback === undefined ? null : located(fallback),
  };
  const origin = { kind: 'fields', fields: fields.map((_, n) => n) } as const;
  const reference = { parents: [{ keyTypes, yields: null, asText: false, isLate: false }], switch: null };
  const make: ColumnMake = { kind: 'value', spec, origin, checks: [], keyTypes: [], reference };
  const map = new TextKeyMap();
  for (const key of keys) map.set(canonicalKey(key, keyTypes), `found ${key.join('+')}`);
  const compiled = compiledOf(fields, [
    { column: columnOf('r', typeOf('text')), at: AT, make, volatile: false },
  ]);
  const program = rowProgram(compiled, { ...noInputs, steps: STEPS, keyMaps: new Map([['r', [map]]]) });
  const [written] = runProgram(program, fields.length, encodeCopy([row]));
  if (written === undefined) throw new Error('no row');
  return written.result instanceof Refusal ? written.result.rule : decodeLine(written.result)[0];
}

const NUMBER_AND_FLAG: Reference = {
  types: ['numeric', 'boolean'],
  keyTypes: ['numeric', 'boolean'],
  keys: [
    ['1.0', 't'],
    ['2', 'f'],
  ],
};
const TEXTS: Reference = {
  types: ['text', 'text'],
  keyTypes: ['text', 'text'],
  keys: [
    ['a', 'b'],
    ['a","b', ''],
  ],
};

describe('composite references', () => {
  test.each<{ reference: Reference; row: readonly (string | null)[]; gives: string | null }>([
    { reference: TEXTS, row: ['a', 'b'], gives: 'found a+b' },
    { reference: TEXTS, row: ['b', 'a'], gives: null },
    { reference: TEXTS, row: ['a","b', ''], gives: 'found a","b+' },
    { reference: TEXTS, row: ['a', null], gives: null },
    { reference: NUMBER_AND_FLAG, row: ['1', 't'], gives: 'found 1.0+t' },
    { reference: NUMBER_AND_FLAG, row: ['1.00', 't'], gives: 'found 1.0+t' },
    { reference: NUMBER_AND_FLAG, row: ['2.0', 'f'], gives: 'found 2+f' },
    { reference: NUMBER_AND_FLAG, row: ['2', 't'], gives: null },
  ])('$row gives $gives', ({ reference, row, gives }) => {
    expect(refer(reference, row)).toBe(gives);
  });
});

describe('references', () => {
  it('steps before a reference of several columns', () => {
    const join: StepUse = { name: 'join', argument: '-', at: AT };
    const reference: Reference = {
      types: ['text', 'text'],
      keyTypes: ['text'],
      keys: [['a-b']],
      steps: [join],
    };
    expect(refer(reference, ['a', 'b'])).toBe('found a-b');
  });

  it('a default that no database can hold', () => {
    const reference: Reference = {
      types: ['text'],
      keyTypes: ['text'],
      keys: [],
      default: { type: 'string', text: 'a\0' },
    };
    expect(refer(reference, ['x'])).toBe('encoding');
  });
});

describe('uuids', () => {
  test.each([
    // RFC 9562, appendix A.4, and Python's documentation of uuid5.
    ['6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'www.example.com', '2ed6657d-e927-568b-95e1-2665a8aea6a2'],
    ['6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'python.org', '886313e1-3b8a-5372-9b90-0c9aee199e5d'],
  ])('uuid5(%s, %s)', (namespace, name, uuid) => {
    expect(uuid5(namespace, name)).toBe(uuid);
  });

  it('a mapping has a namespace of its own', () => {
    expect(mappingNamespace('a', 'b')).toBe(uuid5('00000000-0000-0000-0000-000000000000', 'a/b'));
  });

  it('uuid7 has its version, its variant and the time in front', () => {
    const before = Date.now();
    const made = uuid7();
    expect(made).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const time = Number.parseInt(made.replaceAll('-', '').slice(0, 12), 16);
    expect(time).toBeGreaterThanOrEqual(before);
    expect(time).toBeLessThanOrEqual(Date.now());
  });
});
