import { plainType } from '../../contract/catalogue.js';
import type { CompiledMapping } from '../../contract/compiled.js';
import type { Ordered, OrderedBy } from '../../contract/session.js';
import { quoteName } from '../../postgres/identifier.js';
import type { Reading } from './faultless.js';

/**
 * How a part of a key is ordered alike by both databases and by the engine: by its own order, by its text's bytes, or
 * by the bytes of its canonical text (`number`, `shown`), in UTF-8 whatever the database holds (`utf8`).
 */
export type KeyOrder = 'integer' | 'bytes' | 'text' | 'number' | 'shown' | 'utf8';

/** A key column in the order of a merge: texts by their bytes, whatever the database's collation. */
export function inOrder(sql: string, order: KeyOrder | undefined): string {
  switch (order) {
    case 'text':
      return `${sql} collate "C"`;
    case 'number':
      return `trim_scale((${sql})::numeric)::text collate "C"`;
    case 'shown':
      return `(${sql})::text collate "C"`;
    case 'utf8':
      return `encode(convert_to((${sql})::text, 'UTF8'), 'hex') collate "C"`;
    case 'integer':
    case 'bytes':
    case undefined:
      return sql;
  }
}

/** Types whose equal values have one text: their own order is enough, and an index may give it. */
const ONE_TEXT: ReadonlySet<string> = new Set([
  'int2', 'int4', 'int8', 'oid', 'uuid', 'bool', 'date', 'time', 'timestamp', 'timestamptz', 'bytea', 'inet', 'cidr',
]); // prettier-ignore

/** A value as COPY writes it, for an order whose next row is told by a text that was read. */
export const writtenText = (sql: string, type: string | undefined): string =>
  // A cast takes the padding of a char(n) away.
  `${type === 'bpchar' ? `textin(bpcharout(${sql}))` : `${sql}::text`} collate "C"`;

/** What a reader asks of its source, and how it goes on in the middle. */
export interface ReaderCopy {
  readonly sql: string;
  /** Undefined where its rows have no order in which it could go on. */
  readonly ordered: Ordered | undefined;
}

/** The copy of a mapping's rows; see {@link readerSql}. */
export function readerCopy(
  compiled: CompiledMapping,
  orders: readonly KeyOrder[] = [],
  only?: string,
): ReaderCopy {
  const both = (condition: string): string => (only === undefined ? condition : `(${only}) and ${condition}`);
  return {
    sql: readerSql(compiled, orders, only),
    ordered: compiled.keyless
      ? undefined
      : {
          only: (condition) => readerSql(compiled, orders, both(condition)),
          by: readerOrder(compiled, orders),
          unique: compiled.keyUnique,
        },
  };
}

/** What is read of a mapping: its fields, in the order of its key, or as a merge needs it; `only` is a condition on `q`. */
export function readerSql(
  compiled: CompiledMapping,
  orders: readonly KeyOrder[] = [],
  only?: string,
  guards: ReadonlyMap<number, string> = new Map(),
): string {
  const columns = compiled.fields.map(({ sql }, n) => {
    const guard = guards.get(n);
    return `${guard === undefined ? sql : `case when ${guard} then null else ${sql} end`} as f${String(n)}`;
  });
  const list = columns.join(', ');
  const order = readerOrder(compiled, orders)
    .map(({ sql }) => sql)
    .join(', ');
  const where = only === undefined ? '' : ` where ${only}`;
  return `select ${list} from (${compiled.rowsSql}\n) q${where}${order === '' ? '' : ` order by ${order}`}`;
}

/** The reader's order: the key's own, and where that is not unique, the texts of what may be equal in several. */
function readerOrder(compiled: CompiledMapping, orders: readonly KeyOrder[]): readonly OrderedBy[] {
  // They are numbered in the order in which they come.
  if (compiled.keyless) return [];
  const keys = compiled.key.map((field, n) => {
    const name = `q.${quoteName(compiled.fields[field]?.name ?? '')}`;
    const type = compiled.fields[field]?.type;
    const plain = type === undefined ? undefined : plainType(type).name;
    // An anonymous row cannot be read from its text.
    const literal = type?.kind === 'composite' ? type.sql : null;
    return { field, name, plain, by: { sql: inOrder(name, orders[n]), field, type: literal } };
  });
  const own = keys.map(({ by }) => by);
  if (compiled.keyUnique) return own;
  // Where the type takes different texts for equal (citext, a collation), rows of one text still come together.
  const texts = keys
    .filter(({ plain }) => !ONE_TEXT.has(plain ?? ''))
    .map(({ name, field, plain }) => ({ sql: writtenText(name, plain), field, type: null }));
  return [...own, ...texts];
}

/** How rows are read so that an error inside the source's SQL takes none away that it is not about. */
export const readingOf = (
  compiled: CompiledMapping,
  orders: readonly KeyOrder[],
  only: string | undefined,
): Pick<Reading, 'compiled' | 'order' | 'only' | 'sql'> => ({
  compiled,
  order: readerOrder(compiled, orders),
  only: only ?? null,
  sql: (condition, guards) => readerSql(compiled, orders, condition ?? undefined, guards),
});
