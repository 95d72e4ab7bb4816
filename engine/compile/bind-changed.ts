import type { CompiledMapping } from '../contract/compiled.js';
import type { Context } from './context.js';

/** The column that delta runs go by; null where there is none, or it holds no time. */
export function bindChangedAt(context: Context): CompiledMapping['changedAt'] {
  const { changedAt } = context.sides.mapping.source;
  if (changedAt === null) return null;
  const column = context.sourceColumn(changedAt.column);
  if (column === null) return null;
  context.fields.used.add(column.name);
  const { base, display } = column.type;
  if (base !== 'timestamptz' && base !== 'timestamp' && base !== 'date') {
    const help = 'name a timestamptz, timestamp or date that every change of the row sets';
    context.problem('ETL-BIND-020', changedAt.column.at, `"${column.name}" is ${display}, not a time`, help);
    return null;
  }
  return { sql: `q."${column.name.replaceAll('"', '""')}"`, type: base, overlap: changedAt.overlap };
}
