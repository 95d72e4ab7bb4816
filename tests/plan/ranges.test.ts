import { describe, expect, test } from 'vitest';
import { chooseRanges, type RangeFacts } from '../../engine/plan/ranges.js';
import { compiledOf, emptyMapping, fieldOf, typeOf, sqlText } from '../support/compiled.js';

const FACTS = { estimatedRows: 1_000_000, processors: 8, inOrder: null, checksRows: false };

type Partition = RangeFacts['compiled']['mapping']['source']['partition'];

const AUTO: Partition = { kind: 'auto' };

const compiled = (partition: Partition, isQuery: boolean): RangeFacts['compiled'] => {
  const { source } = emptyMapping;
  const from = isQuery ? ({ kind: 'query', sql: sqlText('select 1') } as const) : source.from;
  const mapping = { ...emptyMapping, source: { ...source, partition, from } };
  return compiledOf([fieldOf('id', typeOf('integer'))], [], { mapping });
};

describe('chooseRanges', () => {
  test.each<[string, Partial<Omit<RangeFacts, 'compiled'>>, number, RegExp, Partition, boolean]>([
    ['processors enough', {}, 4, /8 processors/, AUTO, false],
    ['no more than are worth it', { estimatedRows: 600_000 }, 2, /600,000 rows/, AUTO, false],
    ['a small table', { estimatedRows: 499_999 }, 1, /fewer than 500,000/, AUTO, false],
    ['two processors for all', { processors: 2 }, 1, /share 2 processors/, AUTO, false],
    [
      'two processors, one of them idle',
      { processors: 2, checksRows: true },
      2,
      /checked row by row/,
      AUTO,
      false,
    ],
    ['servers elsewhere', { processors: null }, 2, /elsewhere/, AUTO, false],
    ['rows that must come in order', { inOrder: 'unique in v' }, 1, /unique in v/, AUTO, false],
    ['none wanted', {}, 1, /partition: none/, { kind: 'none' }, false],
    ['so many rows each', { processors: 1 }, 10, /rows: 100000/, { kind: 'rows', rows: 100_000 }, false],
    [
      'so many rows each, in order',
      { inOrder: 'unique in v' },
      1,
      /unique/,
      { kind: 'rows', rows: 10 },
      false,
    ],
    ['a query', {}, 1, /query/, { kind: 'auto' }, true],
    ['a query, split on demand', {}, 2, /rows: 500000/, { kind: 'rows', rows: 500_000 }, true],
  ])('%s', (_name, facts, count, reason, partition, isQuery) => {
    const choice = chooseRanges({ ...FACTS, ...facts, compiled: compiled(partition, isQuery) });
    expect(choice.count).toBe(count);
    expect(choice.reason).toMatch(reason);
  });
});
