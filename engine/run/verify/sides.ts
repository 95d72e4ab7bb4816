import type { PgType } from '../../contract/catalogue.js';
import type { CompiledMapping } from '../../contract/compiled.js';
import type { Session } from '../../contract/session.js';
import { quoteName, tableRows } from '../../postgres/identifier.js';
import { mergeOrder, type TargetSide } from '../rows/merge.js';
import { pairCondition, pairsOf } from '../keys/pairs.js';
import { inOrder, type KeyOrder } from '../read/reader-copy.js';

/** Both sides of a mapping in one order; `side` is null where the merge's own way will do. */
export interface Sides {
  readonly orders: readonly KeyOrder[];
  readonly side: TargetSide | null;
}

const plain = (type: PgType): PgType => (type.domainOf === null ? type : plain(type.domainOf));

/** Whether a key of the type has one text, the same on both sides. */
const hasOneText = (type: PgType | undefined): boolean =>
  type !== undefined && type.base !== 'float' && plain(type).kind !== 'composite';

const ORDERS: Readonly<Record<string, KeyOrder>> = {
  int2: 'integer', int4: 'integer', int8: 'integer', numeric: 'number', uuid: 'bytes', text: 'text', varchar: 'text',
}; // prettier-ignore

/**
 * How source and target of a mapping can be read side by side, whatever its key: also where a load has its rows'
 * keys in memory. Null where its rows cannot be found again, or the key has no text that both sides share.
 * @param utf8 both databases hold UTF-8
 */
export function sidesOf(compiled: CompiledMapping, schema: string, utf8: boolean): Sides | null {
  if (compiled.handle.length === 0 || compiled.keyless) return null;
  const types = compiled.key.map((field) => compiled.fields[field]?.type);
  if (!types.every(hasOneText)) return null;
  const fit = (order: KeyOrder): KeyOrder =>
    utf8 || order === 'integer' || order === 'bytes' || order === 'number' ? order : 'utf8';
  if (compiled.found === 'key_map') {
    const orders = types.map((type) => fit(ORDERS[type === undefined ? '' : plain(type).name] ?? 'shown'));
    return { orders, side: byPairs(compiled, schema, orders) };
  }
  const own = mergeOrder(compiled);
  if (own?.every((order) => fit(order) === order) === true) return { orders: own, side: null };
  const orders = compiled.key.map((field, n) => {
    const to = compiled.columns[compiled.targetKey[n] ?? -1]?.column.type.base ?? 'text';
    const from = compiled.fields[field]?.type.base ?? 'text';
    const isNumber = (base: string): boolean => base === 'integer' || base === 'numeric';
    return isNumber(from) && isNumber(to) ? 'number' : fit('shown');
  });
  return { orders, side: null };
}

/** The rows that kept pairs speak of, in the order of the source keys in them. */
function byPairs(compiled: CompiledMapping, schema: string, orders: readonly KeyOrder[]): TargetSide {
  const name = (index: number): string => `t.${quoteName(compiled.columns[index]?.column.name ?? '')}`;
  const keys = orders.map((_, n) =>
    orders.length === 1 ? 'k.source_key' : `(k.source_key::jsonb ->> ${String(n)})`,
  );
  const order = keys.map((key, n) => pairOrder(key, orders[n]));
  const list = [...compiled.handle.map(name), ...keys, ...[...compiled.columns.keys()].map(name)];
  const sql = (condition: string): string => `select ${list.join(', ')}
    from ${schema}.key_map k join ${tableRows(compiled.table)} t on ${pairCondition(compiled)}
    where ${pairsOf(compiled)}${condition} order by ${order.join(', ')}`;
  const key = orders.map((_, n) => compiled.handle.length + n);
  const by = key.map((field, n) => ({ sql: order[n] ?? '', field, type: null }));
  const ordered = { only: (condition: string) => sql(` and ${condition}`), by, unique: true };
  return { copy: { sql: sql(''), ordered }, first: compiled.handle.length + keys.length, key };
}

/** A kept key is canonical text already. */
function pairOrder(sql: string, order: KeyOrder | undefined): string {
  if (order === 'integer') return `${sql}::int8`;
  if (order === 'bytes') return `${sql}::uuid`;
  return inOrder(sql, order === 'utf8' ? 'utf8' : 'text');
}

/** Whether all these databases hold UTF-8: else texts are not ordered alike as they stand there. */
export async function holdUtf8(sessions: readonly Session[]): Promise<boolean> {
  const answers = await Promise.all(
    sessions.map((session) => session.query("select current_setting('server_encoding')")),
  );
  return answers.every(({ rows }) => rows[0]?.[0] === 'UTF8');
}
