import type { CompiledMapping } from '../contract/compiled.js';

/** Rows above which a sample stands for all; it holds about as many. */
const SAMPLE_ROWS = 200_000;

/** Some of a mapping's rows, the same every time. */
export interface Sample {
  /** Over the alias `q`. */
  readonly condition: string;
  readonly oneIn: number;
}

/** By a hash of the key, so that rows of one key come together; null where all rows are read. */
export function sampleOf({ key, fields }: CompiledMapping, estimatedRows: number): Sample | null {
  const oneIn = Math.round(estimatedRows / SAMPLE_ROWS);
  if (oneIn < 2 || key.length === 0) return null;
  const parts = key.map((field) => `(${fields[field]?.sql ?? 'null'})::text`);
  const hash = `hashtext(concat_ws(',', ${parts.join(', ')}))`;
  return { condition: `(${hash} & 2147483647) % ${String(oneIn)} = 0`, oneIn };
}
