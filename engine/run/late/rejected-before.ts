import type { CompiledMapping } from '../../contract/compiled.js';
import { referencesOf, referredTo } from '../../contract/references.js';
import type { Session } from '../../contract/session.js';
import { copyRows } from '../../postgres/copy-rows.js';
import { quoteText } from '../../postgres/identifier.js';
import { canonicalKey } from '../../resolve/key-map.js';
import { RejectedKeys, type RejectedRow } from '../../resolve/rejected-keys.js';
import type { RunContext } from '../context.js';
import { keyTypesOf } from '../keys/pairs.js';

/**
 * Makes known what rows of the mappings that one refers to were rejected, and of those that these refer to, as far
 * as this run has not loaded them itself: by the last run that has. So a reference says why its row is missing.
 */
export async function knowRejected(
  context: RunContext,
  session: Session,
  compiled: CompiledMapping,
): Promise<void> {
  const queue = [compiled];
  for (let one = queue.pop(); one !== undefined; one = queue.pop()) {
    for (const name of referredTo(one.mapping)) {
      const other = context.compiled.get(name);
      if (other === undefined || context.rejected.has(name)) continue;
      context.rejected.set(name, await rejectedBefore(context, session, other));
      queue.push(other);
    }
  }
}

async function rejectedBefore(
  { schema, handle }: RunContext,
  session: Session,
  compiled: CompiledMapping,
): Promise<RejectedKeys> {
  const { project, mapping } = compiled;
  const { rows } = await session.query(
    `select s.run from ${schema}.steps s join ${schema}.runs r using (run)
     where s.mapping = $1 and r.project = $2 order by r.epoch desc limit 1`,
    [mapping.name, project],
  );
  const run = rows[0]?.[0] ?? '';
  const types = keyTypesOf(compiled);
  const rejected = new RejectedKeys(types, undefined, run === handle.run ? null : run);
  if (run === '') return rejected;
  const sql = `select r.source_key, r.column_name, r.rule, r.value from ${schema}.rejects r
    where r.run = ${quoteText(run)} and r.mapping = ${quoteText(mapping.name)} and r.source_key is not null`;
  for await (const [key, column, rule, value] of copyRows(session, sql)) {
    // Read to the end all the same: a COPY that is left in the middle costs the connection.
    if (rejected.isFull) continue;
    const parts = partsOf(key ?? '', types.length);
    if (parts === null) continue;
    const parent = rule === 'references' ? parentOf(compiled, column ?? '', value ?? null) : null;
    const cause = { mapping: mapping.name, column: column ?? null, rule: rule ?? '' };
    rejected.add(canonicalKey(parts, types), { ...cause, parent });
  }
  return rejected;
}

/** The row that a rejected one referred to, by the value that etl.rejects keeps of its column. */
function parentOf(compiled: CompiledMapping, column: string, value: string | null): RejectedRow | null {
  const reference = referencesOf(compiled).find((one) => one.column.name === column);
  // Which mapping a switch led to the value does not tell.
  if (value === null || reference?.resolver.switch !== null) return null;
  const { parent, bound } = reference;
  const parts = parent.by === null ? partsOf(value, bound.keyTypes.length) : null;
  return parts === null ? null : { mapping: parent.mapping.value, key: canonicalKey(parts, bound.keyTypes) };
}

/** A key as it is kept: of one column its text, of several a JSON array of them. */
function partsOf(text: string, width: number): readonly string[] | null {
  if (width === 1) return [text];
  try {
    const parts: unknown = JSON.parse(text);
    return Array.isArray(parts) && parts.length === width ? parts.map(String) : null;
  } catch {
    return null;
  }
}
