import type { CompiledMapping } from '../../contract/compiled.js';
import type { Session } from '../../contract/session.js';
import { quoteDotted } from '../../contract/table-name.js';
import { isRowRefusal } from '../../postgres/failure.js';
import { quoteName, quoteText } from '../../postgres/identifier.js';

/** Questions at the most: as many as halve a bigint's keys. */
const MOST_QUESTIONS = 64;

/**
 * Finds the first key of a row that the mapping's own query fails for, by halving the keys.
 * @returns null where the keys cannot be told apart from the failure: no part of them fails alone, or none can be read
 */
export async function locateFault(
  session: Session,
  compiled: CompiledMapping,
  reopen: () => Promise<void>,
): Promise<string | null> {
  const key = `q.${quoteName(compiled.fields[compiled.key[0] ?? -1]?.name ?? '')}`;
  const works = async (sql: string): Promise<readonly (readonly (string | null)[])[] | null> => {
    try {
      return (await session.query(sql)).rows;
    } catch (error) {
      if (!isRowRefusal(error)) throw error;
      await reopen();
      return null;
    }
  };
  const keys = await keysOf(compiled, key, works);
  if (keys === null) return null;
  let [low, high] = [0, keys.count - 1];
  // The whole row, so that nothing of it is left out of the computation.
  const fails = async (from: string, to: string): Promise<boolean> =>
    (await works(
      `select count(q) from (${compiled.rowsSql}\n) q where ${key} >= ${quoteText(from)} and ${key} <= ${quoteText(to)}`,
    )) === null;
  for (let asked = 0; low < high && asked < MOST_QUESTIONS; asked++) {
    const middle = Math.floor((low + high) / 2);
    const [from, to] = [await keys.at(low), await keys.at(middle)];
    if (from === null || to === null) return null;
    if (await fails(from, to)) high = middle;
    else low = middle + 1;
  }
  const found = await keys.at(low);
  return found !== null && (await fails(found, found)) ? found : null;
}

interface SortedKeys {
  readonly count: number;
  /** The key at a place of their order, from 0. */
  at(n: number): Promise<string | null>;
}

/** The keys of the rows, read without what fails: of the query if it gives them, else of its table. */
async function keysOf(
  { mapping, rowsSql }: CompiledMapping,
  key: string,
  works: (sql: string) => Promise<readonly (readonly (string | null)[])[] | null>,
): Promise<SortedKeys | null> {
  const { from } = mapping.source;
  const bare = from.kind === 'table' ? [`select * from ${quoteDotted(from.table.value)}`] : [];
  for (const rows of [rowsSql, ...bare]) {
    const keys = `from (${rows}\n) q where ${key} is not null`;
    const counted = await works(`select count(*) from (select ${key} k ${keys} order by k) x`);
    if (counted === null) continue;
    return {
      count: Number(counted[0]?.[0] ?? 0),
      at: async (n) =>
        (await works(`select ${key}::text ${keys} order by ${key} offset ${String(n)} limit 1`))?.[0]?.[0] ??
        null,
    };
  }
  return null;
}
