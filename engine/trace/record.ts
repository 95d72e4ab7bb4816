import type { CompiledMapping } from '../contract/compiled.js';
import { EXIT, EtlError } from '../contract/errors.js';
import type { Session } from '../contract/session.js';
import type { Trace } from '../contract/trace.js';
import { quoteName, tableRows } from '../postgres/identifier.js';
import { canonicalKey } from '../resolve/key-map.js';
import { keysCondition, keyPart, sourceKeyParts } from '../run/keys/key-condition.js';
import { keyTypesOf } from '../run/keys/pairs.js';

/** Source rows with one key that are shown at the most. */
const ROWS = 20;

/** The record that is traced. */
export interface TracedRecord {
  /** Canonical. */
  readonly key: string;
  /** As rejects show it. */
  readonly shown: string;
  readonly namedBy: Trace['named_by'];
  /** All columns of the source's rows with the key. */
  readonly rows: Trace['source']['rows'];
}

const usage = (message: string, help: string): EtlError =>
  new EtlError(message, { exitCode: EXIT.usage, help });

/** The parts of a key as words of a command line name it. @throws EtlError exit 2 where they are not as many as the key's */
export function keyWords(
  words: readonly string[],
  names: readonly string[],
  what: string,
): readonly string[] {
  if (words.length === names.length) return words;
  const [only, second] = words;
  if (only !== undefined && second === undefined) {
    const parts = listed(only) ?? only.split(',').map((part) => part.trim());
    if (parts.length === names.length) return parts;
  }
  const help =
    names.length === 1
      ? 'one word, in quotes where it holds spaces; after -- where it begins with a minus'
      : `${names.join(' ')} as words of their own, or ${names.join(',')}; a part that holds a comma or a space stands in quotes as a word of its own, or in a JSON array: '["a","b"]'`;
  throw usage(`${what} is ${names.join(', ')}: ${String(words.length)} words do not name it`, help);
}

/** The texts of a JSON array; null where it is none. */
function listed(text: string): readonly string[] | null {
  if (!text.startsWith('[')) return null;
  try {
    const parts: unknown = JSON.parse(text);
    return Array.isArray(parts)
      ? parts.map((part) => (typeof part === 'string' ? part : JSON.stringify(part)))
      : null;
  } catch {
    return null;
  }
}

/** Finds a record by its source key; without rows where the source has none. */
export async function recordByKey(
  reader: Session,
  compiled: CompiledMapping,
  parts: readonly string[],
  namedBy: Trace['named_by'] = 'source key',
): Promise<TracedRecord> {
  const { fields, key, rowsSql } = compiled;
  const list = key.map((field, n) => `${fields[field]?.sql ?? 'null'} as k${String(n)}`).join(', ');
  const condition = keysCondition(sourceKeyParts(compiled), [parts]);
  const { columns, rows } = await reader.query(
    `select ${list}, q.* from (${rowsSql}\n) q where ${condition} limit ${String(ROWS)}`,
  );
  const names = columns.slice(key.length).map(({ name }) => name);
  const texts = rows[0]?.slice(0, key.length).map((text) => text ?? '') ?? parts;
  return {
    key: canonicalKey(texts, keyTypesOf(compiled)),
    shown: texts.length === 1 ? (texts[0] ?? '') : JSON.stringify(texts),
    namedBy,
    rows: rows.map((row) => Object.fromEntries(names.map((name, n) => [name, row[key.length + n] ?? null]))),
  };
}

/**
 * The source key of a row of the target that is named by its identity, or by its target key.
 * @param schema the state schema, quoted; null where there is none
 * @throws EtlError exit 2 where there is no such row, or nobody knows where it comes from
 */
export async function keyOfTarget(
  target: Session,
  compiled: CompiledMapping,
  words: readonly string[],
  schema: string | null,
): Promise<{ readonly parts: readonly string[]; readonly namedBy: Trace['named_by'] }> {
  const nameOf = (index: number): string => compiled.columns[index]?.column.name ?? '';
  const identity = compiled.identity === null ? [] : [compiled.identity.column.name];
  const targetKey = compiled.targetKey.map(nameOf);
  const ways = [
    { by: 'identity' as const, names: identity },
    { by: 'target key' as const, names: targetKey },
  ].filter(({ names }) => names.length > 0);
  const [first] = ways;
  if (first === undefined)
    throw usage(`rows of ${compiled.table.name} have no key of their own`, 'name the source key');
  const fitting = ways.filter(
    ({ names }) => names.length === 1 || words.length > 1 || words[0]?.includes(',') === true,
  );
  for (const { by, names } of fitting.length === 0 ? [first] : fitting) {
    const parts = keyWords(words, names, `the ${by} of ${compiled.table.name}`);
    const found = await sourceKeyOf(target, compiled, names, parts, schema);
    if (found === undefined) continue;
    if (found !== null) return { parts: found, namedBy: by };
    throw usage(
      `${compiled.table.name} has a row with ${by} ${parts.join(', ')}, and ${compiled.mapping.name} has not made it`,
      'another mapping has, or somebody who is not of the project',
    );
  }
  throw usage(
    `${compiled.table.name} has no row with ${ways.map(({ by, names }) => `${by} (${names.join(', ')})`).join(' or ')} ${words.join(' ')}`,
    'without --target the key is the source’s',
  );
}

/** Undefined where there is no such row, null where it is none of the mapping's. */
async function sourceKeyOf(
  target: Session,
  compiled: CompiledMapping,
  names: readonly string[],
  parts: readonly string[],
  schema: string | null,
): Promise<readonly string[] | null | undefined> {
  const types = names.map((name) => compiled.table.columns.find((column) => column.name === name)?.type);
  const own = names.map((name, n) => {
    const type = types[n];
    return type === undefined ? null : keyPart(`t.${quoteName(name)}`, type);
  });
  const condition = keysCondition(
    own.filter((part) => part !== null),
    [parts],
  );
  const keys = compiled.targetKey.map(
    (index) => `t.${quoteName(compiled.columns[index]?.column.name ?? '')}`,
  );
  const handle = compiled.handle.map(
    (index) => `t.${quoteName(compiled.columns[index]?.column.name ?? '')}::text`,
  );
  const isPairs = compiled.found === 'key_map';
  const list = isPairs ? handle : keys;
  const { rows } = await target.query(
    `select ${list.length === 0 ? 'null' : list.join(', ')} from ${tableRows(compiled.table)} t where ${condition} limit 1`,
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  if (row.includes(null)) return null;
  const texts = row.map((text) => text ?? '');
  if (!isPairs) return texts;
  if (schema === null) return null;
  const pair = await target.query(
    `select source_key from ${schema}.key_map where project = $1 and mapping = $2
       and ${texts.length === 1 ? 'target_key = $3' : 'target_key::jsonb = $3::jsonb'}`,
    [compiled.project, compiled.mapping.name, texts.length === 1 ? (texts[0] ?? '') : JSON.stringify(texts)],
  );
  const kept = pair.rows[0]?.[0] ?? null;
  if (kept === null) return null;
  return compiled.key.length === 1 ? [kept] : (listed(kept) ?? null);
}
