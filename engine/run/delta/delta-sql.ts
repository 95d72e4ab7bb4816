import type { CompiledMapping } from '../../contract/compiled.js';
import type { Watermark } from '../../contract/watermark.js';
import { quoteText } from '../../postgres/identifier.js';
import { arrayText } from '../keys/ask-keys.js';
import type { OpenRejects } from '../../state/history.js';

type ChangedAt = NonNullable<CompiledMapping['changedAt']>;

const SECOND = 1000;

/** Where the source does not show what is in flight. */
const UNSEEN = 3600 * SECOND;

/** A transaction is shown a moment after its time was taken. */
const MOMENT = 60;

/** The local time of a zone is at most so far behind UTC. */
const ZONE = 12 * 3600;

/**
 * The time from which a run reads after one whose snapshot was taken at the watermark: behind everything that this
 * snapshot may have missed. Local times without a zone count on top of it.
 */
export function readFrom({ taken, oldest }: Watermark, { type, overlap }: ChangedAt): string {
  const at = Date.parse(taken);
  const begun = oldest === null ? at - UNSEEN : Date.parse(oldest);
  const local = type === 'timestamp';
  const reach = (overlap ?? (local ? ZONE + MOMENT : MOMENT)) * SECOND;
  return new Date(local ? Math.min(begun, at) - reach : Math.min(begun, at - reach)).toISOString();
}

/** The condition on `q` of the rows that a delta run reads. */
export function deltaCondition(
  compiled: CompiledMapping,
  changed: ChangedAt,
  from: string,
  open: OpenRejects,
): string {
  const key = compiled.key.map((field) => compiled.fields[field]?.sql ?? 'null');
  const parts = [`${changed.sql} >= ${boundOf(changed.type, from)}`, `${changed.sql} is null`];
  if (open.keys.length > 0) parts.push(amongKeys(compiled, key, open.keys));
  if (open.nulls) parts.push(...key.map((sql) => `${sql} is null`));
  const any = parts.join(' or ');
  if (compiled.keyUnique) return `(${any})`;
  // Rows of one key are decided about together.
  const list = key.join(', ');
  return `(${any} or (${list}) in (select ${list} from (${compiled.rowsSql}\n) q where ${any}))`;
}

function boundOf(type: ChangedAt['type'], from: string): string {
  const at = `${quoteText(from)}::timestamptz`;
  if (type === 'timestamptz') return at;
  // A local day is at most one behind UTC's.
  return type === 'timestamp' ? `(${at} at time zone 'UTC')` : `((${at} at time zone 'UTC')::date - 1)`;
}

function amongKeys(compiled: CompiledMapping, key: readonly string[], keys: OpenRejects['keys']): string {
  const arrays = compiled.key.map((field, n) => {
    const type = compiled.fields[field]?.type.sql ?? 'text';
    return `${quoteText(arrayText(keys.map((parts) => parts[n] ?? '')))}::${type}[]`;
  });
  return key.length === 1
    ? `${key[0] ?? ''} = any(${arrays[0] ?? ''})`
    : `(${key.join(', ')}) in (select * from unnest(${arrays.join(', ')}))`;
}
