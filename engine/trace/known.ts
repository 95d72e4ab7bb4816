import type { CompiledMapping } from '../contract/compiled.js';
import { EXIT, EtlError } from '../contract/errors.js';
import type { Project } from '../contract/mapping.js';
import type { Session } from '../contract/session.js';
import type { Trace, TracedTarget } from '../contract/trace.js';
import { beginReading, endReading } from '../state/reading.js';
import { readHistory, readWriters, type KnownRow } from '../state/row-history.js';
import type { TracedRecord } from './record.js';
import { foundBy, sharersOf, type StandingRow } from './target.js';

/** What the state knows of a record. */
export interface KnownState extends Pick<Trace, 'history' | 'notes'> {
  readonly made: TracedTarget['made_by'];
  readonly last: TracedTarget['written_by'];
  readonly sharers: TracedTarget['shared_with'];
}

/** Asks the state, as far as there is one. */
export async function stateOf(
  project: Project,
  traced: CompiledMapping,
  target: Session,
  { shown }: TracedRecord,
  handle: string | null,
  standing: StandingRow | null,
): Promise<KnownState> {
  const none = { history: [], notes: [], made: null, last: null, sharers: [] };
  const row: KnownRow = {
    ...{ project: project.name, mapping: traced.mapping.name, key: shown, handle },
    xmin: standing?.xmin ?? null,
  };
  try {
    const schema = await beginReading(target, project.stateSchema);
    if (schema === null) return { ...none, notes: ['nothing has been run yet'] };
    const history = await readHistory(target, schema, row);
    const { made, last } = await readWriters(target, schema, row);
    const sharers = handle === null ? [] : await sharersOf(target, schema, traced, handle);
    return { history, made, last, sharers, notes: [] };
  } catch (error) {
    if (!(error instanceof EtlError) || error.exitCode !== EXIT.usage) throw error;
    return { ...none, notes: [`what runs have noted could not be read: ${error.message}`] };
  } finally {
    await endReading(target);
  }
}

/** The target's side of a trace. */
export function targetOf(
  traced: CompiledMapping,
  handle: string | null,
  standing: StandingRow | null,
  differences: TracedTarget['differences'],
  { made, last, sharers }: KnownState,
  columns: Trace['columns'],
): TracedTarget {
  const hidden = new Set(columns.filter(({ sensitive }) => sensitive).map(({ column }) => column));
  const hide = (name: string, text: string | null): string | null =>
    hidden.has(name) && text !== null ? '***' : text;
  const { schema, name } = traced.table;
  return {
    table: `${schema}.${name}`,
    found_by: foundBy(traced, handle),
    row: standing === null ? null : masked(standing.values, hidden),
    differences: differences.map(({ column, now, would_be }) => ({
      ...{ column, now: hide(column, now), would_be: hide(column, would_be) },
    })),
    made_by: made,
    written_by: last,
    shared_with: sharers,
  };
}

/** A row without the values of some columns. */
export function masked(
  row: Readonly<Record<string, string | null>>,
  hidden: ReadonlySet<string>,
): Readonly<Record<string, string | null>> {
  const entries = Object.entries(row);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, hidden.has(name) && value !== null ? '***' : value]),
  );
}
