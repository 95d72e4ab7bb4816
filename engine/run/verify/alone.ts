import type { CompiledMapping } from '../../contract/compiled.js';
import type { RunContext } from '../context.js';

/** Of the mappings that load one table the first tells of rows in it that are not the project's. */
export function isAloneIn(
  { compiled }: Pick<RunContext, 'compiled'>,
  { table, mapping }: CompiledMapping,
): boolean {
  const names = [...compiled.values()].filter((other) => other.table.oid === table.oid);
  return names.map((other) => other.mapping.name).sort()[0] === mapping.name;
}
