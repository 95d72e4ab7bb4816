import type { CompiledMapping } from '../../contract/compiled.js';
import type { Session } from '../../contract/session.js';
import type { BaseType } from '../../contract/value.js';
import { quoteText, tableRows } from '../../postgres/identifier.js';
import { samePair } from '../../postgres/undo.js';

/** What the parts of a mapping's source key compare as. */
export const keyTypesOf = ({ key, fields }: CompiledMapping): readonly BaseType[] =>
  key.map((field) => fields[field]?.type.base ?? 'text');

/** The target columns that find a loaded row again. */
export const handleNames = (compiled: CompiledMapping): readonly string[] =>
  compiled.handle.map((index) => compiled.columns[index]?.column.name ?? '');

/** The kept pairs `k` of one mapping. */
export const pairsOf = ({ project, mapping }: CompiledMapping, k = 'k'): string =>
  pairsNamed(project, mapping.name, k);

/** The same by names. */
export const pairsNamed = (project: string, mapping: string, k = 'k'): string =>
  `${k}.project = ${quoteText(project)} and ${k}.mapping = ${quoteText(mapping)}`;

/** How a row of the target equals a kept pair. */
export const pairCondition = (compiled: CompiledMapping): string => samePair(handleNames(compiled));

/** Whether the target has the row of a kept pair. */
export const pairIsThere = (compiled: CompiledMapping): string =>
  `exists (select from ${tableRows(compiled.table)} t where ${pairCondition(compiled)})`;

/** Pairs whose row someone has deleted from the target are no pairs any more. */
export async function forgetVanished(
  session: Session,
  compiled: CompiledMapping,
  schema: string,
): Promise<void> {
  await session.query(
    `delete from ${schema}.key_map k where ${pairsOf(compiled)}
     and not ${pairIsThere(compiled)}`,
  );
}
