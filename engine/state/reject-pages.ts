import type { QueryRows, Session } from '../contract/session.js';
import type { KeptReject } from './rejects.js';

/** What is kept of single rows; `open`: rejects of any run that nothing has made good yet. */
export type NoticeKind = 'reject' | 'warning' | 'skipped' | 'open';

/** Which notices are meant; null: whatever it is. */
export interface NoticeFilter {
  readonly project: string;
  /** Not looked at where open ones are meant. */
  readonly run: string;
  readonly kind: NoticeKind;
  readonly mapping: string | null;
  readonly column: string | null;
  readonly rule: string | null;
  readonly key: string | null;
  /** A part of reason or value, whatever the case. */
  readonly text: string | null;
}

/** What was said of one row. */
export interface Notice extends KeptReject {
  readonly kind: 'reject' | 'warning' | 'skipped';
}

export interface NoticeGroup extends Pick<
  KeptReject,
  'mapping' | 'column' | 'rule' | 'sqlstate' | 'file' | 'line'
> {
  readonly rows: number;
}

export interface NoticeGroups {
  readonly total: number;
  /** Most rows first, at the most 100. */
  readonly groups: readonly NoticeGroup[];
}

export interface NoticePage {
  readonly notices: readonly Notice[];
  /** Where the page behind begins; null where there is none. */
  readonly next: string | null;
}

const GROUPS = 100;

/** The tables have one shape but for what a skipped row does not have. */
const TABLES = { reject: 'rejects', open: 'rejects', warning: 'warnings', skipped: 'skipped' } as const;

const fieldsOf = (kind: NoticeKind): string =>
  kind === 'skipped'
    ? `j.run, j.mapping, j.source_key, null, j.rule, null, 'left out by "skip_when"', null, null, j.file, j.line`
    : 'j.run, j.mapping, j.source_key, j.column_name, j.rule, j.sqlstate, j.reason, j.value, j."row"::text, j.file, j.line';

/**
 * The relation `j` of a filter, and the values of its parameters. Rejects are open by the view that says so, found again by what
 * it tells them by: it has no place that pages could go on behind.
 */
function relation(
  schema: string,
  filter: NoticeFilter,
): { readonly sql: string; readonly values: readonly string[] } {
  const { kind, project, run, mapping, column, rule, key, text } = filter;
  const values: string[] = [];
  const put = (value: string): string => `$${String(values.push(value))}`;
  const conditions =
    kind === 'open'
      ? [
          `(j.run, j.mapping, coalesce(j.source_key, ''), j.source_key is null, j.rule) in (
             select o.run, o.mapping, coalesce(o.source_key, ''), o.source_key is null, o.rule
             from ${schema}.open_rejects o where o.project = ${put(project)})`,
        ]
      : [
          `j.run = ${put(run)}`,
          `exists (select from ${schema}.runs r where r.run = j.run and r.project = ${put(project)})`,
        ];
  if (mapping !== null) conditions.push(`j.mapping = ${put(mapping)}`);
  if (rule !== null) conditions.push(`j.rule = ${put(rule)}`);
  if (key !== null) conditions.push(`j.source_key = ${put(key)}`);
  if (kind !== 'skipped' && column !== null) conditions.push(`j.column_name = ${put(column)}`);
  if (kind === 'skipped' && column !== null) conditions.push('false');
  if (text !== null) {
    const part = `lower(${put(text)})`;
    const where = kind === 'skipped' ? ['j.rule'] : ['j.reason', `coalesce(j.value, '')`];
    conditions.push(`(${where.map((one) => `strpos(lower(${one}), ${part}) > 0`).join(' or ')})`);
  }
  return { sql: `${schema}.${TABLES[kind]} j where ${conditions.join(' and ')}`, values };
}

/**
 * One page of notices, by mapping and in the order in which they were written. The table has no key: a page goes on behind a row's
 * place in it, which does not change as long as nobody rewrites the table (VACUUM FULL, CLUSTER).
 * @param after `next` of the page before; null for the first one @param schema quoted
 * @throws RangeError where `after` is none
 */
export async function readNoticePage(
  session: Session,
  schema: string,
  filter: NoticeFilter,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Promise<NoticePage> {
  const { sql, values } = relation(schema, filter);
  const behind = after === null ? null : placeOf(after);
  const at = (n: number): string => `$${String(values.length + n)}`;
  const where = behind === null ? '' : ` and (j.mapping, j.ctid) > (${at(1)}, ${at(2)}::tid)`;
  const page = await session.query(
    `select ${fieldsOf(filter.kind)}, j.ctid from ${sql}${where} order by j.mapping, j.ctid limit ${String(limit + 1)}`,
    [...values, ...(behind ?? [])],
  );
  const last = page.rows[limit - 1];
  return {
    notices: page.rows.slice(0, limit).map((row) => noticeOf(row, filter.kind)),
    next: page.rows.length > limit && last !== undefined ? cursorOf(last[1] ?? '', last[11] ?? '') : null,
  };
}

/** All that a filter lets through, by cause. @param schema quoted */
export async function readGroups(
  session: Session,
  schema: string,
  filter: NoticeFilter,
): Promise<NoticeGroups> {
  const { sql, values } = relation(schema, filter);
  const [column, sqlstate] =
    filter.kind === 'skipped' ? ['null::text', 'null::text'] : ['j.column_name', 'j.sqlstate'];
  const { rows } = await session.query(
    `select j.mapping, ${column}, j.rule, ${sqlstate}, j.file, j.line, count(*), sum(count(*)) over ()
     from ${sql} group by 1, 2, 3, 4, 5, 6 order by count(*) desc, 1, 2, 3, 6 limit ${String(GROUPS)}`,
    values,
  );
  return { total: Number(rows[0]?.[7] ?? 0), groups: rows.map(groupOf) };
}

function groupOf([
  mapping,
  column,
  rule,
  sqlstate,
  file,
  line,
  rows,
]: QueryRows['rows'][number]): NoticeGroup {
  return {
    mapping: mapping ?? '',
    column: column ?? null,
    rule: rule ?? '',
    sqlstate: sqlstate ?? null,
    rows: Number(rows),
    file: file ?? '',
    line: Number(line),
  };
}

/** @param fields as {@link fieldsOf} gives them */
function noticeOf(fields: QueryRows['rows'][number], kind: NoticeKind): Notice {
  const [run, mapping, key, column, rule, sqlstate, reason, value, row, file, line] = fields;
  return {
    kind: kind === 'open' ? 'reject' : kind,
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
}

const cursorOf = (mapping: string, place: string): string =>
  Buffer.from(JSON.stringify([mapping, place])).toString('base64url');

function placeOf(cursor: string): readonly [string, string] {
  const parts: unknown = parsed(Buffer.from(cursor, 'base64url').toString());
  const [mapping, place] = Array.isArray(parts) ? (parts as readonly unknown[]) : [];
  const isPlace = typeof place === 'string' && /^\(\d{1,10},\d{1,5}\)$/.test(place);
  if (typeof mapping !== 'string' || mapping.includes('\0') || !isPlace) {
    throw new RangeError('"after" is not what a page before has given as "next"');
  }
  return [mapping, place];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** All that a run has said of one row, rejects first. @param schema quoted */
export async function readNoticesOf(
  session: Session,
  schema: string,
  of: { readonly project: string; readonly run: string; readonly mapping: string; readonly key: string },
): Promise<readonly Notice[]> {
  const all: Notice[] = [];
  for (const kind of ['reject', 'warning', 'skipped'] as const) {
    const { sql, values } = relation(schema, { ...of, kind, column: null, rule: null, text: null });
    const { rows } = await session.query(
      `select ${fieldsOf(kind)} from ${sql} order by j.ctid limit 100`,
      values,
    );
    all.push(...rows.map((row) => noticeOf(row, kind)));
  }
  return all;
}

/** A column that refers to rows of a mapping by their keys. */
export interface Leading {
  readonly mapping: string;
  readonly column: string;
  readonly to: string;
}

const DEPENDANTS = 100;

/**
 * Rows that a run has rejected since they refer to a rejected row, or to one that was rejected for that. @param ways which columns
 * lead where @param schema quoted
 */
export async function readDependants(
  session: Session,
  schema: string,
  of: { readonly run: string; readonly mapping: string; readonly key: string },
  ways: readonly Leading[],
): Promise<{ readonly count: number; readonly some: readonly Notice[] }> {
  if (ways.length === 0) return { count: 0, some: [] };
  const { rows } = await session.query(
    `with recursive way as (
       select * from json_to_recordset($4) as w (mapping text, "column" text, "to" text)
     ), refers as materialized (
       select j.mapping, j.source_key, j.value, way.to, j.ctid place from ${schema}.rejects j
       join way on way.mapping = j.mapping and way.column = j.column_name
       where j.run = $1 and j.rule = 'references' and j.value is not null and j.source_key is not null
     ), gone as (
       select $2::text mapping, $3::text source_key
       union select r.mapping, r.source_key from gone join refers r on r.to = gone.mapping and r.value = gone.source_key
     ), named as (
       select distinct on (r.place) r.place from refers r join gone on r.to = gone.mapping and r.value = gone.source_key
     )
     select ${fieldsOf('reject')}, count(*) over () from ${schema}.rejects j join named on named.place = j.ctid
     order by j.mapping, j.ctid limit ${String(DEPENDANTS)}`,
    [of.run, of.mapping, of.key, JSON.stringify(ways)],
  );
  return { count: Number(rows[0]?.[11] ?? 0), some: rows.map((row) => noticeOf(row, 'reject')) };
}
