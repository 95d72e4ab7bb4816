import { createHash } from 'node:crypto';
import type { CompiledMapping } from '../../contract/compiled.js';
import { referencesOf } from '../../contract/references.js';
import type { Session } from '../../contract/session.js';
import { counted } from '../../contract/counted.js';
import { writtenSince } from '../../state/history.js';
import { countTarget } from '../checks.js';
import type { RunContext } from '../context.js';
import { decideReading, ledTo, readingWords, type Reading } from './delta.js';
import { lookupsOf, type LookupSessions } from '../lookups.js';
import { onSources } from '../sessions/sessions.js';

type Delta = Extract<Reading, { kind: 'delta' }>;

/** The part of a mapping's rows that a delta run reads. */
export interface DeltaLoad {
  /** The condition on `q`. */
  readonly only: string;
  /** ISO 8601 in UTC. */
  readonly from: string;
  /** How many rows it is, in the reader's snapshot. */
  readonly counted: number;
  /** The mapping's rows in the target before it, by what earlier runs have said; null where that is not known. */
  readonly before: number | null;
}

interface Sessions {
  readonly reader: Session;
  readonly target: Session;
}

/**
 * Decides what a load reads, writes it to the mapping's step and tells it.
 * @returns null where it reads everything
 */
export async function openDelta(
  context: RunContext,
  compiled: CompiledMapping,
  sessions: Sessions,
): Promise<DeltaLoad | null> {
  if (compiled.changedAt === null) return null;
  const { schema, handle, hashes, fresh, emit } = context;
  const { name } = compiled.mapping;
  const elsewhere = onSources(context, context.retriesOf(name));
  const lookups = await hashLookups(compiled, { ...sessions, elsewhere });
  let reading: Reading =
    handle.resumes > 0
      ? { kind: 'full', reason: 'what the interrupted run has brought must be found again', first: false }
      : await decideReading(compiled, { session: sessions.target, schema, hashes, fresh });
  if (reading.kind === 'delta') {
    const reason = await whyFull(context, compiled, sessions.target, { base: reading, lookups });
    if (reason !== null) reading = { kind: 'full', reason, first: false };
  }
  const from = reading.kind === 'delta' ? reading.from : null;
  await sessions.target.query(
    `update ${schema}.steps set read_from = $3, lookups = $4 where run = $1 and mapping = $2`,
    [handle.run, name, from, lookups],
  );
  if (reading.kind === 'delta' || !reading.first) {
    emit({ type: 'notice', level: 'info', message: `${name} ${readingWords(reading)}` });
  }
  if (reading.kind === 'full') return null;
  const { only, rows } = reading;
  const { rows: answer } = await sessions.reader.query(
    `select count(*) from (${compiled.rowsSql}\n) q where ${only}`,
  );
  return { only, from: reading.from, counted: Number(answer[0]?.[0] ?? 0), before: rows };
}

/** What shows only now: other look-ups, references that may lead elsewhere, rows that someone has taken away. */
async function whyFull(
  { schema, compiled: all }: RunContext,
  compiled: CompiledMapping,
  target: Session,
  { base: { base, rows, without, led }, lookups }: { readonly base: Delta; readonly lookups: string },
): Promise<string | null> {
  if (base.lookups !== lookups) return `a look-up has changed since run ${base.run}`;
  const { project } = compiled;
  const references = referencesOf(compiled);
  for (const {
    column: { name: column },
    parent,
    bound,
    place,
    resolver,
  } of references) {
    const { mapping } = parent;
    const written = await writtenSince(target, schema, {
      project,
      mapping: mapping.value,
      epoch: base.epoch,
    });
    if (
      ((parent.yields !== null && bound.yields !== null) || mayChange(all.get(mapping.value))) &&
      written.updated > 0
    ) {
      return `rows of ${mapping.value}, of which "${column}" holds a value, have changed`;
    }
    const lacking = resolver.missing === 'null' && (without.get(column) ?? 0) > 0;
    if (lacking && (bound.isLate || written.inserted > 0)) {
      return `rows were loaded without "${column}", and ${mapping.value} may have what they refer to now`;
    }
    const later = references.filter((other) => other.column.name === column && other.place > place);
    const beyond = later.find((other) => (led.get(ledTo(column, other.parent.mapping.value)) ?? 0) > 0);
    if (resolver.switch === null && beyond !== undefined && (bound.isLate || written.inserted > 0)) {
      return `"${column}" of some rows refers to ${beyond.parent.mapping.value}, and ${mapping.value}, which comes first, may have what they refer to now`;
    }
  }
  if (rows === null) return null;
  const found = await countTarget(target, compiled, schema);
  return found < rows
    ? `${counted(rows - found, 'row')} of earlier runs ${rows - found === 1 ? 'is' : 'are'} not in the target any more`
    : null;
}

/** Whether what references to the mapping give can change while its row stays. */
const mayChange = (other: CompiledMapping | undefined): boolean =>
  other?.found === 'key_map' && (other.identity === null || other.identity.strategy === 'mapped');

async function hashLookups(compiled: CompiledMapping, sessions: LookupSessions): Promise<string> {
  const tables = await lookupsOf(compiled, sessions);
  const texts = [...tables].map(([column, table]) => [column, table.entries()]);
  return createHash('sha256').update(JSON.stringify(texts)).digest('hex');
}
