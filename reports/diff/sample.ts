import type { MappingSample } from '../../engine/contract/diff.js';
import { count, counted } from '../format.js';
import { code, lines, prose, tableOf } from '../markdown/words.js';
import { clipped } from './words.js';

const shown = (value: string | null): string => (value === null ? 'null' : clipped(value, 60));

/** For a terminal: how many rows of a sample differ, and some of them. */
export function sampleLines({ mapping, rows, columns, fates }: MappingSample): readonly string[] {
  return [
    `sample of ${mapping}: ${counted(rows, 'row')}${columns.length + fates.length === 0 ? ', none differs' : ''}`,
    ...fates.map(
      (one) => `  ${counted(one.rows, 'row')}: ${one.before} → ${one.after} (${one.keys.join(', ')})`,
    ),
    ...columns.flatMap(({ column, rows: differing, examples }) => [
      `  ${column}: ${counted(differing, 'row')}`,
      ...examples.map(({ key, before, after }) => `    ${key}: ${shown(before)} → ${shown(after)}`),
    ]),
  ];
}

/** For a pull request: a part for each mapping, differing cells side by side. */
export function sampleParts(sample: readonly MappingSample[]): readonly string[] {
  return sample.map(({ mapping, rows, columns, fates }, n) => {
    const cells = columns.flatMap(({ column, rows: differing, examples }) =>
      examples.map(({ key, before, after }) => [
        prose(column),
        count(differing),
        code(clipped(key, 40)),
        code(shown(before)),
        code(shown(after)),
      ]),
    );
    const ways = fates.map((one) => [
      prose(one.before),
      prose(one.after),
      count(one.rows),
      one.keys.map((key) => code(clipped(key, 40))).join(', '),
    ]);
    return lines([
      ...(n === 0 ? ['### The same source rows, before and after', ''] : []),
      `**${code(mapping)}**, ${counted(rows, 'row')} of a sample${cells.length + ways.length === 0 ? ': none differs.' : ':'}`,
      ...(ways.length === 0 ? [] : ['', tableOf(['Before', 'After', 'Rows', 'Such as'], ways, 0)]),
      ...(cells.length === 0 ? [] : ['', tableOf(['Column', 'Rows', 'Key', 'Before', 'After'], cells, 0)]),
    ]);
  });
}
