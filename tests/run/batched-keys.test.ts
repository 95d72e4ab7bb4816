import { describe, expect, it } from 'vitest';
import { BatchedKeyMap } from '../../engine/resolve/batched-key-map.js';
import type { WantedKey } from '../../engine/compile/program/parts.js';
import { withKeys } from '../../engine/run/keys/prefetch.js';

const ROWS: ReadonlyMap<string, string> = new Map(
  Array.from({ length: 5000 }, (_, n) => [`k${String(n)}`, String(n)]),
);

/** A view that finds the rows above, and the questions that were asked. */
function view(bound: number): { map: BatchedKeyMap; base: BatchedKeyMap; asked: string[][] } {
  const base = BatchedKeyMap.create(bound);
  const asked: string[][] = [];
  const map = base.view((keys) => {
    asked.push([...keys]);
    return Promise.resolve(
      keys.flatMap((key) => [[key, ROWS.get(key) ?? ''] as const]).filter(([, value]) => value !== ''),
    );
  });
  return { map, base, asked };
}

describe('BatchedKeyMap', () => {
  it('knows what was fetched, and that the rest is missing', async () => {
    const { map } = view(0);
    await map.prefetch(new Set(['k1', 'k2', 'nobody']));
    expect([map.get('k1'), map.get('k2'), map.get('nobody')]).toEqual(['1', '2', undefined]);
  });

  it('a key that was not fetched is an error, never missing', async () => {
    const { map } = view(0);
    expect(() => map.get('k1')).toThrow('not fetched');
    await map.prefetch(new Set(['k1']));
    await map.prefetch(new Set(['k2']));
    expect(() => map.get('k1')).toThrow('not fetched');
  });

  it('asks once for what it remembers, and again for what was missing', async () => {
    const { map, asked } = view(1 << 20);
    await map.prefetch(new Set(['k1', 'nobody']));
    await map.prefetch(new Set(['k1', 'nobody', 'k2']));
    expect(asked).toEqual([
      ['k1', 'nobody'],
      ['nobody', 'k2'],
    ]);
  });

  it('what is written meanwhile is found by every view, what is deleted by none', async () => {
    const { map, base, asked } = view(1 << 20);
    await map.prefetch(new Set(['new']));
    base.set('new', '77');
    expect(map.get('new')).toBe('77');
    map.delete('new');
    expect(map.get('new')).toBeUndefined();
    expect(asked).toHaveLength(1);
  });

  it('remembers within its bound, and gives all that is asked for nevertheless', async () => {
    const { map } = view(20_000);
    const keys = new Set(ROWS.keys());
    await map.prefetch(keys);
    expect([...keys].filter((key) => map.get(key) !== ROWS.get(key))).toEqual([]);
    expect([map.bytes < 60_000, map.size > 0]).toEqual([true, true]);
  });
});

describe('withKeys', () => {
  it('fetches the keys of each megabyte of rows before it is passed on, and passes every byte', async () => {
    const lines = Array.from({ length: 4000 }, (_, n) => `k${String(n)}\t${'x'.repeat(1000)}\n`);
    async function* chunks(): AsyncIterable<Buffer> {
      for (let n = 0; n < lines.length; n += 7) yield Buffer.from(lines.slice(n, n + 7).join(''));
    }
    const { map, asked } = view(0);
    const wanted: WantedKey = { map, key: (row) => row.text(0) };
    let seen = '';
    for await (const chunk of withKeys(chunks(), 2, [wanted])) {
      for (const line of chunk.toString().trimEnd().split('\n')) {
        const key = line.split('\t')[0] ?? '';
        expect(map.get(key)).toBe(key.slice(1));
      }
      seen += chunk.toString();
    }
    expect(seen).toBe(lines.join(''));
    expect([asked.length, asked.flat().length]).toEqual([4, 4000]);
  });

  it('of nothing gives nothing', async () => {
    async function* chunks(): AsyncIterable<Buffer> {
      yield* [];
    }
    const got: Buffer[] = [];
    for await (const chunk of withKeys(chunks(), 1, [])) got.push(chunk);
    expect(got).toEqual([]);
  });
});
