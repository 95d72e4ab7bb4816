import type { CompiledMapping } from '../contract/compiled.js';
import type { CheckResult } from '../contract/result.js';
import type { Session } from '../contract/session.js';
import { quoteName, quoteTable } from '../postgres/identifier.js';
import { pairCondition, pairsOf } from './pairs.js';
import type { Tally } from './tally.js';

async function count(session: Session, sql: string): Promise<number> {
  const { rows } = await session.query(sql);
  return Number(rows[0]?.[0] ?? 0);
}

/** The rows of a mapping that the target has, told by their keys. */
export async function countTarget(
  session: Session,
  compiled: CompiledMapping,
  schema: string,
): Promise<number> {
  const table = quoteTable(compiled.table);
  const keys = compiled.targetKey.map(
    (index) => `${quoteName(compiled.columns[index]?.column.name ?? '')} is not null`,
  );
  if (compiled.found === 'target') {
    return count(session, `select count(*) from ${table} where ${keys.join(' and ')}`);
  }
  const pairs = `${schema}.key_map k`;
  const rows =
    compiled.handle.length === 0 ? pairs : `${pairs} join ${table} t on ${pairCondition(compiled)}`;
  return count(session, `select count(*) from ${rows} where ${pairsOf(compiled)}`);
}

/**
 * As many rows as the source gave are found in the target under their keys.
 * @param before the mapping's rows of the runs before, where only what changed was read; null where all was
 */
export async function rowCountCheck(
  session: Session,
  compiled: CompiledMapping,
  schema: string,
  tally: Tally,
  before: number | null,
): Promise<CheckResult> {
  const target = await countTarget(session, compiled, schema);
  const source = before === null ? tally.inserted + tally.updated + tally.unchanged : before + tally.inserted;
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
  for (const { column, make } of compiled.columns) {
    const resolver = make.kind === 'value' ? make.spec.resolver : null;
    const other = resolver?.kind === 'references' ? all.get(resolver.mapping.value) : undefined;
    if (resolver?.kind !== 'references' || other === undefined) continue;
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
    const wanted =
      resolver.yields?.value ??
      other.identity?.column.name ??
      other.columns[other.targetKey[0] ?? -1]?.column.name ??
      '';
    const orphans = await count(
      session,
      `select count(*) from ${quoteTable(compiled.table)} t where t.${quoteName(column.name)} is not null and not exists
       (select from ${quoteTable(other.table)} r where r.${quoteName(wanted)} = t.${quoteName(column.name)})`,
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
