import type { MappingResult, RunResult } from '../../engine/contract/result.js';
import { count, duration, visible } from '../format.js';
import { totalsOf } from '../totals.js';
import type { Paint, Style } from './paint.js';
import { cells, cutMiddle, padEnd, padStart } from './width.js';

const COLUMNS = ['read', 'inserted', 'updated', 'unchanged', 'skipped', 'rejected'] as const;

type Counts = Readonly<Record<(typeof COLUMNS)[number], number>>;

interface Row {
  readonly mark: string;
  readonly name: string;
  readonly figures: readonly string[];
  readonly style: Style | null;
}

const MARKS: Readonly<
  Record<MappingResult['status'], { readonly mark: string; readonly style: Style | null }>
> = {
  succeeded: { mark: '✓', style: null },
  failed: { mark: '✗', style: 'red' },
  interrupted: { mark: '!', style: 'yellow' },
  not_run: { mark: '-', style: 'dim' },
};

/** The table of the mappings with a total, in lines of at most `width` cells; names give way first. */
export function accountingLines(result: RunResult, width: number, paint: Paint): readonly string[] {
  const rows = result.mappings.map(mappingRow);
  const head: Row = { mark: ' ', name: 'mapping', figures: [...COLUMNS, 'time'], style: 'dim' };
  const total: Row = {
    mark: ' ',
    name: 'total',
    figures: figures(totalsOf(result), result.duration_ms),
    style: 'bold',
  };
  const print = layout([head, ...rows, total], width, paint);
  return [print(head), ...rows.map(print), print(total)];
}

function mappingRow(mapping: MappingResult): Row {
  const idle = mapping.status === 'not_run';
  return {
    ...MARKS[mapping.status],
    name: visible(mapping.mapping),
    figures: idle ? [...COLUMNS, 'time'].map(() => '') : figures(mapping, mapping.duration_ms),
  };
}

function figures(counts: Counts, ms: number): readonly string[] {
  return [...COLUMNS.map((column) => count(counts[column])), duration(ms)];
}

/** Measures all rows once and gives the function that prints one. */
function layout(rows: readonly Row[], width: number, paint: Paint): (row: Row) => string {
  const columns = [...COLUMNS, 'time'].map((_, index) =>
    Math.max(...rows.map((row) => cells(row.figures[index] ?? ''))),
  );
  const taken = columns.reduce((sum, column) => sum + column, 0);
  const longest = Math.max(...rows.map((row) => cells(row.name)));
  const gap = 2 + longest + taken + columns.length * 2 <= width ? 2 : 1;
  const room = Math.max(8, Math.min(longest, width - 2 - taken - columns.length * gap));
  return (row) => {
    const name = padEnd(cutMiddle(row.name, room), room);
    const numbers = row.figures.map((text, index) => ' '.repeat(gap) + padStart(text, columns[index] ?? 0));
    const line = `${row.mark} ${name}${numbers.join('')}`.trimEnd();
    return row.style === null ? line : paint(row.style, line);
  };
}
