import type { Finding } from '../../contract/finding.js';
import type { Position } from '../../contract/problem.js';
import type { Session } from '../../contract/session.js';
import { finding } from '../findings.js';

/** Tables that a finding names. */
const SHOWN = 5;

interface SourceConnection {
  readonly name: string;
  readonly at: Position | null;
  readonly superuser: boolean;
}

/** A source role that may do more than read. @param tables that its mappings read, as SQL text */
export async function sourceRoleFindings(
  source: Session,
  connection: SourceConnection,
  tables: readonly string[],
): Promise<readonly Finding[]> {
  const { rows } = await source.query(
    `select name from json_array_elements_text($1::json) name join pg_class c on c.oid = to_regclass(name)
     where has_table_privilege(c.oid, 'INSERT') or has_table_privilege(c.oid, 'UPDATE')
       or has_table_privilege(c.oid, 'DELETE') or has_table_privilege(c.oid, 'TRUNCATE')
       or has_any_column_privilege(c.oid, 'INSERT') or has_any_column_privilege(c.oid, 'UPDATE') order by 1`,
    [JSON.stringify([...new Set(tables)])],
  );
  const writable = rows.map(([name]) => name ?? '');
  return connection.superuser || writable.length > 0 ? [mayWrite(connection, writable)] : [];
}

function mayWrite({ name, at, superuser }: SourceConnection, tables: readonly string[]): Finding {
  const more = tables.length > SHOWN ? ` and ${String(tables.length - SHOWN)} more` : '';
  const list = `${tables.slice(0, SHOWN).join(', ')}${more}`;
  return finding({
    code: 'ETL-CHECK-010',
    severity: 'warning',
    subject: `connection ${name}`,
    message: superuser ? 'the source role is a superuser' : `the source role may write ${list}`,
    at,
    help: 'connect as a role that may do nothing but read: grant select on all tables in schema … to it',
  });
}
