import type { CompiledMapping } from '../../contract/compiled.js';
import { EtlError } from '../../contract/errors.js';
import { isCompletedLater } from '../../contract/references.js';
import type { Finding } from '../../contract/finding.js';
import type { Session } from '../../contract/session.js';
import { quoteName, quoteTable, quoteText } from '../../postgres/identifier.js';
import { finding } from '../findings.js';

type TableRight = 'select' | 'insert' | 'update' | 'delete';

/** What a run does with a mapping's table, by the right that it needs. */
function neededRights({ mapping, columns }: CompiledMapping): readonly TableRight[] {
  const { mode } = mapping.target;
  const waits = columns.some(({ make }) => isCompletedLater(make));
  const updates = mode.value === 'upsert' || waits;
  const deletes = mode.value === 'replace' || mapping.deletedRows === 'delete' || waits;
  return [
    'select',
    'insert',
    ...(updates ? ['update' as const] : []),
    ...(deletes ? ['delete' as const] : []),
  ];
}

interface SequenceUse {
  readonly name: string;
  readonly rights: readonly ('usage' | 'update')[];
}

/** Sequences that give numbers (`usage`), or are read and set behind the highest id (`usage`, `update`). */
function sequencesOf({ table, columns, identity, defaulted }: CompiledMapping): readonly SequenceUse[] {
  const listed = columns.flatMap(({ column }): readonly SequenceUse[] => {
    if (column.sequence === null) return [];
    const taken = identity?.strategy === 'sequence' && identity.column.name === column.name;
    return [{ name: column.sequence, rights: taken ? ['usage'] : ['usage', 'update'] }];
  });
  // An identity column gives its numbers to whoever may insert; the default of a serial asks the role.
  const given = table.columns.flatMap((column): readonly SequenceUse[] =>
    defaulted.includes(column.name) && column.sequence !== null && column.identity === null
      ? [{ name: column.sequence, rights: ['usage'] }]
      : [],
  );
  return [...listed, ...given];
}

/** What a server says of a mapping's rights. */
interface Held {
  readonly role: string;
  readonly table: readonly TableRight[];
  /** Of each of {@link sequencesOf}. */
  readonly sequences: readonly (readonly string[])[];
}

/** One JSON document, {@link Held}. Of `select`, `insert` and `update` a right on each column that is written will do. */
function heldSql(compiled: CompiledMapping): string {
  const names = compiled.columns.map(({ column }) => quoteText(column.name)).join(', ');
  const onColumns = (right: TableRight): string =>
    right === 'delete'
      ? 'false'
      : `(select coalesce(bool_and(has_column_privilege(c.oid, n, '${right}')), false) from unnest(array[${names}]::text[]) n)`;
  const table = (['select', 'insert', 'update', 'delete'] as const).map(
    (right) => `case when has_table_privilege(c.oid, '${right}') or ${onColumns(right)} then '${right}' end`,
  );
  // To set a sequence is to give numbers, too; to read how far it is takes one of two rights.
  const sequences = sequencesOf(compiled).map(({ name, rights }) => {
    const may = (right: string): string => `has_sequence_privilege(${quoteText(name)}, '${right}')`;
    const reads = rights.includes('update') ? may('select') : may('update');
    return `array_remove(array[case when ${may('usage')} or ${reads} then 'usage' end, case when ${may('update')} then 'update' end], null)`;
  });
  return `select json_build_object('role', current_user, 'table', array_remove(array[${table.join(', ')}], null),
    'sequences', json_build_array(${sequences.join(', ')})) from pg_class c where c.oid = ${String(compiled.table.oid)}`;
}

/** What the target role may not do with tables and sequences and a run would: one round trip for all mappings. */
export async function targetFindings(
  target: Session,
  mappings: readonly CompiledMapping[],
): Promise<readonly Finding[]> {
  const answers = await target.queries(mappings.map(heldSql));
  return mappings.flatMap((compiled, n) => {
    const answer = answers[n];
    if (answer instanceof EtlError) throw answer;
    const held = JSON.parse(answer?.rows[0]?.[0] ?? '') as Held;
    return [...tableFindings(compiled, held), ...sequenceFindings(compiled, held)];
  });
}

const about = ({ mapping }: CompiledMapping) =>
  ({ severity: 'error', subject: `mapping ${mapping.name}`, at: mapping.target.table.at }) as const;

function tableFindings(compiled: CompiledMapping, held: Held): readonly Finding[] {
  const [name, role] = [quoteTable(compiled.table), quoteName(held.role)];
  const needed = neededRights(compiled);
  const lacking = needed.filter((right) => !held.table.includes(right)).join(', ');
  const missing = finding({
    ...about(compiled),
    code: 'ETL-CHECK-020',
    message: `the target role ${role} may not ${lacking} on ${name}`,
    help: `grant ${lacking} on ${name} to ${role}`,
  });
  const later = (['update', 'delete'] as const)
    .filter((right) => !needed.includes(right) && !held.table.includes(right))
    .join(', ');
  const cannotUndo = finding({
    ...about(compiled),
    severity: 'warning',
    code: 'ETL-CHECK-028',
    message: `the target role ${role} may not ${later} on ${name}: a run loads it all the same; a rollback is refused, and a resume fails where rows that an interrupted run brought are gone from the source`,
    help: `grant ${later} on ${name} to ${role}`,
  });
  return [...(lacking === '' ? [] : [missing]), ...(later === '' ? [] : [cannotUndo])];
}

const sequenceFindings = (compiled: CompiledMapping, { role, sequences }: Held): readonly Finding[] =>
  sequencesOf(compiled).flatMap(({ name, rights }, n) => {
    const lacking = rights.filter((right) => sequences[n]?.includes(right) !== true);
    if (lacking.length === 0) return [];
    const what = rights.includes('update') ? 'set' : 'take numbers from';
    return [
      finding({
        ...about(compiled),
        code: 'ETL-CHECK-022',
        message: `the target role ${quoteName(role)} may not ${what} the sequence ${name}`,
        help: `grant ${lacking.join(', ')} on sequence ${name} to ${quoteName(role)}`,
      }),
    ];
  });
