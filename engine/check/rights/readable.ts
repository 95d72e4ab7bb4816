import type { RowSecurity } from '../../contract/catalogue.js';
import type { Finding } from '../../contract/finding.js';
import type { Session } from '../../contract/session.js';
import { quoteName, quoteTable } from '../../postgres/identifier.js';
import { rowSecuritySql } from '../../postgres/row-security.js';
import { finding } from '../findings.js';
import type { Read } from './reads.js';

/** What a server says of a relation and the connected role. */
interface Readable {
  /** Its place among those asked for, from 0. */
  readonly n: number;
  readonly schema: string;
  readonly name: string;
  readonly role: string;
  /** Of the schema. */
  readonly usage: boolean;
  readonly select: boolean;
  /** A right on some column. */
  readonly some: boolean;
  /** Of the wanted columns those that it has and the role may not read. */
  readonly lacking: readonly string[];
  readonly security: RowSecurity | null;
  /** The role can take back by itself that it is bound. */
  readonly owned: boolean;
  readonly kind: string;
}

/**
 * By name and catalogue, not by `to_regclass`: that is an error where the schema is closed. Without a schema the first
 * of the search path that has it counts, those that the role may not use behind the others.
 */
const SQL = `
  with w as (select n - 1 as n, r->>'schema' as schema, r->>'name' as name, r->'columns' as columns
    from json_array_elements($1::json) with ordinality r(r, n)),
  path as (select current_schemas(true)::text[] || array(
    select trim(both '" ' from s) from regexp_split_to_table(current_setting('search_path'), ',') s) as path)
  select json_build_object('n', w.n, 'schema', c.nspname, 'name', w.name, 'role', current_user,
    'usage', has_schema_privilege(c.relnamespace, 'usage'), 'select', has_table_privilege(c.oid, 'select'),
    'some', has_any_column_privilege(c.oid, 'select'), 'security', c.security,
    'owned', pg_has_role(c.relowner, 'usage'), 'kind', c.relkind,
    'lacking', (select coalesce(json_agg(a.attname), '[]') from json_array_elements_text(
        case when json_typeof(w.columns) = 'array' then w.columns else '[]' end) x
      join pg_attribute a on a.attrelid = c.oid and a.attname = x and a.attnum > 0 and not a.attisdropped
      where not has_column_privilege(c.oid, a.attnum, 'select')))
  from w, path, lateral (select c.oid, c.relnamespace, c.relowner, c.relkind, n.nspname,
    ${rowSecuritySql('c', 'n')} as security
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relname = w.name and c.relkind in ('r', 'p', 'v', 'm', 'f')
      and (n.nspname = w.schema or w.schema is null and n.nspname = any (path.path))
    order by array_position(path.path, n.nspname::text) limit 1) c`;

/** What keeps the role of a connection from reading what mappings name there: one question for all. */
export async function readableFindings(
  session: Session,
  reads: readonly Read[],
): Promise<readonly Finding[]> {
  if (reads.length === 0) return [];
  const asked = reads.map(({ schema, name, columns }) => ({ schema, name, columns }));
  const { rows } = await session.query(SQL, [JSON.stringify(asked)]);
  const found = new Map<string, Finding>();
  for (const [json] of rows) {
    const facts = JSON.parse(json ?? '') as Readable;
    const read = reads[facts.n];
    const one = read === undefined ? null : judge(read, facts);
    // One mapping may name a table several times.
    if (one !== null) found.set(`${one.subject} ${one.code} ${one.help ?? ''}`, one);
  }
  return [...found.values()];
}

function judge(read: Read, facts: Readable): Finding | null {
  const { connection, mapping, by, at } = read;
  const [table, role] = [quoteTable(facts), quoteName(facts.role)];
  const of = { subject: `mapping ${mapping}`, at, severity: 'error' } as const;
  if (!facts.usage) {
    return finding({
      ...of,
      code: 'ETL-CHECK-025',
      message: `the ${connection} role ${role} may not use the schema ${quoteName(facts.schema)}, where ${by} has ${table}`,
      help: `grant usage on schema ${quoteName(facts.schema)} to ${role}`,
    });
  }
  if (read.isTarget) return null;
  const lacking = facts.lacking.map(quoteName).join(', ');
  if (!facts.select && (lacking !== '' || !facts.some)) {
    const columns = lacking === '' ? '' : ` (${lacking})`;
    return finding({
      ...of,
      code: 'ETL-CHECK-026',
      message: `the ${connection} role ${role} may not read ${lacking === '' ? '' : `${lacking} of `}${table}, which ${by} reads`,
      help: `grant select${columns} on ${table} to ${role}`,
    });
  }
  // Checks ask in a session that obeys policies which hide nothing; readers and look-ups have them raise an error.
  const seen = by.startsWith('the check') && facts.security?.closed.includes('select') === false;
  if (facts.security !== null && !seen) {
    return finding({
      ...of,
      code: 'ETL-CHECK-011',
      message: `row-level security of ${table} applies to the ${connection} role ${role}: ${by} would miss rows without a word, so a run refuses to read it`,
      help: facts.owned ? `alter table ${table} no force row level security` : `alter role ${role} bypassrls`,
    });
  }
  if (facts.select || by !== 'its source' || !['r', 'p'].includes(facts.kind)) return null;
  return finding({
    ...of,
    severity: 'note',
    code: 'ETL-CHECK-027',
    message: `the ${connection} role ${role} may read some columns of ${table} only: a run reads these, and cannot lock the table against a TRUNCATE in its midst`,
    help: `grant select on ${table} to ${role}`,
  });
}
