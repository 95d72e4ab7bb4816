import type { CompiledMapping } from '../../contract/compiled.js';
import type { Session } from '../../contract/session.js';
import { quoteName } from '../../postgres/identifier.js';
import { mappingHashes } from './hashes.js';
import { decideReading, readingWords, whyLoad } from './delta.js';

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

/** A mapping that a run would have something to do for. */
export interface ToDo {
  readonly mapping: string;
  readonly reason: string;
}

/**
 * The mappings that no run has loaded as they are now. Whether rows of the source have changed since nobody knows without
 * reading them: that is none.
 */
export async function plannedWork(
  session: Session,
  stateSchema: string,
  all: readonly CompiledMapping[],
  selected: ReadonlySet<string>,
): Promise<readonly ToDo[]> {
  const schema = quoteName(stateSchema);
  const known = await hasHistory(session, schema);
  const facts = { session, schema, hashes: await mappingHashes(all), fresh: false };
  const work: ToDo[] = [];
  for (const one of all) {
    const { name: mapping } = one.mapping;
    if (!selected.has(mapping)) continue;
    const reason = known ? await whyLoad(one, facts) : 'no run has loaded it yet';
    if (reason !== null) work.push({ mapping, reason });
  }
  return work;
}

/** Whether the state schema is there, in a version that knows what runs have seen. */
async function hasHistory(session: Session, schema: string): Promise<boolean> {
  const { rows } = await session.query(
    `select exists (select from pg_attribute where attrelid = to_regclass($1) and attname = 'lookups')`,
    [`${schema}.steps`],
  );
  return rows[0]?.[0] === 't';
}
