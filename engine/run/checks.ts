import type { CompiledMapping } from '../contract/compiled.js';
import { givenColumn, referencesOf } from '../contract/references.js';
import type { CheckResult } from '../contract/result.js';
import type { Session } from '../contract/session.js';
import { quoteName, quoteText, tableRows } from '../postgres/identifier.js';
import { holdsValue } from './late/holds-value.js';
import { keyPart, keysCondition, textPart } from './keys/key-condition.js';
import { pairCondition, pairsOf } from './keys/pairs.js';
import type { Sample } from './sample/sample-mapping.js';
import type { Tally } from './rows/tally.js';

/** Keys that are counted in one query. */
const KEYS = 10_000;

async function count(session: Session, sql: string): Promise<number> {
  const { rows } = await session.query(sql);
  return Number(rows[0]?.[0] ?? 0);
}

/** The mapping's rows in the target, as what stands behind `select count(*)`. */
export function rowsOf(compiled: CompiledMapping, schema: string): string {
  const table = tableRows(compiled.table);
  if (compiled.found === 'target') {
    const keys = compiled.targetKey.map(
      (index) => `t.${quoteName(compiled.columns[index]?.column.name ?? '')} is not null`,
    );
    return `from ${table} t where ${keys.join(' and ')}`;
  }
  const rows = compiled.handle.length === 0 ? '' : ` join ${table} t on ${pairCondition(compiled)}`;
  return `from ${schema}.key_map k${rows} where ${pairsOf(compiled)}`;
}

/** Those of a sample, by their keys: others that are there are none of this run's business. */
async function countSample(
  session: Session,
  compiled: CompiledMapping,
  schema: string,
  { keys }: Sample,
): Promise<number> {
  const pairs = compiled.found === 'key_map';
  const parts = pairs
    ? [textPart('k.source_key')]
    : compiled.targetKey.flatMap((index) => {
        const column = compiled.columns[index]?.column;
        return column === undefined ? [] : [keyPart(`t.${quoteName(column.name)}`, column.type)];
      });
  const list = pairs ? [...keys.keys()].map((key) => [key]) : [...keys.values()];
  let found = 0;
  for (let at = 0; at < list.length; at += KEYS) {
    const which = keysCondition(parts, list.slice(at, at + KEYS));
    found += await count(session, `select count(*) ${rowsOf(compiled, schema)} and ${which}`);
  }
  return found;
}

/** The rows of a mapping that the target has, told by their keys. */
export const countTarget = (session: Session, compiled: CompiledMapping, schema: string): Promise<number> =>
  count(session, `select count(*) ${rowsOf(compiled, schema)}`);

/** What a count of a mapping's rows is about, where it is not all that the source has. */
export interface Counted {
  /** The mapping's rows of the runs before, where only what changed was read; null where all was. */
  readonly before: number | null;
  /** The rows that a run with a limit read; null for one without. */
  readonly sample: Sample | null;
}

/** As many rows as the source gave, or a sample of it, are found in the target under their keys. */
export async function rowCountCheck(
  session: Session,
  compiled: CompiledMapping,
  schema: string,
  tally: Tally,
  { before, sample }: Counted,
): Promise<CheckResult> {
  const target =
    sample === null
      ? await countTarget(session, compiled, schema)
      : await countSample(session, compiled, schema, sample);
  const loaded = tally.inserted + tally.updated + tally.unchanged;
  const source = before === null || sample !== null ? loaded : before + tally.inserted;
  const result = { check: 'row_count', source: String(source), target: String(target) };
  if (target === source) return { ...result, status: 'passed' };
  if (target < source)
    return { ...result, status: 'failed', note: 'rows that were loaded are not in the target' };
  const note =
    'the target has rows of earlier runs that the source does not give any more, or that are rejected now';
  return { ...result, status: 'warned', note };
}

/** No reference leads nowhere: by the target's own foreign key, or else counted. */
export async function referenceChecks(
  session: Session,
  compiled: CompiledMapping,
  all: ReadonlyMap<string, CompiledMapping>,
): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  const references = referencesOf(compiled);
  for (const column of new Set(references.map((reference) => reference.column))) {
    const ends = references.flatMap((reference) => {
      const other = all.get(reference.parent.mapping.value);
      return reference.column !== column || other === undefined ? [] : [{ ...reference, other }];
    });
    if (ends.length === 0) continue;
    const check = `references ${column.name}`;
    const key = compiled.table.foreignKeys.find(
      (f) => f.validated && f.columns.length === 1 && f.columns[0] === column.name,
    );
    if (key !== undefined) {
      results.push({
        check,
        status: 'passed',
        source: '0',
        target: '0',
        note: `held by the foreign key ${key.name}`,
      });
      continue;
    }
    const { value } = ends[0]?.standIn ?? {};
    // What stands in for a reference is a value of the target, and need not be there.
    const stands =
      value === undefined || value.type === 'null'
        ? ''
        : ` and t.${quoteName(column.name)} <> ${quoteText(value.text)}::${column.type.sql}`;
    // Of several mappings any: which of them a row refers to its source alone tells.
    const missing = ends.map(
      ({ other, bound }) => `not exists
       (select from ${tableRows(other.table)} r
        where ${holdsValue(`t.${quoteName(column.name)}`, `r.${quoteName(givenColumn(other, bound))}`, bound)})`,
    );
    const orphans = await count(
      session,
      `select count(*) from ${tableRows(compiled.table)} t
       where t.${quoteName(column.name)} is not null${stands} and ${missing.join(' and ')}`,
    );
    results.push({
      check,
      status: orphans === 0 ? 'passed' : 'failed',
      source: '0',
      target: String(orphans),
      ...(orphans === 0 ? {} : { note: 'rows refer to a row that is not there' }),
    });
  }
  return results;
}
