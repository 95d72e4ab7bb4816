import type { CompiledMapping } from '../../contract/compiled.js';
import type { Session } from '../../contract/session.js';
import type { BaseType } from '../../contract/value.js';
import { quoteName, tableRows } from '../../postgres/identifier.js';
import type { AskKeys } from '../../resolve/batched-key-map.js';
import { canonicalKey } from '../../resolve/key-map.js';
import { codecOf } from '../../resolve/word-key-map.js';
import { keyTypesOf, handleNames, pairIsThere, pairsOf } from './pairs.js';

/** Keys of one question. */
const KEYS = 10_000;

/** Target types of which equal values have one text each, and the array in which their keys are sent. */
const ARRAYS: Readonly<Record<string, { readonly type: string; readonly from: readonly BaseType[] }>> = {
  text: { type: 'text[]', from: ['text', 'uuid'] },
  varchar: { type: 'text[]', from: ['text', 'uuid'] },
  uuid: { type: 'uuid[]', from: ['text', 'uuid'] },
  int2: { type: 'int8[]', from: ['integer', 'numeric', 'text'] },
  int4: { type: 'int8[]', from: ['integer', 'numeric', 'text'] },
  int8: { type: 'int8[]', from: ['integer', 'numeric', 'text'] },
};

/** Why the target cannot be asked for single keys of a mapping, or null where it can. */
export function notAskable(compiled: CompiledMapping): string | null {
  if (compiled.found === 'key_map') return null;
  const { table, targetKey, columns } = compiled;
  const types = keyTypesOf(compiled);
  const names: string[] = [];
  for (const [n, index] of targetKey.entries()) {
    const column = columns[index]?.column;
    const array = column?.type.kind === 'base' ? ARRAYS[column.type.name] : undefined;
    if (column === undefined || array?.from.includes(types[n] ?? 'other') !== true) {
      return `${column?.type.display ?? 'its'} keys of the target cannot be asked for by their text`;
    }
    names.push(column.name);
  }
  const isKey = [table.primaryKey, ...table.uniques].some(
    (unique) => unique.length === names.length && unique.every((name) => names.includes(name)),
  );
  return isKey ? null : 'no unique index of the target finds them';
}

/** Asks the target, on a session of its own, for rows that are committed: in its key columns, or the pairs kept. */
export function askKeys(
  session: () => Promise<Session>,
  compiled: CompiledMapping,
  schema: string,
  /** Pairs whose row is gone count, since whoever writes has forgotten them before. */
  isSwept = true,
): AskKeys {
  const pairs = compiled.found === 'key_map';
  const there = isSwept || compiled.handle.length === 0 ? '' : ` and ${pairIsThere(compiled)}`;
  const sql = pairs ? `${pairsSql(compiled, schema)}${there}` : targetSql(compiled);
  const width = pairs ? 1 : compiled.targetKey.length;
  const types = keyTypesOf(compiled);
  const sendable = sendableParts(compiled);
  return async (keys) => {
    const found: (readonly [string, string])[] = [];
    for (let from = 0; from < keys.length; from += KEYS) {
      const slice = keys.slice(from, from + KEYS);
      const rows = slice.flatMap((key) => {
        const parts = width === 1 ? [key] : (JSON.parse(key) as string[]);
        return parts.every((part, n) => sendable(part, n)) ? [parts] : [];
      });
      if (rows.length === 0) continue;
      const columns = Array.from({ length: width }, (_, n) => arrayText(rows.map((row) => row[n] ?? '')));
      const answer = await (await session()).query(sql, columns);
      for (const row of answer.rows) {
        const texts = row.map((text) => text ?? '');
        const [first = '', second = ''] = texts;
        if (pairs) found.push([first, second]);
        else found.push([canonicalKey(texts.slice(0, width), types), joined(texts.slice(width))]);
      }
    }
    return found;
  };
}

const joined = (texts: readonly string[]): string =>
  texts.length === 1 ? (texts[0] ?? '') : JSON.stringify(texts);

const pairsSql = (compiled: CompiledMapping, schema: string): string =>
  `select k.source_key, k.target_key from ${schema}.key_map k
   where ${pairsOf(compiled)} and k.source_key = any($1::text[])`;

function targetSql(compiled: CompiledMapping): string {
  const columns = compiled.targetKey.map((index) => compiled.columns[index]?.column);
  const keys = columns.map((column) => quoteName(column?.name ?? ''));
  const list = [...keys, ...handleNames(compiled).map(quoteName)].map((name) => `t.${name}`).join(', ');
  const arrays = columns.map(
    (column, n) => `$${String(n + 1)}::${ARRAYS[column?.type.name ?? '']?.type ?? 'text[]'}`,
  );
  const which =
    keys.length === 1
      ? `t.${keys[0] ?? ''} = any(${arrays[0] ?? ''})`
      : `(${keys.map((key) => `t.${key}`).join(', ')}) in (select * from unnest(${arrays.join(', ')}))`;
  return `select ${list} from ${tableRows(compiled.table)} t where ${which}`;
}

/** Whether a part of a key can be a value of its column at all: what cannot is no row's key, and would be an error. */
function sendableParts(compiled: CompiledMapping): (part: string, n: number) => boolean {
  const codecs = compiled.targetKey.map((index) =>
    codecOf(compiled.columns[index]?.column.type.base ?? 'text'),
  );
  const words = new Int32Array(4);
  return (part, n) => {
    const codec = compiled.found === 'key_map' ? null : (codecs[n] ?? null);
    if (codec !== null) return codec.write(part, words);
    return !part.includes('\0') && part.isWellFormed();
  };
}

/** Texts as PostgreSQL reads an array: each in quotes. */
export const arrayText = (texts: readonly string[]): string =>
  `{${texts.map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
