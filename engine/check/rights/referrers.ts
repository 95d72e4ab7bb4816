import type { RowSecurity } from '../../contract/catalogue.js';
import type { CompiledMapping } from '../../contract/compiled.js';
import type { Finding } from '../../contract/finding.js';
import type { Session } from '../../contract/session.js';
import { rowSecuritySql } from '../../postgres/row-security.js';
import { finding } from '../findings.js';

const REFERRERS = `
  select k.confrelid, format('%I.%I', n.nspname, c.relname), ${rowSecuritySql('c', 'n')}
  from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
  where k.contype = 'f' and k.confrelid = any ($1::oid[]) and row_security_active(c.oid)`;

/**
 * Tables whose rows refer to loaded ones and may be hidden from the role: where a row is to be taken back, a run asks
 * who refers to it. Only for sessions that obey policies; others raise an error by themselves.
 */
export async function referrerFindings(
  target: Session,
  loads: readonly CompiledMapping[],
): Promise<readonly Finding[]> {
  const oids = loads.map(({ table }) => String(table.oid));
  const { rows } = await target.query(REFERRERS, [`{${oids.join(',')}}`]);
  return rows.flatMap(([oid, table, json]) => {
    const { closed, cure } = JSON.parse(json ?? '{"closed":[]}') as RowSecurity;
    const one = loads.find((load) => String(load.table.oid) === oid);
    if (one === undefined || !closed.includes('select')) return [];
    return [
      finding({
        code: 'ETL-CHECK-011',
        severity: 'error',
        subject: `mapping ${one.mapping.name}`,
        at: one.mapping.target.table.at,
        message: `row-level security of ${table ?? ''} may hide rows from the target role that refer to those of ${one.table.name}`,
        help: cure,
      }),
    ];
  });
}
