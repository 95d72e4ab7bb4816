import { describe, expect, it, test } from 'vitest';
import type { BaseType } from '../../engine/contract/value.js';
import {
  KEY_MAP_BYTES,
  chooseKeyMap,
  hasOutgrown,
  memoryKeyMap,
  type KeyFacts,
} from '../../engine/resolve/choose.js';
import { RejectedKeys } from '../../engine/resolve/rejected-keys.js';

const facts = (
  key: readonly BaseType[],
  handle: BaseType,
  rows: number,
  more: Partial<KeyFacts> = {},
): KeyFacts => ({
  keyTypes: key,
  handleTypes: [handle],
  estimatedRows: rows,
  span: null,
  notAskable: null,
  bound: KEY_MAP_BYTES,
  ...more,
});

describe('chooseKeyMap', () => {
  test.each<{ name: string; facts: KeyFacts; kind: string; reason: RegExp }>([
    { name: 'few uuids', facts: facts(['uuid'], 'uuid', 1000), kind: 'words', reason: /uuid to uuid/ },
    {
      name: 'whole numbers to uuids',
      facts: facts(['integer'], 'uuid', 1000),
      kind: 'words',
      reason: /integer to uuid/,
    },
    { name: 'few texts', facts: facts(['text'], 'integer', 1000), kind: 'text', reason: /text keys/ },
    { name: 'decimals', facts: facts(['numeric'], 'integer', 1000), kind: 'text', reason: /numeric keys/ },
    {
      name: 'several columns',
      facts: facts(['integer', 'text'], 'integer', 1000),
      kind: 'text',
      reason: /several/,
    },
    {
      name: '10 M dense',
      facts: facts(['integer'], 'integer', 1e7, { span: 1.2e7 }),
      kind: 'integer',
      reason: /dense/,
    },
    {
      name: '2 M sparse',
      facts: facts(['integer'], 'integer', 2e6, { span: 2e9 }),
      kind: 'integer',
      reason: /sparse/,
    },
    {
      name: '10 M sparse',
      facts: facts(['integer'], 'integer', 1e7, { span: 2e9 }),
      kind: 'batched',
      reason: /sparse.*128 MB, more than 64 MB/,
    },
    {
      name: '10 M uuids',
      facts: facts(['uuid'], 'uuid', 1e7),
      kind: 'batched',
      reason: /512 MB, more than 64 MB/,
    },
    {
      name: '10 M texts',
      facts: facts(['text'], 'integer', 1e7),
      kind: 'batched',
      reason: /more than 64 MB/,
    },
    {
      name: '10 M that cannot be asked for',
      facts: facts(['text'], 'integer', 1e7, { notAskable: 'no index' }),
      kind: 'text',
      reason: /, but no index$/,
    },
  ])('$name: $kind', ({ facts: given, kind, reason }) => {
    const choice = chooseKeyMap(given);
    expect(choice.kind).toBe(kind);
    expect(choice.reason).toMatch(reason);
  });

  test.each<[string, BaseType, BaseType, (n: number) => string, number]>([
    ['uuids', 'uuid', 'uuid', (n) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`, 1],
    ['texts of 24', 'text', 'integer', (n) => String(n).padStart(24, 'x'), 0.3],
  ])('its bytes are near what the map takes: %s', (_, key, handle, text, tolerance) => {
    const map = memoryKeyMap([key], [handle]);
    const rows = 50_000;
    for (let n = 0; n < rows; n++) map.set(text(n), handle === 'uuid' ? text(n) : String(n));
    const { bytes } = chooseKeyMap(facts([key], handle, rows));
    expect(map.bytes / bytes).toBeGreaterThan(1 - tolerance);
    expect(map.bytes / bytes).toBeLessThan(1 + tolerance);
  });
});

describe('hasOutgrown', () => {
  it('means sparse keys and texts, never dense ones', () => {
    const maps = [1, 997].map((step) => {
      const map = memoryKeyMap(['integer'], ['integer']);
      for (let n = 0; n < 20_000; n++) map.set(String(n * step), String(n));
      return map;
    });
    const text = memoryKeyMap(['text'], ['text']);
    text.set('a', 'b'.repeat(10_000));
    expect([...maps, text].map((map) => hasOutgrown(map, 10_000))).toEqual([false, true, true]);
  });
});

describe('RejectedKeys', () => {
  const [first, second] = [
    { mapping: 'a', column: 'x', rule: 'not_null', parent: null },
    { mapping: 'a', column: null, rule: 'key', parent: { mapping: 'b', key: '7' } },
  ];

  it('gives the cause of each key', () => {
    const rejected = new RejectedKeys(['text']);
    rejected.add('1', first);
    rejected.add('2', second);
    rejected.add('3', { ...first });
    expect(['1', '2', '3', '4'].map((key) => rejected.get(key))).toEqual([first, second, first, undefined]);
  });

  it('takes no more where its bound is reached', () => {
    const rejected = new RejectedKeys(['text'], 10_000);
    for (let n = 0; n < 10_000; n++) rejected.add(`key ${String(n)}`, first);
    expect([rejected.get('key 0'), rejected.get('key 9999')]).toEqual([first, undefined]);
  });
});
