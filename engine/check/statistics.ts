import type { CompiledMapping, Field } from '../contract/compiled.js';
import type { ColumnStatistics } from '../contract/finding.js';
import type { Session } from '../contract/session.js';
import { computedFields } from '../run/read/source-faults.js';

/** Types whose least and greatest value mean something. */
const ORDERED: ReadonlySet<string> = new Set([
  'text', 'integer', 'numeric', 'float', 'date', 'time', 'timestamp', 'timestamptz',
]); // prettier-ignore

const FIGURES = 6;

/** One question for all columns: nulls, different values, least, greatest, shortest, longest of each. */
function figures({ sql, type, sensitive }: Field): readonly string[] {
  const value = `(${sql})`;
  const ordered = ORDERED.has(type.base) && !sensitive && type.kind !== 'enum';
  const text = type.base === 'text';
  return [
    `count(*) - count(${value})`,
    `count(distinct ${value}::text)`,
    ordered ? `min(${value})::text` : 'null::text',
    ordered ? `max(${value})::text` : 'null::text',
    text ? `min(length(${value}::text))` : 'null::int',
    text ? `max(length(${value}::text))` : 'null::int',
  ];
}

/**
 * Figures of the source columns that a mapping reads, of all rows or of a sample; not of what SQL computes of them.
 * @throws EtlError where the source cannot give its rows
 */
export async function readStatistics(
  reader: Session,
  compiled: CompiledMapping,
  sample: string | null,
): Promise<readonly ColumnStatistics[]> {
  const { fields, rowsSql } = compiled;
  const computed = new Set(computedFields(compiled));
  const shown = fields.filter((_, n) => !computed.has(n));
  if (shown.length === 0) return [];
  const where = sample === null ? '' : ` where ${sample}`;
  const { rows } = await reader.query(
    `select ${shown.flatMap(figures).join(', ')} from (${rowsSql}\n) q${where}`,
  );
  const all = rows[0] ?? [];
  const number = (text: string | null | undefined): number | null => (text == null ? null : Number(text));
  return shown.map(({ name, type }, n) => {
    const [nulls, distinct, min = null, max = null, shortest, longest] = all.slice(
      n * FIGURES,
      (n + 1) * FIGURES,
    );
    return {
      column: name,
      type: type.display,
      nulls: Number(nulls),
      distinct: Number(distinct),
      min,
      max,
      shortest: number(shortest),
      longest: number(longest),
    };
  });
}
