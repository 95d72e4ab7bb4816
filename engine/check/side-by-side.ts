import type { CompiledMapping } from '../contract/compiled.js';
import type { MappingSample } from '../contract/diff.js';
import { sensitiveColumns } from '../compile/program/program.js';
import type { Fate } from './specimen.js';

/** One state of a mapping, and what it makes of rows, by canonical key. */
export interface Made {
  readonly compiled: CompiledMapping;
  readonly fates: ReadonlyMap<string, Fate>;
}

const EXAMPLES = 5;
const MASK = '***';

/** Ids that every run makes anew. */
const ANEW: ReadonlySet<string> = new Set(['sequence', 'uuid7', 'database']);

/** Where two states of a mapping make other things of the same rows. */
export function sideBySide(base: Made, head: Made): MappingSample {
  const keys = [...new Set([...base.fates.keys(), ...head.fates.keys()])].sort();
  const columns = new Map<string, MutableColumn>();
  const fates = new Map<string, MutableFate>();
  const cells = comparable(base.compiled, head.compiled);
  for (const key of keys) {
    const [before, after] = [base.fates.get(key), head.fates.get(key)];
    if (before?.kind === 'loaded' && after?.kind === 'loaded') {
      for (const { column, from, to, masked } of cells) {
        const [old, fresh] = [before.values[from] ?? null, after.values[to] ?? null];
        if (old === fresh) continue;
        const known = columns.get(column) ?? { column, rows: 0, examples: [] };
        columns.set(column, known);
        known.rows++;
        const shown = (value: string | null): string | null => (value === null || !masked ? value : MASK);
        if (known.examples.length < EXAMPLES)
          known.examples.push({ key, before: shown(old), after: shown(fresh) });
      }
      continue;
    }
    const [old, fresh] = [fateText(before), fateText(after)];
    if (old === fresh) continue;
    const id = `${old}\0${fresh}`;
    const known = fates.get(id) ?? { before: old, after: fresh, rows: 0, keys: [] };
    fates.set(id, known);
    known.rows++;
    if (known.keys.length < EXAMPLES) known.keys.push(key);
  }
  const most = (a: { readonly rows: number }, b: { readonly rows: number }): number => b.rows - a.rows;
  return {
    mapping: head.compiled.mapping.name,
    rows: keys.length,
    columns: [...columns.values()].sort(most),
    fates: [...fates.values()].sort(most),
  };
}

interface MutableColumn {
  readonly column: string;
  rows: number;
  readonly examples: {
    readonly key: string;
    readonly before: string | null;
    readonly after: string | null;
  }[];
}

interface MutableFate {
  readonly before: string;
  readonly after: string;
  rows: number;
  readonly keys: string[];
}

function fateText(fate: Fate | undefined): string {
  if (fate === undefined) return 'not read';
  if (fate.kind === 'loaded') return 'loaded';
  // A rule without a name of its own is called after its columns.
  const about = fate.column === null || fate.rule.includes(fate.column) ? '' : ` (${fate.column})`;
  return `${fate.kind}: ${fate.rule}${about}`;
}

/** The columns of both whose values two runs make alike; a new column has nothing to be compared with. */
function comparable(
  base: CompiledMapping,
  head: CompiledMapping,
): readonly {
  readonly column: string;
  readonly from: number;
  readonly to: number;
  readonly masked: boolean;
}[] {
  const masked = new Set([...sensitiveColumns(base), ...sensitiveColumns(head)]);
  const isAnew = ({ make, volatile }: CompiledMapping['columns'][number]): boolean =>
    volatile || (make.kind === 'identity' && ANEW.has(make.strategy));
  return head.columns.flatMap((column, to) => {
    const name = column.column.name;
    const from = base.columns.findIndex((other) => other.column.name === name);
    const old = base.columns[from];
    if (old === undefined || isAnew(column) || isAnew(old)) return [];
    return [{ column: name, from, to, masked: masked.has(name) }];
  });
}
