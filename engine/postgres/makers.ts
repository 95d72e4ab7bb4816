import type { Batch, DatabaseRefusal, Refusals } from '../contract/batch.js';
import type { CompiledMapping } from '../contract/compiled.js';
import { unescapeCopy } from '../contract/copy-text.js';
import { CopyLines } from './copy-lines.js';
import { quoteName, quoteText, tableRows } from './identifier.js';
import { plain } from './message.js';
import type { Transactions } from './transaction.js';
import { samePair } from './undo.js';

const UNIQUE_VIOLATION = '23505';

/**
 * Says of the rows that the target refused because their key is taken which other mapping of the project has made the
 * row that has it. Asked in the batch's transaction, and only of a mapping that shares its table.
 */
export async function withMakers(
  transactions: Transactions,
  compiled: CompiledMapping,
  /** The state schema, quoted. */
  schema: string,
  batch: Batch,
  refused: Refusals,
): Promise<Refusals> {
  const taken = [...refused.inserts].filter(([, { sqlstate }]) => sqlstate === UNIQUE_VIOLATION);
  const keys = [compiled.targetKey, compiled.handle].filter((key) => key.length > 0);
  if (compiled.sharedWith.length === 0 || taken.length === 0 || keys.length === 0) return refused;
  const columns = [...new Set(keys.flat())].sort((a, b) => a - b);
  const values = valuesOf(
    batch,
    taken.map(([n]) => n),
    columns,
  );
  const query = plain(makersSql(compiled, schema, keys, columns, values));
  const answer = (await transactions.next([query])).text(query);
  const inserts = new Map(refused.inserts);
  for (const [n, mapping, key] of JSON.parse(answer ?? '[]') as [number, string, string][]) {
    const refusal = inserts.get(n);
    if (refusal !== undefined)
      inserts.set(n, { ...refusal, madeBy: { mapping, key } } satisfies DatabaseRefusal);
  }
  return { ...refused, inserts };
}

/** Of each row its place and the texts of its columns. */
function valuesOf(
  { inserts }: Batch,
  places: readonly number[],
  columns: readonly number[],
): readonly (readonly (number | string | null)[])[] {
  const lines = new CopyLines(inserts.lines, inserts.count).split(places).those;
  const picked = new CopyLines(lines, places.length).pick(columns).toString('utf8').split('\n');
  return places.map((place, n) => {
    const [, ...texts] = (picked[n] ?? '').split('\t');
    return [place, ...texts.map((text) => (text === '\\N' ? null : unescapeCopy(text)))];
  });
}

function makersSql(
  { project, sharedWith, table, columns }: CompiledMapping,
  schema: string,
  keys: readonly (readonly number[])[],
  picked: readonly number[],
  values: readonly (readonly (number | string | null)[])[],
): string {
  const same = (key: readonly number[]): string => {
    const parts = key.map((index) => {
      const column = columns[index]?.column;
      const value = `(v->>${String(picked.indexOf(index) + 1)})::${column?.type.sql ?? 'text'}`;
      return `t.${quoteName(column?.name ?? '')} = ${value}`;
    });
    return `(${parts.join(' and ')})`;
  };
  const pairs = sharedWith
    .filter(({ handle, merges }) => handle.length > 0 && !merges)
    .map(({ mapping, handle }) => `k.mapping = ${quoteText(mapping)} and ${samePair(handle)}`);
  return `select coalesce(json_agg(json_build_array((v->>0)::int, k.mapping, k.source_key)), '[]')
    from json_array_elements(${quoteText(JSON.stringify(values))}) v
    join ${tableRows(table)} t on ${keys.map(same).join(' or ')}
    join ${schema}.key_map k on k.project = ${quoteText(project)} and (${['false', ...pairs].join(' or ')})`;
}
