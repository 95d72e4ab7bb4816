import type { CompiledMapping } from '../contract/compiled.js';
import { EtlError } from '../contract/errors.js';
import { isCompletedLater } from '../contract/references.js';
import type { Finding } from '../contract/finding.js';
import type { Position } from '../contract/problem.js';
import type { Session } from '../contract/session.js';
import { quoteDotted } from '../compile/shape.js';
import { quoteName, quoteTable, quoteText } from '../postgres/identifier.js';
import { finding } from './findings.js';

/** Tables that a finding names. */
const SHOWN = 5;

/** What a run does with a mapping's table, by the right that it needs. */
function neededRights({ mapping, columns }: CompiledMapping): readonly string[] {
  const { mode } = mapping.target;
  const waits = columns.some(({ make }) => isCompletedLater(make));
  const updates = mode.value === 'upsert' || waits;
  const deletes = mode.value === 'replace' || mapping.deletedRows === 'delete' || waits;
  return ['SELECT', 'INSERT', ...(updates ? ['UPDATE'] : []), ...(deletes ? ['DELETE'] : [])];
}

/** A sequence, and whether a run takes numbers from it or sets it. */
function sequencesOf({
  columns,
  identity,
}: CompiledMapping): readonly { readonly name: string; readonly right: string }[] {
  return columns.flatMap(({ column }) => {
    if (column.sequence === null) return [];
    const taken = identity?.strategy === 'sequence' && identity.column.name === column.name;
    return [{ name: column.sequence, right: taken ? 'USAGE' : 'UPDATE' }];
  });
}

/** What the target role may not do and a run would: two questions for all mappings. */
export async function grantFindings(
  target: Session,
  mappings: readonly CompiledMapping[],
  { name: stateSchema, at }: { readonly name: string; readonly at: Position | null },
): Promise<readonly Finding[]> {
  const answers = await target.queries(mappings.map(rightsSql));
  const found = mappings.flatMap((compiled, n) => {
    const answer = answers[n];
    if (answer instanceof EtlError) throw answer;
    return tableFindings(compiled, answer?.rows[0] ?? []);
  });
  return [...found, ...(await databaseFindings(target, stateSchema, at))];
}

/** One row of booleans: {@link neededRights}, then {@link sequencesOf}. */
function rightsSql(compiled: CompiledMapping): string {
  const names = compiled.columns.map(({ column }) => quoteText(column.name)).join(', ');
  // Of SELECT, INSERT and UPDATE a right on each column that is written will do.
  const table = (right: string): string =>
    right === 'DELETE'
      ? `has_table_privilege(c.oid, '${right}')`
      : `(has_table_privilege(c.oid, '${right}') or (select coalesce(bool_and(has_column_privilege(c.oid, n, '${right}')), false)
          from unnest(array[${names}]::text[]) n))`;
  const sequence = (name: string, right: string): string => {
    const has = `has_sequence_privilege(${quoteText(name)}, '${right}')`;
    return right === 'USAGE' ? `(${has} or has_sequence_privilege(${quoteText(name)}, 'UPDATE'))` : has;
  };
  const list = [
    ...neededRights(compiled).map(table),
    ...sequencesOf(compiled).map(({ name, right }) => sequence(name, right)),
  ];
  return `select ${list.join(', ')} from pg_class c where c.oid = ${String(compiled.table.oid)}`;
}

function tableFindings(compiled: CompiledMapping, has: readonly (string | null)[]): readonly Finding[] {
  const { mapping, table } = compiled;
  const { at } = mapping.target.table;
  const of = { severity: 'error', subject: `mapping ${mapping.name}`, at } as const;
  const [rights, sequences, name] = [neededRights(compiled), sequencesOf(compiled), quoteTable(table)];
  const lacking = rights
    .filter((_, n) => has[n] !== 't')
    .join(', ')
    .toLowerCase();
  const missing = finding({
    ...of,
    code: 'ETL-CHECK-020',
    message: `the target role may not ${lacking} on ${name}`,
    help: `grant ${lacking} on ${name} to the role of the target connection`,
  });
  const closed = sequences.filter((_, n) => has[rights.length + n] !== 't');
  return [
    ...(lacking === '' ? [] : [missing]),
    ...closed.map(({ name: sequence, right }) =>
      finding({
        ...of,
        code: 'ETL-CHECK-022',
        message: `the target role may not ${right === 'USAGE' ? 'take numbers from' : 'set'} the sequence ${sequence}`,
        help: `grant ${right.toLowerCase()} on sequence ${sequence} to the role of the target connection`,
      }),
    ),
  ];
}

/** Rights on the database: the state schema and temporary tables. */
async function databaseFindings(
  target: Session,
  stateSchema: string,
  at: Position | null,
): Promise<readonly Finding[]> {
  const { rows } = await target.query(
    `select has_database_privilege(current_database(), 'CREATE'), has_database_privilege(current_database(), 'TEMPORARY'),
       current_user, current_database(), n.oid is not null,
       n.oid is null or pg_has_role(n.nspowner, 'USAGE')
         or has_schema_privilege(n.oid, 'USAGE') and has_schema_privilege(n.oid, 'CREATE')
     from (select 1) one left join pg_namespace n on n.nspname = $1`,
    [stateSchema],
  );
  const [create, temporary, user, database, exists, usable] = rows[0] ?? [];
  const subject = 'connection target';
  const role = quoteName(user ?? '');
  const found: Finding[] = [];
  if (exists === 't' ? usable !== 't' : create !== 't') {
    found.push(
      finding({
        code: 'ETL-CHECK-021',
        severity: 'error',
        subject,
        at,
        message:
          exists === 't'
            ? `the target role may not use the schema "${stateSchema}"`
            : `the target role may not create the schema "${stateSchema}"`,
        help:
          exists === 't'
            ? `alter schema ${quoteName(stateSchema)} owner to ${role}`
            : `grant create on database ${quoteName(database ?? '')} to ${role}, or create the schema ${quoteName(stateSchema)} with it as its owner`,
      }),
    );
  }
  if (temporary !== 't') {
    found.push(
      finding({
        code: 'ETL-CHECK-023',
        severity: 'error',
        subject,
        at,
        message: 'the target role may not make temporary tables',
        help: `grant temporary on database ${quoteName(database ?? '')} to ${role}`,
      }),
    );
  }
  return found;
}

/** A mapping with the tables that its reader touches. */
export interface Reads {
  readonly compiled: CompiledMapping;
  /** As SQL text. The planner names none that hides all of its rows. */
  readonly tables: readonly string[];
}

/** What is wrong with the role of a source: it may write what is read, or row-level security hides rows from it. */
export async function sourceRoleFindings(
  source: Session,
  connection: { readonly name: string; readonly at: Position | null; readonly superuser: boolean },
  reads: readonly Reads[],
): Promise<readonly Finding[]> {
  const names = new Set(reads.flatMap(namesOf));
  const { rows } = await source.query(
    `select name, has_table_privilege(c.oid, 'INSERT') or has_table_privilege(c.oid, 'UPDATE')
       or has_table_privilege(c.oid, 'DELETE') or has_table_privilege(c.oid, 'TRUNCATE')
       or has_any_column_privilege(c.oid, 'INSERT') or has_any_column_privilege(c.oid, 'UPDATE'),
       row_security_active(c.oid)
     from json_array_elements_text($1::json) name join pg_class c on c.oid = to_regclass(name) order by 1`,
    [JSON.stringify([...names])],
  );
  const writable = rows.filter(([, may]) => may === 't').map(([name]) => name ?? '');
  const hidden = new Set(rows.filter(([, , active]) => active === 't').map(([name]) => name ?? ''));
  const of = reads.flatMap((one) => {
    const table = namesOf(one).find((name) => hidden.has(name));
    return table === undefined ? [] : [hiddenRows(one.compiled, table)];
  });
  return [...(connection.superuser || writable.length > 0 ? [mayWrite(connection, writable)] : []), ...of];
}

const namesOf = ({ compiled, tables }: Reads): readonly string[] => {
  const { from } = compiled.mapping.source;
  return from.kind === 'table' && tables.length === 0 ? [quoteDotted(from.table.value)] : tables;
};

function mayWrite(
  {
    name,
    at,
    superuser,
  }: { readonly name: string; readonly at: Position | null; readonly superuser: boolean },
  tables: readonly string[],
): Finding {
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

const hiddenRows = ({ mapping }: CompiledMapping, table: string): Finding =>
  finding({
    code: 'ETL-CHECK-011',
    severity: 'error',
    subject: `mapping ${mapping.name}`,
    message: `row-level security of ${table} applies to the source role: a run refuses to read it`,
    at: mapping.source.at,
    help: 'alter role … bypassrls, or read as the owner of the table',
  });
