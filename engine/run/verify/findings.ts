import type { CompiledMapping } from '../../contract/compiled.js';
import type { Difference, DifferenceKind } from '../../contract/result.js';

/** What stands in place of a sensitive value. */
const MASK = '***';

/** A difference with the handle of the target's row, where there is one. */
export interface Finding extends Difference {
  readonly handle: string | null;
}

/** What a comparison of one mapping's two sides has found: all of it counted, some of each kind and column kept. */
export class Findings {
  /** Rows that differ in any way, each once. */
  rows = 0;
  /** Rows whose source row is loaded, and that the target has. */
  matched = 0;
  /** Source rows that the target has refused, or a second pass took back: known rejects, no difference. */
  knownRejects = 0;
  /** Rows that the mapping rejects now, that no run has rejected and that the target does not have. */
  newRejects = 0;
  private readonly counts = new Map<string, number>();
  private kept: Finding[] = [];
  /** Rows in which a column differs, those that are missing or too many included. */
  private readonly byColumn = new Map<string, number>();

  constructor(
    private readonly most: number,
    private readonly sensitive: ReadonlySet<string>,
  ) {}

  /** Notes one value, or a whole row. */
  add(finding: Omit<Finding, 'note'> & { readonly note?: string | null }): void {
    const { column } = finding;
    const id = JSON.stringify([finding.kind, column]);
    const count = (this.counts.get(id) ?? 0) + 1;
    this.counts.set(id, count);
    if (column !== null) this.byColumn.set(column, (this.byColumn.get(column) ?? 0) + 1);
    if (count > this.most) return;
    const hidden = column !== null && this.sensitive.has(column);
    const shown = (value: string | null): string | null => (hidden && value !== null ? MASK : value);
    this.kept.push({
      ...finding,
      note: finding.note ?? null,
      source: shown(finding.source),
      target: shown(finding.target),
    });
  }

  /** How many rows, or values of rows that are there, are of a kind. */
  count(kind: DifferenceKind): number {
    let sum = 0;
    for (const [id, count] of this.counts) if ((JSON.parse(id) as [string])[0] === kind) sum += count;
    return sum;
  }

  /** Rows in which one of these columns is not what it should be; of all where none are named. */
  inColumn(column: string): number {
    const whole = (['missing', 'refused', 'broken', 'gone', 'added'] as const).map((kind) =>
      this.count(kind),
    );
    return (this.byColumn.get(column) ?? 0) + whole.reduce((sum, count) => sum + count, 0);
  }

  /** Those that are kept, all or of one column, rows that are too many or missing among them. */
  list(column: string | null = null): readonly Finding[] {
    if (column === null) return this.kept;
    return this.kept.filter((one) => one.column === column || one.kind !== 'changed');
  }

  /** Says of those that are kept what was found out later. */
  complete(words: (finding: Finding) => Partial<Pick<Finding, 'cause' | 'note'>>): void {
    this.kept = this.kept.map((one) => ({ ...one, ...words(one) }));
  }
}

/** The target columns that are compared, and those that are not, with the reason. */
export function comparedColumns(compiled: CompiledMapping): {
  readonly columns: readonly number[];
  readonly leftOut: readonly string[];
} {
  const columns: number[] = [];
  const leftOut: string[] = [];
  for (const [n, { column, make, volatile }] of compiled.columns.entries()) {
    if (volatile) leftOut.push(`${column.name} (made anew in every run)`);
    else if (make.kind === 'identity') leftOut.push(`${column.name} (its own id)`);
    else columns.push(n);
  }
  for (const name of compiled.defaulted) leftOut.push(`${name} (the database's own)`);
  return { columns, leftOut };
}
