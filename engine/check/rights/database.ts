import type { Finding } from '../../contract/finding.js';
import type { Position } from '../../contract/problem.js';
import type { Session } from '../../contract/session.js';
import { quoteName } from '../../postgres/identifier.js';
import { finding } from '../findings.js';

interface DatabaseFacts {
  readonly role: string;
  readonly database: string;
  /** On the database. */
  readonly create: boolean;
  readonly temporary: boolean;
  /** Of the state schema: null where there is none, else the rights on it that are missing. */
  readonly lacking: readonly string[] | null;
  /** What is in it and not the role's, as `alter table "etl"."runs"`. */
  readonly foreign: readonly string[];
}

const FACTS = `
  select json_build_object('role', current_user, 'database', current_database(),
    'create', has_database_privilege(current_database(), 'create'),
    'temporary', has_database_privilege(current_database(), 'temporary'),
    'lacking', (select array_remove(array[case when not has_schema_privilege(n.oid, 'usage') then 'usage' end,
        case when not has_schema_privilege(n.oid, 'create') then 'create' end], null) from pg_namespace n where n.nspname = $1),
    'foreign', (select coalesce(json_agg(what order by what), '[]') from (
      select format('alter table %I.%I', n.nspname, c.relname) what from pg_class c
        where c.relnamespace = n.oid and c.relkind = 'r' and not pg_has_role(c.relowner, 'usage')
      union all select format('alter function %s', p.oid::regprocedure) from pg_proc p
        where p.pronamespace = n.oid and not pg_has_role(p.proowner, 'usage')) x))
  from (select 1) one left join pg_namespace n on n.nspname = $1`;

/** Rights on the target's database: the state schema and temporary tables. @param at of the connection */
export async function databaseFindings(
  target: Session,
  stateSchema: string,
  at: Position | null,
): Promise<readonly Finding[]> {
  const { rows } = await target.query(FACTS, [stateSchema]);
  const facts = JSON.parse(rows[0]?.[0] ?? '') as DatabaseFacts;
  const [role, database, schema] = [facts.role, facts.database, stateSchema].map(quoteName);
  const found: Finding[] = [];
  const add = (code: Finding['code'], message: string, help: string): void => {
    found.push(finding({ code, severity: 'error', subject: 'connection target', at, message, help }));
  };
  const lacking = facts.lacking ?? [];
  if (facts.lacking === null && !facts.create) {
    add(
      'ETL-CHECK-021',
      `the target role ${role ?? ''} may not create the schema ${schema ?? ''} for the run's state, nor any other in the database ${database ?? ''}`,
      `create schema ${schema ?? ''}; grant usage, create on schema ${schema ?? ''} to ${role ?? ''}`,
    );
  }
  if (lacking.length > 0) {
    add(
      'ETL-CHECK-021',
      `the target role ${role ?? ''} may not use the schema ${schema ?? ''} for the run's state`,
      `grant ${lacking.join(', ')} on schema ${schema ?? ''} to ${role ?? ''}`,
    );
  }
  if (facts.foreign.length > 0) {
    add(
      'ETL-CHECK-029',
      `the state in the schema ${schema ?? ''} belongs to another role than ${role ?? ''}, and this one could neither write nor upgrade it`,
      facts.foreign.map((what) => `${what} owner to ${role ?? ''}`).join('; '),
    );
  }
  if (!facts.temporary) {
    add(
      'ETL-CHECK-023',
      `the target role ${role ?? ''} may not make temporary tables`,
      `grant temporary on database ${database ?? ''} to ${role ?? ''}`,
    );
  }
  return found;
}
