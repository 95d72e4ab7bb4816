import type { MappingResult, RunResult } from '../../engine/contract/result.js';
import { query } from './database.js';

/** Columns of pg_class that vacuum and analyze write, whoever has caused them. */
const VACUUM = ['reltuples', 'relpages', 'relallvisible', 'relallfrozen', 'relfrozenxid', 'relminmxid'];

const CATALOGUE = [
  'pg_attrdef', 'pg_attribute', 'pg_class', 'pg_constraint', 'pg_depend', 'pg_enum', 'pg_index',
  'pg_inherits', 'pg_namespace', 'pg_policy', 'pg_proc', 'pg_rewrite', 'pg_sequence', 'pg_trigger', 'pg_type',
]; // prettier-ignore

const TABLES = `select format('%I.%I', n.nspname, c.relname) as name from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'm') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' order by 1`;

/** A digest of each table of a database, of its rows' places and versions, too, and of its catalogue; without sequences. */
export async function fingerprint(admin: string): Promise<Readonly<Record<string, unknown>>> {
  const left = VACUUM.map((column) => `- '${column}'`).join(' ');
  const digests = [
    ...(await query(admin, TABLES)).map(({ name }) => [String(name), `ctid::text || xmin::text || t::text`]),
    ...CATALOGUE.map((name) => [name, name === 'pg_class' ? `(to_jsonb(t) ${left})::text` : 't::text']),
  ].map(
    ([
      name,
      row,
    ]) => `select '${name ?? ''}' as name, count(*) || ' rows ' || md5(string_agg(r, '|' order by r collate "C")) as rows
      from (select ${row ?? ''} as r from ${name ?? ''} t) x`,
  );
  const found = await query(admin, digests.join(' union all '));
  return Object.fromEntries(found.map(({ name, rows }) => [String(name), rows]));
}

/** Ids of a sequence in the reason of a reject: a run before has taken others. */
const IDS = /Failing row contains \([^)]*\)|\(\d+ in the target\)/g;

/** What two runs that do the same have in common: all but times, ids, and what tells them apart. */
export function comparable({ mappings, status, exitCode, reasons }: RunResult): unknown {
  const plain = mappings.map(
    ({
      startedAfterMs: _start,
      duration_ms: _time,
      spent: _spent,
      settings: _chosen,
      bytesSent: _sent,
      ...rest
    }: MappingResult) => rest,
  );
  const text = JSON.stringify({ status, exitCode, reasons, mappings: plain });
  return JSON.parse(text.replace(IDS, '(ids)'));
}
