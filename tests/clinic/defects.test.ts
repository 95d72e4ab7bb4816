import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { CHECKOUT } from '../cli/etl.js';

interface Expected {
  readonly skipped: Readonly<Record<string, number>>;
  readonly warnings: Readonly<Record<string, number>>;
  readonly rejected: readonly {
    readonly column: string | null;
    readonly rule: string;
    readonly count: number;
  }[];
  readonly references: readonly { readonly defaulted: number; readonly missing: number }[];
}
/** Rows by mapping and by what happens to them. */
type Counts = Readonly<Record<string, Readonly<Record<string, number>>>>;

const read = (file: string): Promise<string> => readFile(path.join(CHECKOUT, file), 'utf8');
const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

/** What a cell of DEFECTS.md promises; empty where the rows are loaded and nothing counts them. */
function promised(happens: string): readonly string[] {
  const [, rule, column] = /^rejected by `([^`]+)`(?: \(\d+\))?(?: on `(\w+)`)?/.exec(happens) ?? [];
  if (rule !== undefined) return [`rejected ${column ?? '~'} ${rule}`];
  const warned = [...happens.matchAll(/warned by `([^`]+)`/g)].map(([, name]) => `warned ${name ?? ''}`);
  const counted = ['missing', 'defaulted'].filter((state) => happens.includes(`counted as ${state}`));
  return [...warned, ...counted, ...(happens.startsWith('skipped by') ? ['skipped'] : [])];
}

/** The sections of DEFECTS.md: of each table's rows the last two cells, how many and what happens. */
function written(page: string): Counts {
  const sections = page.split(/^## /m).slice(1);
  return Object.fromEntries(
    sections.map((section) => {
      const found = new Map<string, number>();
      for (const [, rows = '', happens = ''] of section.matchAll(/\| +([\d,]+) \| ([^|]+?) +\|$/gm))
        for (const what of promised(happens))
          found.set(what, (found.get(what) ?? 0) + Number(rows.replace(',', '')));
      return [section.slice(0, section.indexOf('\n')), Object.fromEntries(found)];
    }),
  );
}

/** The same of expected.json. A reference that rejects its row is missing, too, and stands among the rejects. */
function counted({ skipped, warnings, rejected, references }: Expected): Readonly<Record<string, number>> {
  const lost = rejected.filter(({ rule }) => rule === 'references').map(({ count }) => count);
  const all: readonly (readonly [string, number])[] = [
    ...rejected.map(({ column, rule, count }) => [`rejected ${column ?? '~'} ${rule}`, count] as const),
    ...Object.entries(warnings).map(([name, count]) => [`warned ${name}`, count] as const),
    ['skipped', sum(Object.values(skipped))],
    ['missing', sum(references.map(({ missing }) => missing)) - sum(lost)],
    ['defaulted', sum(references.map(({ defaulted }) => defaulted))],
  ];
  return Object.fromEntries(all.filter(([, count]) => count > 0));
}

test('DEFECTS.md names every reject, warning, skipped row and lost reference, with its number', async () => {
  const page = written(await read('mappings/schema/DEFECTS.md'));
  const expected = JSON.parse(await read('tests/fixtures/clinic/expected.json')) as Record<string, Expected>;
  const dirty = Object.entries(expected).map(([mapping, one]) => [mapping, counted(one)] as const);
  expect(page).toEqual(
    Object.fromEntries(
      dirty.filter(([mapping, counts]) => mapping in page || Object.keys(counts).length > 0),
    ),
  );
});
