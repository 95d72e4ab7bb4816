import type { Session } from '../contract/session.js';
import { copyRows } from '../postgres/copy-rows.js';
import { quoteText } from '../postgres/identifier.js';

/** Which rejects are meant. */
export interface RejectFilter {
  readonly project: string;
  /** Null: those that are still open, whatever run they are of (`etl.open_rejects`). */
  readonly run: string | null;
  /** Empty: of every mapping. */
  readonly mappings: readonly string[];
  readonly rule: string | null;
  readonly column: string | null;
}

/** A reject as it is kept; `row` is JSON, null where it was not kept. Sensitive values were masked before they came here. */
export interface KeptReject {
  readonly run: string;
  readonly mapping: string;
  readonly key: string | null;
  readonly column: string | null;
  readonly rule: string;
  readonly sqlstate: string | null;
  readonly reason: string;
  readonly value: string | null;
  readonly row: string | null;
  readonly file: string;
  readonly line: number;
}

/** Rejects of one cause. */
export interface RejectCount extends Pick<
  KeptReject,
  'mapping' | 'column' | 'rule' | 'sqlstate' | 'file' | 'line'
> {
  readonly count: number;
  /** The lowest of them as text sorts, with what was said of it. */
  readonly key: string | null;
  readonly reason: string;
}

const COLUMNS =
  'run, mapping, source_key, column_name, rule, sqlstate, reason, value, "row"::text, file, line' as const;

/** The rejects that a filter means, as a relation `j`. @param schema quoted */
function relation(schema: string, { project, run, mappings, rule, column }: RejectFilter): string {
  const conditions = [
    run === null
      ? `j.project = ${quoteText(project)}`
      : `j.run = ${quoteText(run)} and exists (select from ${schema}.runs r where r.run = j.run and r.project = ${quoteText(project)})`,
    ...(mappings.length === 0 ? [] : [`j.mapping in (${mappings.map(quoteText).join(', ')})`]),
    ...(rule === null ? [] : [`j.rule = ${quoteText(rule)}`]),
    ...(column === null ? [] : [`j.column_name = ${quoteText(column)}`]),
  ];
  return `${schema}.${run === null ? 'open_rejects' : 'rejects'} j where ${conditions.join(' and ')}`;
}

/** Rejects by cause, the most frequent first. */
export async function countRejects(
  session: Session,
  schema: string,
  filter: RejectFilter,
  limit: number,
): Promise<{ readonly groups: readonly RejectCount[]; readonly total: number }> {
  const { rows } = await session.query(
    `select mapping, column_name, rule, sqlstate, file, line, count(*), min(source_key),
       (array_agg(reason order by source_key))[1], sum(count(*)) over ()
     from ${relation(schema, filter)} group by 1, 2, 3, 4, 5, 6 order by count(*) desc, 1, 2, 3, 6 limit ${String(limit)}`,
  );
  const groups = rows.map(([mapping, column, rule, sqlstate, file, line, count, key, reason]) => ({
    mapping: mapping ?? '',
    column: column ?? null,
    rule: rule ?? '',
    sqlstate: sqlstate ?? null,
    file: file ?? '',
    line: Number(line),
    count: Number(count),
    key: key ?? null,
    reason: reason ?? '',
  }));
  return { groups, total: Number(rows[0]?.[9] ?? 0) };
}

/** The rejects themselves, by mapping and key, as they come: memory holds a chunk of them. */
export async function* readRejects(
  session: Session,
  schema: string,
  filter: RejectFilter,
  limit: number | null,
): AsyncIterable<KeptReject> {
  const most = limit === null ? '' : ` limit ${String(limit)}`;
  const sql = `select ${COLUMNS} from ${relation(schema, filter)} order by mapping, source_key, run, rule${most}`;
  for await (const row of copyRows(session, sql)) yield asReject(row);
}

/** What is kept of one row: rejected by the run that is meant, or else by any, the newest first. */
export async function findRejects(
  session: Session,
  schema: string,
  of: {
    readonly project: string;
    readonly run: string | null;
    readonly mapping: string;
    readonly key: string;
  },
): Promise<readonly KeptReject[]> {
  const { rows } = await session.query(
    `select j.${COLUMNS} from ${schema}.rejects j join ${schema}.runs r on r.run = j.run
     where r.project = $1 and j.mapping = $2 and j.source_key = $3 and ($4::text is null or j.run = $4)
     order by r.epoch desc limit 100`,
    [of.project, of.mapping, of.key, of.run],
  );
  return rows.map(asReject);
}

const asReject = (texts: readonly (string | null)[]): KeptReject => {
  const [run, mapping, key, column, rule, sqlstate, reason, value, row, file, line] = texts;
  return {
    run: run ?? '',
    mapping: mapping ?? '',
    key: key ?? null,
    column: column ?? null,
    rule: rule ?? '',
    sqlstate: sqlstate ?? null,
    reason: reason ?? '',
    value: value ?? null,
    row: row ?? null,
    file: file ?? '',
    line: Number(line),
  };
};
