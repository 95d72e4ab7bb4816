import type { CompiledMapping } from '../contract/compiled.js';
import type { Session } from '../contract/session.js';
import { quoteName } from '../postgres/identifier.js';
import { mappingHashes } from './hashes.js';
import { decideReading, readingWords } from './delta.js';

/**
 * What a run would read of each mapping that has a `changed_at`, in a sentence, by the mapping's name. What only a
 * run sees (its look-ups, the rows of other mappings) may yet make it read everything.
 */
export async function plannedReadings(
  session: Session,
  stateSchema: string,
  all: readonly CompiledMapping[],
  loads: readonly CompiledMapping[],
): Promise<ReadonlyMap<string, string>> {
  const readings = new Map<string, string>();
  const changing = loads.filter(({ changedAt }) => changedAt !== null);
  if (changing.length === 0) return readings;
  const schema = quoteName(stateSchema);
  const known = await hasHistory(session, schema);
  const facts = { session, schema, hashes: await mappingHashes(all), fresh: false };
  for (const one of changing) {
    const words = known
      ? readingWords(await decideReading(one, facts))
      : 'reads everything: no run has loaded it yet';
    readings.set(one.mapping.name, words);
  }
  return readings;
}

/** Whether the state schema is there, in a version that knows what runs have seen. */
async function hasHistory(session: Session, schema: string): Promise<boolean> {
  const { rows } = await session.query(
    `select exists (select from pg_attribute where attrelid = to_regclass($1) and attname = 'lookups')`,
    [`${schema}.steps`],
  );
  return rows[0]?.[0] === 't';
}
