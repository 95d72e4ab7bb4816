import type { CompiledMapping } from '../contract/compiled.js';
import { EtlError } from '../contract/errors.js';
import { isCompletedLater } from '../contract/references.js';
import type { Finding } from '../contract/finding.js';
import type { QueryRows, Session } from '../contract/session.js';
import { counted } from '../contract/counted.js';
import { MANY_ROWS, planConstraints } from '../plan/constraints.js';
import { readConstraints } from '../postgres/constraints.js';
import { quoteName, quoteTable, quoteText, tableRows } from '../postgres/identifier.js';
import { finding } from './findings.js';

/** What is asked of a target table beside what binding knows of it. */
interface TableFacts {
  readonly triggers: readonly { readonly name: string; readonly when: string; readonly updates: boolean }[];
  /** Rows that are there, at most {@link MOST}. */
  readonly rows: number;
}

/** A sequence behind a column; numbers are texts. */
interface SequenceFacts {
  readonly column: string;
  readonly sequence: string;
  readonly next: string;
  /** Numbers that it can still give; null where it has no end. */
  readonly left: string | null;
  readonly max: string | null;
  /** Rows that have a number which the sequence is still to give. */
  readonly ahead: number;
}

/** Rows that are counted at the most. */
const MOST = 1_000_000;

const TRIGGERS = (oid: number): string => `
  (select coalesce(json_agg(json_build_object('name', t.tgname, 'updates', t.tgtype & 16 = 16,
     'when', concat_ws(' ', case when t.tgtype & 2 = 2 then 'before' when t.tgtype & 64 = 64 then 'instead of' else 'after' end,
       nullif(concat_ws(' or ', case when t.tgtype & 4 = 4 then 'insert' end, case when t.tgtype & 16 = 16 then 'update' end), '')))
     order by t.tgname), '[]')
   from pg_trigger t where t.tgrelid = ${String(oid)} and not t.tgisinternal and t.tgenabled <> 'D' and t.tgtype & 20 > 0)`;

/** SQL of what is asked of a mapping's table, as one JSON document. */
const factsSql = ({ table }: CompiledMapping): string =>
  `select json_build_object('triggers', ${TRIGGERS(table.oid)},
    'rows', (select count(*) from (select from ${tableRows(table)} limit ${String(MOST)}) r))`;

const TOPS: Readonly<Record<string, string>> = { int2: '32767', int4: '2147483647' };

/** SQL of the sequences that number rows of a mapping, as one JSON document. */
function sequencesSql({ table, identity, defaulted }: CompiledMapping): string {
  const name = tableRows(table);
  const own = table.columns.filter(
    ({ sequence, name: column }) =>
      sequence !== null &&
      (defaulted.includes(column) || (identity?.strategy === 'sequence' && identity.column.name === column)),
  );
  const each = own.map(({ name: column, sequence, type }) => {
    const id = sequence ?? '';
    const top = TOPS[type.name];
    return `(select json_build_object('column', ${quoteText(column)}, 'sequence', ${quoteText(id)},
      'next', n.next::text, 'max', (select max(${quoteName(column)}) from ${name})::text,
      'left', case when s.seqincrement > 0 and not s.seqcycle
        then (div(least(s.seqmax${top === undefined ? '' : `, ${top}`})::numeric - n.next, s.seqincrement) + 1)::text end,
      'ahead', (select count(*) from ${name} t where s.seqincrement > 0 and t.${quoteName(column)} >= n.next))
      from pg_sequence s, lateral (select case when v.is_called then v.last_value + s.seqincrement else v.last_value end as next
        from ${id} v) n where s.seqrelid = ${quoteText(id)}::regclass)`;
  });
  return `select json_build_array(${each.join(', ')})`;
}

/** What is to be said of the target's tables themselves. @param counts rows by mapping */
export async function tableFindings(
  target: Session,
  mappings: readonly CompiledMapping[],
  counts: ReadonlyMap<string, number>,
  hasState: boolean,
): Promise<readonly Finding[]> {
  const answers = await target.queries(mappings.flatMap((one) => [factsSql(one), sequencesSql(one)]));
  const found = mappings.flatMap((compiled, n) => {
    const facts = read<TableFacts>(answers[n * 2], { triggers: [], rows: 0 });
    const sequences = read<readonly SequenceFacts[]>(answers[n * 2 + 1], []);
    const rows = counts.get(compiled.mapping.name) ?? 0;
    return [
      ...triggerFindings(compiled, facts),
      ...sequenceFindings(compiled, sequences, rows),
      ...standingRows(compiled, facts, hasState),
    ];
  });
  return [...found, ...(await constraintFindings(target, mappings, counts))];
}

/** What the role may not read is told by the finding about its rights. */
const read = <T>(answer: QueryRows | EtlError | undefined, none: T): T =>
  answer === undefined || answer instanceof EtlError ? none : (JSON.parse(answer.rows[0]?.[0] ?? '') as T);

const about = ({ mapping }: CompiledMapping) =>
  ({ subject: `mapping ${mapping.name}`, at: mapping.target.table.at }) as const;

function triggerFindings(compiled: CompiledMapping, { triggers }: TableFacts): readonly Finding[] {
  const { mapping, columns, table } = compiled;
  if (triggers.length === 0 || mapping.target.triggers.value === 'disable') return [];
  const waits = columns.some(({ make }) => isCompletedLater(make));
  const again = waits && triggers.some(({ updates }) => updates);
  const list = triggers.map(({ name, when }) => `${name} (${when})`).join(', ');
  return [
    finding({
      ...about(compiled),
      code: 'ETL-CHECK-030',
      severity: 'warning',
      message: `${table.name} has triggers that fire for the rows: ${list}${again ? '; the second pass fires those for updates again' : ''}`,
      help: 'make sure that they may change or refuse migrated rows, or disable them for the run',
    }),
  ];
}

function sequenceFindings(
  compiled: CompiledMapping,
  sequences: readonly SequenceFacts[],
  rows: number,
): readonly Finding[] {
  return sequences.flatMap(({ column, sequence, next, max, left, ahead }): readonly Finding[] => {
    const found: Finding[] = [];
    if (ahead > 0) {
      found.push(
        finding({
          ...about(compiled),
          code: 'ETL-CHECK-034',
          severity: 'error',
          message: `the sequence of ${column} gives ${next} next, and ${column} reaches ${max ?? ''} already`,
          help: `select setval('${sequence}', (select max(${quoteName(column)}) from ${tableRows(compiled.table)}))`,
          column,
          rows: { count: ahead, estimated: false },
        }),
      );
    }
    if (left !== null && Number(left) < rows) {
      found.push(
        finding({
          ...about(compiled),
          code: 'ETL-CHECK-035',
          severity: 'error',
          message: `the sequence of ${column} has ${left} numbers left for about ${counted(Math.round(rows), 'row')}`,
          help: 'give the column and its sequence a larger type (alter table … alter … type bigint)',
          column,
          rows: { count: Math.max(0, Math.round(rows) - Number(left)), estimated: true },
        }),
      );
    }
    return found;
  });
}

function standingRows(
  compiled: CompiledMapping,
  { rows }: TableFacts,
  hasState: boolean,
): readonly Finding[] {
  if (hasState || rows === 0) return [];
  const replaces = compiled.mapping.target.mode.value === 'replace';
  return [
    finding({
      ...about(compiled),
      code: 'ETL-CHECK-036',
      severity: replaces ? 'error' : 'note',
      message: `${compiled.table.name} holds rows that no run of this project has made${replaces ? ', and the mapping replaces them' : ''}`,
      help: replaces ? 'etl run --force lets them go' : 'nothing, if they belong there',
      rows: { count: rows, estimated: rows === MOST },
    }),
  ];
}

/** Constraints that cannot be built in bulk although that was asked for, or would pay. */
async function constraintFindings(
  target: Session,
  mappings: readonly CompiledMapping[],
  counts: ReadonlyMap<string, number>,
): Promise<readonly Finding[]> {
  const tables = mappings.map(({ table }) => table);
  const facts = await readConstraints(target, tables).catch((error: unknown) => {
    // Tables that the role may not read.
    if (error instanceof EtlError) return [];
    throw error;
  });
  return mappings.flatMap((compiled, n): readonly Finding[] => {
    const table = facts[n];
    const rows = counts.get(compiled.mapping.name) ?? 0;
    const asked = compiled.mapping.target.constraints;
    const wanted = asked.value === 'rebuild' || (asked.value === 'auto' && rows >= MANY_ROWS);
    if (table === undefined || !wanted) return [];
    const alone = tables.filter(({ oid }) => oid === compiled.table.oid).length === 1;
    const plan = planConstraints(compiled, { estimatedRows: rows, alone, table });
    if (plan.mode === 'rebuild') return [];
    return [
      finding({
        ...about(compiled),
        at: asked.value === 'rebuild' ? asked.at : about(compiled).at,
        code: 'ETL-CHECK-024',
        severity: asked.value === 'rebuild' ? 'warning' : 'note',
        message: `constraints and indexes of ${compiled.table.name} stay in place while its rows come: ${plan.reason ?? ''}`,
        help: compiled.table.owned
          ? 'nothing, if the load may take longer'
          : `alter table ${quoteTable(compiled.table)} owner to ${quoteName(compiled.table.role)} -- or nothing, if the load may take longer`,
      }),
    ];
  });
}
