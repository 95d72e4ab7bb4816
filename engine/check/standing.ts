import type { CompiledMapping } from '../contract/compiled.js';
import type { Session } from '../contract/session.js';
import { copyRows } from '../postgres/copy-rows.js';
import { quoteName, tableRows } from '../postgres/identifier.js';
import { canonicalKey } from '../resolve/key-map.js';
import type { PlainUnique, SeenValues } from './uniques.js';

/**
 * Tells unique indexes of the values that stand in the target already, each with the target key of its row: a row of
 * the mapping that has the same key is that row. Where rows are found by kept pairs nothing tells them apart, so that
 * only a table without rows of the mapping's own is looked at.
 */
export async function seedSeen(
  target: Session,
  compiled: CompiledMapping,
  uniques: readonly (PlainUnique & { readonly seen: SeenValues })[],
  hasPairs: boolean,
): Promise<void> {
  if (compiled.mapping.target.mode.value === 'replace' || (compiled.found === 'key_map' && hasPairs)) return;
  const owner =
    compiled.found === 'target'
      ? compiled.targetKey.map((index) => compiled.columns[index]?.column.name ?? '')
      : [];
  for (const unique of uniques) {
    const list = [...unique.columns, ...owner].map(quoteName).join(', ');
    const width = unique.columns.length;
    for await (const row of copyRows(target, `select ${list} from ${tableRows(compiled.table)}`)) {
      const values = row.slice(0, width);
      if (values.includes(null)) continue;
      const texts = values.map((text, n) => unique.fold[n]?.(text ?? '') ?? '');
      const key = owner.length === 0 ? '' : JSON.stringify(row.slice(width));
      unique.seen.seed(canonicalKey(texts, unique.types), key);
    }
  }
}
