import type { Difference } from '../../engine/contract/unit-test.js';
import { visible } from '../format.js';

const shown = (text: string | null): string => (text === null ? 'null' : visible(text));

/** A difference in lines: what it is about, then a line for each column that differs. */
export function differenceLines({ about, kind, what, at, columns, note }: Difference): readonly string[] {
  const room = Math.max(0, ...columns.map(({ column }) => column.length));
  const more = note === null ? '' : `: ${visible(note)}`;
  const subject = about === 'run' ? '' : `${kind} ${ABOUT[about]}`;
  return [
    `${[subject, visible(what)].filter((word) => word !== '').join(' ')} (line ${String(at.line)})${more}`,
    ...columns.flatMap(({ column, expected, found }) => [
      `    ${column.padEnd(room)}  - ${shown(expected)}`,
      `    ${''.padEnd(room)}  + ${shown(found)}`,
    ]),
  ];
}

const ABOUT = { rows: 'row', rejects: 'reject', warnings: 'warning', skipped: 'skipped row' } as const;
