import type { CompiledMapping } from '../../contract/compiled.js';
import type { Session } from '../../contract/session.js';
import { copyRows } from '../../postgres/copy-rows.js';
import { quoteName, quoteText, tableRows } from '../../postgres/identifier.js';
import { ownXidsSql, samePair } from '../../postgres/undo.js';
import { BatchedKeyMap } from '../../resolve/batched-key-map.js';
import { canonicalKey, type KeyMap } from '../../resolve/key-map.js';
import { keyTypesOf, handleNames, pairsOf } from './pairs.js';

/** Which part of which run is spoken of. */
export interface RunPart {
  /** The state schema, quoted. */
  readonly schema: string;
  readonly run: string;
  readonly compiled: CompiledMapping;
}

/** The lower 32 bits, as xmin has them, of every transaction in which the run has written rows of the mapping. */
export const xminsSql = ({ schema, run, compiled }: RunPart): string =>
  ownXidsSql(schema, `b.run = ${quoteText(run)} and b.mapping = ${quoteText(compiled.mapping.name)}`);

/** SQL: entries `k` of etl.undo that say how rows of others were before the run changed them. */
const undoneSql = (part: RunPart): string => `${ofMapping(part)} and k.was_xid not in (${xminsSql(part)})`;

const ofMapping = ({ run, compiled }: RunPart): string =>
  `k.run = ${quoteText(run)} and k.mapping = ${quoteText(compiled.mapping.name)} and k.kind = 'updated'`;

/** What an earlier part of the run has done about a row: brought it, changed one that was there, or nothing. */
export type Done = 'brought' | 'changed' | null;

/**
 * SQL: the run has changed the row `t` of the mapping's table, which others had made. Whether it has changed any is asked
 * once, since most runs have not.
 */
export const changedSql = (part: RunPart): string =>
  `(exists (select from ${part.schema}.undo k where ${ofMapping(part)}) and exists (select from ${part.schema}.undo k
    where ${undoneSql(part)} and ${samePair(handleNames(part.compiled), 'handle')}))`;

/** SQL: what a row `t` that {@link changedSql} finds was before: the texts of the columns that were written, by name. */
export const wasSql = (part: RunPart): string =>
  `(select jsonb_object_agg(j.key, j.value order by k.id desc) from ${part.schema}.undo k, jsonb_each(k.was) j
    where ${ofMapping(part)} and ${samePair(handleNames(part.compiled), 'handle')})`;

/** SQL: `t` where the run has brought the row `t` of the mapping's table, `u` where it has changed it, else `f`. */
export function doneSql(part: RunPart): string {
  return `case when t.xmin::text::bigint not in (${xminsSql(part)}) then 'f'
    when ${changedSql(part)} then 'u' else 't' end`;
}

/** SQL: whether the run has brought the row `t`. */
export const broughtSql = (part: RunPart): string => `(${doneSql(part)}) = 't'`;

/**
 * SQL: a row `t` that existed is counted unchanged: neither its batch nor a second pass has written it since its entry `p`
 * of `second_pass` was made, nor an earlier part of a run that is gone on with.
 */
export const untouchedSql = (part: RunPart): string =>
  `(age(t.xmin) > age(p.xmin) and t.xmin::text::bigint not in (${xminsSql(part)}))`;

/** The handles of rows that the run has changed and not brought, as the engine writes them. */
async function changedHandles(session: Session, part: RunPart): Promise<Set<string>> {
  const handles = new Set<string>();
  for await (const [handle] of copyRows(
    session,
    `select distinct k.handle from ${part.schema}.undo k where ${undoneSql(part)}`,
  )) {
    // PostgreSQL writes arrays with spaces.
    handles.add(
      part.compiled.handle.length === 1 ? (handle ?? '') : JSON.stringify(JSON.parse(handle ?? '[]')),
    );
  }
  return handles;
}

/** The rows that the run has brought: handle and canonical source key. */
async function* broughtRows(
  session: Session,
  part: RunPart,
): AsyncIterable<{ readonly handle: string; readonly key: string }> {
  const { compiled, schema, run } = part;
  const keys = compiled.targetKey.map((index) => compiled.columns[index]?.column.name ?? '');
  const names = [...keys, ...handleNames(compiled)].map((name) => `t.${quoteName(name)}`);
  const sql =
    compiled.found === 'key_map'
      ? `select k.source_key, k.target_key from ${schema}.key_map k where ${pairsOf(compiled)} and k.run = ${quoteText(run)} and not k.merged`
      : `select ${names.join(', ')} from ${tableRows(compiled.table)} t where ${broughtSql(part)}`;
  const types = keyTypesOf(compiled);
  const width = compiled.found === 'key_map' ? 1 : keys.length;
  for await (const texts of copyRows(session, sql)) {
    const [key, handle] = [texts.slice(0, width).map((text) => text ?? ''), texts.slice(width)];
    yield {
      handle: handle.length === 1 ? (handle[0] ?? '') : JSON.stringify(handle),
      key: compiled.found === 'key_map' ? (key[0] ?? '') : canonicalKey(key, types),
    };
  }
}

/**
 * Takes what the run has brought out of a mapping's keys: a row that the source may not have any more is none to
 * refer to, until the run has looked at it. Keys that are asked for in batches stay.
 */
export async function forgetBrought(session: Session, part: RunPart, keys: KeyMap): Promise<void> {
  if (keys instanceof BatchedKeyMap) return;
  for await (const { key } of broughtRows(session, part)) keys.delete(key);
}

/** The greatest entry of etl.undo: what comes behind it was written since. */
export async function lastUndo(session: Session, schema: string): Promise<string> {
  const { rows } = await session.query(`select coalesce(max(id), 0) from ${schema}.undo`);
  return rows[0]?.[0] ?? '0';
}

/**
 * What an interrupted part of the run has done about one mapping, while a later part looks at every row again. Each
 * row that it brought is confirmed by its source row, or it goes: its source row is gone, or is rejected or skipped now.
 */
export class Brought {
  /** Rows that were brought and that the source has still; they count as inserted. */
  confirmed = 0;
  /** Rows that were changed and that the source has still; they count as updated. */
  changed = 0;
  /** Handle → canonical source key. */
  private readonly gone = new Map<string, string>();

  constructor(
    /** Null where the merge says of each row what was done about it. */
    private readonly known: {
      /** Of rows that were brought: handle → canonical source key. */
      readonly brought: Map<string, string>;
      /** Handles of rows that were changed. */
      readonly changed: ReadonlySet<string>;
    } | null,
    /** See {@link lastUndo}. */
    readonly since: string,
    /** The mapping's own keys, where its rows refer to each other: without those that were brought. */
    private readonly own: KeyMap | null,
  ) {}

  /** What was done about the row that was found under a key. */
  done(handle: string): Done {
    if (this.known?.brought.has(handle) === true) return 'brought';
    return this.known?.changed.has(handle) === true ? 'changed' : null;
  }

  confirm(handle: string, key: string, done: 'brought' | 'changed'): void {
    if (done === 'changed') {
      this.changed++;
      return;
    }
    this.confirmed++;
    this.known?.brought.delete(handle);
    this.own?.set(key, handle);
  }

  /** Takes {@link confirm} back: the row is a reject after all. */
  refuse(handle: string, key: string, done: 'brought' | 'changed'): void {
    if (done === 'changed') {
      this.changed--;
      return;
    }
    this.confirmed--;
    this.own?.delete(key);
    this.gone.set(handle, key);
  }

  /** A row that was brought and that no source row has confirmed. */
  leave(handle: string, key: string): void {
    this.gone.set(handle, key);
  }

  /** What is to go, handle → canonical source key; complete when the stream has ended. */
  left(): ReadonlyMap<string, string> {
    return new Map([...(this.known?.brought ?? []), ...this.gone]);
  }
}

/** For mappings whose rows are not merged: what was done is read into memory. */
export async function readBrought(session: Session, part: RunPart, own: KeyMap | null): Promise<Brought> {
  const brought = new Map<string, string>();
  for await (const { handle, key } of broughtRows(session, part)) brought.set(handle, key);
  const changed = await changedHandles(session, part);
  return new Brought({ brought, changed }, await lastUndo(session, part.schema), own);
}
