import type { CompiledMapping } from '../../contract/compiled.js';
import type { DifferenceKind } from '../../contract/result.js';
import type { Session } from '../../contract/session.js';
import { copyRows } from '../../postgres/copy-rows.js';
import { quoteName, quoteText, tableRows } from '../../postgres/identifier.js';
import { handleText, ownXidsSql, samePair } from '../../postgres/undo.js';
import { handleNames, pairsNamed } from '../keys/pairs.js';
import { strangersSql } from '../replace/sql.js';
import type { Findings } from './findings.js';

/** The transactions in which the project has written, as `xmin` has them. */
const projectXids = ({ project }: CompiledMapping, schema: string): string =>
  ownXidsSql(schema, `b.run in (select r.run from ${schema}.runs r where r.project = ${quoteText(project)})`);

/** SQL: the row `t` was there before the project first wrote rows of the mapping. */
const isEarlier = ({ project, mapping }: CompiledMapping, schema: string): string =>
  `coalesce(age(t.xmin) > (select age((min(b.xid) & 4294967295)::text::xid)
     from ${schema}.batches b join ${schema}.runs r on r.run = b.run
     where r.project = ${quoteText(project)} and b.mapping = ${quoteText(mapping.name)}), true)`;

/** SQL: no mapping that loads the table has a pair of the row `t`; pairs of other tables may well have the same text. */
function unpaired(compiled: CompiledMapping, schema: string): string {
  const own = { mapping: compiled.mapping.name, handle: handleNames(compiled) };
  return [own, ...compiled.sharedWith]
    .filter(({ handle }) => handle.length > 0)
    .map(
      ({ mapping, handle }) => `not exists (select from ${schema}.key_map k
        where ${pairsNamed(compiled.project, mapping)} and ${samePair(handle)})`,
    )
    .join(' and ');
}

/**
 * Rows of the table that no source row answers: those of `etl_unmet`, and those that the comparison could not even
 * pass, since they have no key or no pair of any mapping of the project.
 */
function unexplainedSql(compiled: CompiledMapping, schema: string): string {
  const { table, found } = compiled;
  const handle = handleText(handleNames(compiled));
  const same = compiled.handle.length === 1 ? handle : `(${handle})::jsonb`;
  const unmet = compiled.handle.length === 1 ? 'u.handle' : 'u.handle::jsonb';
  const nulls = compiled.targetKey.map(
    (index) => `t.${quoteName(compiled.columns[index]?.column.name ?? '')} is null`,
  );
  const passed = found === 'target' ? nulls.join(' or ') : unpaired(compiled, schema);
  return `select coalesce(u.key, ${handle}, '') as key, ${handle} as handle,
      case when t.xmin::text::bigint in (${projectXids(compiled, schema)}) then 'gone'
        when ${same}${compiled.handle.length === 1 ? '' : '::text'} not in (${strangersSql(compiled, schema, 't.handle')}) then 'gone'
        when ${isEarlier(compiled, schema)} then 'earlier' else 'added' end as kind
    from ${tableRows(table)} t left join pg_temp.etl_unmet u on ${unmet} = ${same}
    where u.handle is not null or (${passed})`;
}

/**
 * Tells the rows that no source row answers apart, and puts them among the findings. Rows that are not the project's
 * and that stand in a table of several mappings are told of by the first of these alone.
 */
export async function findStrangers(
  session: Session,
  compiled: CompiledMapping,
  schema: string,
  {
    findings,
    alone,
    note,
  }: {
    readonly findings: Findings;
    readonly alone: boolean;
    /** Is told the handle of each row, and what it is. */
    readonly note: (handle: string, kind: DifferenceKind) => void;
  },
): Promise<void> {
  await session.query('analyze pg_temp.etl_unmet').catch(() => undefined);
  for await (const [key, handle, kind] of copyRows(session, unexplainedSql(compiled, schema))) {
    if (!isKind(kind) || (kind !== 'gone' && !alone)) continue;
    if (kind !== 'earlier') findings.rows++;
    findings.add({
      kind,
      key: key ?? '',
      column: null,
      source: null,
      target: null,
      cause: kind === 'gone' ? 'source' : 'target',
      note: WORDS[kind],
      handle: handle ?? null,
    });
    if (handle !== null && handle !== undefined) note(handle, kind);
  }
}

const WORDS = {
  gone: 'the project has loaded it, and its source row is gone',
  added: 'neither the source nor the project knows it',
  earlier: 'it was there before the project first loaded the table',
} as const;

const isKind = (kind: string | null | undefined): kind is DifferenceKind & keyof typeof WORDS =>
  kind === 'gone' || kind === 'added' || kind === 'earlier';

/** Says of the findings that are kept whether the target's row was touched since the project wrote it. */
export async function findCauses(
  session: Session,
  compiled: CompiledMapping,
  schema: string,
  findings: Findings,
): Promise<void> {
  const handles = findings
    .list()
    .flatMap(({ kind, handle }) => (kind === 'changed' && handle !== null ? [handle] : []));
  if (handles.length === 0) return;
  const handle = handleText(handleNames(compiled));
  const touched = new Map<string, boolean>();
  const { rows } = await session.query(
    `select ${handle}, t.xmin::text::bigint in (${projectXids(compiled, schema)}) from ${tableRows(compiled.table)} t
     where ${compiled.handle.length === 1 ? `${handle} in (select h.h` : `(${handle})::jsonb in (select h.h::jsonb`}
       from json_array_elements_text($1) h(h))`,
    [JSON.stringify(handles)],
  );
  for (const [found, own] of rows) touched.set(normal(found ?? ''), own === 'f');
  findings.complete((one) => {
    if (one.kind !== 'changed' || one.handle === null) return {};
    const isTouched = touched.get(normal(one.handle));
    if (isTouched === undefined) return {};
    return isTouched
      ? { cause: 'target', note: 'the target row was written by someone else since' }
      : {
          cause: 'source',
          note: 'the target row is as the project wrote it: the source or the mapping has changed',
        };
  });
}

const normal = (handle: string): string =>
  handle.startsWith('[') ? JSON.stringify(JSON.parse(handle)) : handle;
