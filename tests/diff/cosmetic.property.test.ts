import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isMap, isPair, isScalar, parseDocument, visit, type Document, type Pair } from 'yaml';
import { Edited, type Edit } from './sides.js';

let clinic: Edited;

beforeAll(async () => {
  clinic = await Edited.of(path.resolve('mappings'));
});
afterAll(() => {
  clinic.close();
});

/** The YAML files of a project, tests of mappings apart. */
const FILES = readdirSync('mappings', { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.yaml') && !file.endsWith('.test.yaml') && !file.includes('.etl'),
);

/** Numbers from 0 to 1 without end, of one seed (mulberry32). */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** The same data in other clothes: comments, blank lines, the order of keys, quotes, flow and block style. */
function restyled(text: string, roll: () => number): string {
  const document: Document = parseDocument(text, { schema: 'core' });
  visit(document, {
    Scalar: (key, node) => {
      if (typeof node.value !== 'string' || node.value.includes('\n')) return;
      const style = roll();
      if (style < 0.3) node.type = 'QUOTE_DOUBLE';
      else if (style < 0.6) node.type = 'QUOTE_SINGLE';
      if (key === 'key' || roll() < 0.8) delete node.comment;
    },
    Map: (key, node, way) => {
      if (roll() < 0.5) node.items = shuffled(node.items, roll);
      // Flow within flow alone: a block cannot stand in it.
      const inFlow = way.some((one) => isMap(one) && one.flow === true);
      node.flow = inFlow || (key !== null && way.length > 2 && roll() < 0.4);
      if (node.flow) {
        visit(node, {
          Node: (_, inner) => {
            bare(inner);
          },
        });
      } else {
        for (const item of node.items) {
          if (!isPair(item) || !isScalar(item.key)) continue;
          if (roll() < 0.2) item.key.commentBefore = ` comment ${String(roll())}`;
          if (roll() < 0.2) item.key.spaceBefore = true;
        }
      }
    },
  });
  return document.toString({ lineWidth: 0, indent: roll() < 0.5 ? 2 : 4 });
}

/** A node without what cannot stand in flow style. */
function bare(node: { comment?: string | null; commentBefore?: string | null; spaceBefore?: boolean }): void {
  delete node.comment;
  delete node.commentBefore;
  delete node.spaceBefore;
}

function shuffled(items: readonly Pair[], roll: () => number): Pair[] {
  return [...items]
    .map((item) => ({ item, at: roll() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

test('layout, comments, quotes and the order of keys are always cosmetic', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const roll = dice(seed);
      const edits = FILES.map((file): Edit => ({
        file,
        to: restyled(readFileSync(path.join('mappings', file), 'utf8'), roll),
      }));
      const { diff } = await clinic.after(edits);
      expect(diff.changes).toEqual([]);
      expect(diff.untold.length).toBeGreaterThan(FILES.length / 2);
      expect([diff.rerun, diff.edges]).toEqual([[], { appear: [], vanish: [] }]);
    }),
    { numRuns: 6 },
  );
}, 240_000);
