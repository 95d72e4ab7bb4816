import type { CompiledMapping } from '../contract/compiled.js';
import { EtlError } from '../contract/errors.js';
import type { Finding } from '../contract/finding.js';
import type { Session } from '../contract/session.js';
import { MANY_ROWS, planConstraints } from '../plan/constraints.js';
import { readConstraints } from '../postgres/constraints.js';
import { quoteName, quoteTable, quoteText } from '../postgres/identifier.js';
import { finding } from './findings.js';

/** What is asked of a target table beside what binding knows of it. */
interface TableFacts {
  readonly triggers: readonly { readonly name: string; readonly when: string; readonly updates: boolean }[];
  /** Rows that are there, at most {@link MOST}. */
  readonly rows: number;
  readonly sequences: readonly {
    readonly column: string;
    readonly sequence: string;
    /** The next number and how many there are left, as text; null where the role may not see them. */
    readonly next: string | null;
    readonly left: string | null;
    readonly max: string | null;
    /** Rows that have a number which the sequence is still to give. */
    readonly ahead: number;
  }[];
}

/** Rows that are counted at the most. */
const MOST = 1_000_000;

const TRIGGERS = (oid: number): string => `
  (select coalesce(json_agg(json_build_object('name', t.tgname, 'updates', t.tgtype & 16 = 16,
     'when', concat_ws(' ', case when t.tgtype & 2 = 2 then 'before' when t.tgtype & 64 = 64 then 'instead of' else 'after' end,
       nullif(concat_ws(' or ', case when t.tgtype & 4 = 4 then 'insert' end, case when t.tgtype & 16 = 16 then 'update' end), '')))
     order by t.tgname), '[]')
   from pg_trigger t where t.tgrelid = ${String(oid)} and not t.tgisinternal and t.tgenabled <> 'D' and t.tgtype & 20 > 0)`;

/** SQL of the facts of a mapping's table, as one JSON document. */
function factsSql(compiled: CompiledMapping): string {
  const { table, identity, defaulted } = compiled;
  const name = quoteTable(table);
  const own = table.columns.filter(
    ({ sequence, name: column }) =>
      sequence !== null &&
      (defaulted.includes(column) || (identity?.strategy === 'sequence' && identity.column.name === column)),
  );
  const sequences = own.map(({ name: column, sequence }) => {
    const top = ({ int2: '32767', int4: '2147483647' } as Record<string, string>)[
      table.columns.find((one) => one.name === column)?.type.name ?? ''
    ];
    const next = `case when s.last_value is null then s.start_value else s.last_value + s.increment_by end`;
    return `(select json_build_object('column', ${quoteText(column)}, 'sequence', ${quoteText(sequence ?? '')},
      'next', (${next})::text, 'max', m.top::text,
      'left', case when s.increment_by > 0 and not s.cycle
        then div(least(s.max_value, ${top ?? 's.max_value'})::numeric - (${next}) + 1, s.increment_by)::text end,
      'ahead', (select count(*) from ${name} t where s.increment_by > 0 and t.${quoteName(column)} >= (${next})))
      from pg_sequences s, (select max(${quoteName(column)}) as top from ${name}) m
      where format('%I.%I', s.schemaname, s.sequencename)::regclass = ${quoteText(sequence ?? '')}::regclass)`;
  });
  return `select json_build_object('triggers', ${TRIGGERS(table.oid)},
    'rows', (select count(*) from (select from ${name} limit ${String(MOST)}) r),
    'sequences', json_build_array(${sequences.join(', ')}))`;
}

/** What is to be said of the target's tables themselves. @param estimates rows by mapping */
export async function tableFindings(
  target: Session,
  mappings: readonly CompiledMapping[],
  estimates: ReadonlyMap<string, number>,
  hasState: boolean,
): Promise<readonly Finding[]> {
  const answers = await target.queries(mappings.map(factsSql));
  const found = mappings.flatMap((compiled, n) => {
    const answer = answers[n];
    // What the role may not read is told by the finding about its rights.
    if (answer === undefined || answer instanceof EtlError) return [];
    const facts = JSON.parse(answer.rows[0]?.[0] ?? '') as TableFacts;
    const rows = estimates.get(compiled.mapping.name) ?? 0;
    return [
      ...triggerFindings(compiled, facts),
      ...sequenceFindings(compiled, facts, rows),
      ...standingRows(compiled, facts, hasState),
    ];
  });
  return [...found, ...(await constraintFindings(target, mappings, estimates))];
}

const about = ({ mapping }: CompiledMapping) =>
  ({ subject: `mapping ${mapping.name}`, at: mapping.target.table.at }) as const;

function triggerFindings(compiled: CompiledMapping, { triggers }: TableFacts): readonly Finding[] {
  const { mapping, columns, table } = compiled;
  if (triggers.length === 0 || mapping.target.triggers.value === 'disable') return [];
  const waits = columns.some(({ make }) => make.kind === 'value' && make.secondPass);
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
  { sequences }: TableFacts,
  rows: number,
): readonly Finding[] {
  return sequences.flatMap(({ column, sequence, next, max, left, ahead }): readonly Finding[] => {
    if (next === null) return [];
    const found: Finding[] = [];
    if (ahead > 0) {
      found.push(
        finding({
          ...about(compiled),
          code: 'ETL-CHECK-034',
          severity: 'error',
          message: `the sequence of ${column} gives ${next} next, and ${column} reaches ${max ?? ''} already`,
          help: `select setval('${sequence}', (select max(${quoteName(column)}) from ${quoteTable(compiled.table)}))`,
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
          message: `the sequence of ${column} has ${left} numbers left for about ${String(Math.round(rows))} rows`,
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
  estimates: ReadonlyMap<string, number>,
): Promise<readonly Finding[]> {
  const tables = mappings.map(({ table }) => table);
  const facts = await readConstraints(target, tables).catch((error: unknown) => {
    // Tables that the role may not read.
    if (error instanceof EtlError) return [];
    throw error;
  });
  return mappings.flatMap((compiled, n): readonly Finding[] => {
    const table = facts[n];
    const rows = estimates.get(compiled.mapping.name) ?? 0;
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
        help: 'nothing, if the load may take longer; else connect as the owner of the table',
      }),
    ];
  });
}
