import type { CompiledProject } from '../compile/project.js';
import type { CompiledMapping } from '../contract/compiled.js';
import { EXIT, EtlError } from '../contract/errors.js';
import type { Project } from '../contract/mapping.js';
import type { Session } from '../contract/session.js';
import type { Refused, Trace, TracedTarget, Verdict } from '../contract/trace.js';
import { stateSchema } from '../check/check.js';
import { exportSnapshot, explain } from '../postgres/source.js';
import { beginReading, endReading } from '../state/reading.js';
import { readHistory, readWriters, type KnownRow } from '../state/row-history.js';
import type { RunPorts } from '../run/ports.js';
import { readerSql } from '../run/reader-copy.js';
import { PATIENCE, Retries } from '../run/retries.js';
import { openSource } from '../run/sessions.js';
import type { SteadySession } from '../run/steady-session.js';
import { StopSignal } from '../run/stop.js';
import { placeOf, refusedOf, tracedColumns, tracedRules } from './columns.js';
import { decisive, type Fate } from './fates.js';
import { makeRows, type Made } from './make.js';
import { chainFrom, parentsOf } from './parents.js';
import { keyOfTarget, keyWords, recordByKey, type TracedRecord } from './record.js';
import { differencesOf, foundBy, sharersOf, standingRow, type StandingRow } from './target.js';

export interface TraceInputs {
  readonly project: Project;
  /** The traced mapping with all that its rows hang on. */
  readonly compiled: CompiledProject;
  readonly mapping: string;
  /** As they stand on the command line. */
  readonly words: readonly string[];
  /** The words name a row of the target. */
  readonly byTarget: boolean;
  readonly showSensitive: boolean;
  /** Rows of every mapping are compared with each other where values must be unique, however many there are. */
  readonly full: boolean;
  readonly ports: Pick<RunPorts, 'steps' | 'rules'>;
  /** Open, outside of a transaction: nothing is written on it, and the trace leaves it open. */
  readonly target: Session;
  readonly open: (connection: string) => Promise<Session>;
  readonly say: (line: string) => void;
}

/** Rows above which a mapping's rows are not all read for the sake of one of them. */
const MANY = 1_000_000;

/**
 * Follows one record from the source through its mapping to the target, by the functions of a load. Reads only.
 * @throws EtlError exit 2 where nobody knows the record
 */
export async function trace(inputs: TraceInputs): Promise<Trace> {
  const { compiled: bound, target, mapping: name, open } = inputs;
  const whole = bound.mappings.find(({ mapping }) => mapping.name === name);
  if (whole === undefined) throw new Error(`mapping ${name} is not bound`);
  if (whole.keyless) {
    throw new EtlError(`the rows of ${name} cannot be traced: its source has no key`, {
      exitCode: EXIT.usage,
      help: 'give the source a key',
    });
  }
  await target.query('set default_transaction_read_only = on');
  const compiled = inputs.showSensitive ? { ...bound, mappings: bound.mappings.map(unmasked) } : bound;
  const traced = compiled.mappings.find(({ mapping }) => mapping.name === name) ?? whole;
  const retries = new Retries({
    ...{ name: 'trace', emit: () => undefined, stop: new StopSignal(), patience: PATIENCE },
  });
  const readers = new Map<string, SteadySession>();
  const keepers: Session[] = [];
  try {
    for (const source of new Set(compiled.mappings.map((one) => one.mapping.source.connection.value))) {
      const keeper = await open(source);
      keepers.push(keeper);
      const snapshots = new Map([[source, await exportSnapshot(keeper, [])]]);
      readers.set(source, await openSource({ onceSource: open, snapshots }, source, retries));
    }
    return await traceOn({ ...inputs, compiled }, traced, target, readers);
  } finally {
    for (const session of [...readers.values(), ...keepers]) await session.close();
  }
}

/** The mapping as if no column were sensitive. */
const unmasked = (compiled: CompiledMapping): CompiledMapping => ({
  ...compiled,
  fields: compiled.fields.map((field) => ({ ...field, sensitive: false })),
});

async function traceOn(
  inputs: TraceInputs,
  traced: CompiledMapping,
  target: Session,
  readers: ReadonlyMap<string, SteadySession>,
): Promise<Trace> {
  const { project, compiled } = inputs;
  const { mapping } = traced;
  const readerOf = (name: string): SteadySession => {
    const one = compiled.mappings.find((other) => other.mapping.name === name);
    const reader = readers.get(one?.mapping.source.connection.value ?? '');
    if (reader === undefined) throw new Error(`no connection for ${name}`);
    return reader;
  };
  const schema = await stateSchema(target, project.stateSchema);
  const record = await recordOf(inputs, traced, readerOf(mapping.name), target, schema);
  const made = await makeRows({
    ...{ project, compiled, ports: inputs.ports, readers, target, schema, traced, key: record.key },
    isLarge: sizes(inputs, readerOf),
    startedAt: new Date().toISOString().replace('Z', '000+00'),
    say: inputs.say,
  });
  const fates = record.rows.length === 0 ? [] : made.fates.of(mapping.name, record.key);
  const fate = decisive(fates);
  const heard = fate?.kind === 'skip' || fate === undefined ? undefined : made.recorder.get(record.key);
  const sought = await handleOf(traced, made, record, fate);
  const standing = sought === null ? null : await standingRow(target, traced, sought);
  // The row that is filled may be one that a run makes before.
  const handle = fate?.kind === 'fill' && standing === null ? null : sought;
  const parents = await parentsOf(made, traced, record.key, readerOf);
  const isNew = fate?.kind === 'insert' || (fate?.kind === 'fill' && standing === null);
  const ownId = isNew && isGiven(traced) ? 'given when the row is loaded' : null;
  const columns = heard === undefined ? [] : tracedColumns(traced, heard, parents, ownId);
  const known = new Map(
    columns.flatMap(({ column, refused, unknown }, n) =>
      refused !== null || unknown !== null ? [] : [[column, valueOf(n)] as const],
    ),
  );
  function valueOf(n: number): string | null {
    return traced.columns[n] === undefined ? null : rawValue(n);
  }
  function rawValue(n: number): string | null {
    const late = parents.late.get(traced.columns[n]?.column.name ?? '');
    const found = late?.find((way) => way.found !== undefined)?.found;
    return found ?? heard?.columns.get(n)?.written?.value ?? null;
  }
  const isLoaded = fate?.kind === 'update' || fate?.kind === 'fill';
  const differences =
    standing === null || !isLoaded ? [] : await differencesOf(target, traced, standing, known);
  const verdict = verdictOf(inputs, made, record, fates, differences.length);
  const warned =
    verdict.kind === 'reject' || verdict.kind === 'skip' || verdict.kind === 'absent' ? [] : verdict.warnings;
  const state = await stateOf(inputs, traced, target, record, standing === null ? null : handle, standing);
  if (record.rows.length === 0 && standing === null && state.history.length === 0)
    throw nobody(traced, record);
  const hidden = new Set(inputs.showSensitive ? [] : mapping.source.sensitive.map(({ value }) => value));
  return {
    mapping: mapping.name,
    at: placeOf(mapping.at),
    key: record.shown,
    named_by: record.namedBy,
    source: {
      connection: mapping.source.connection.value,
      from: mapping.source.from.kind === 'table' ? mapping.source.from.table.value : 'query',
      key: traced.key.map((field) => traced.fields[field]?.name ?? ''),
      rows: record.rows.map((row) => masked(row, hidden)),
    },
    verdict,
    columns,
    rules: tracedRules(traced, heard, verdict.kind === 'reject' ? verdict : null, warned),
    target: targetOf(traced, handle, standing, differences, state, columns),
    history: state.history,
    notes: [...notesOf(inputs, made, traced), ...state.notes],
  };
}

const isGiven = ({ identity }: CompiledMapping): boolean =>
  identity !== null && (identity.strategy === 'sequence' || identity.strategy === 'uuid7');

function masked(
  row: Readonly<Record<string, string | null>>,
  hidden: ReadonlySet<string>,
): Readonly<Record<string, string | null>> {
  const entries = Object.entries(row);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, hidden.has(name) && value !== null ? '***' : value]),
  );
}

const nobody = ({ mapping, key, fields }: CompiledMapping, { shown }: TracedRecord): EtlError =>
  new EtlError(
    `${mapping.name} has no row ${shown}: not in the source, not in the target, and no run has noted it`,
    {
      exitCode: EXIT.usage,
      help: `the key is ${key.map((field) => fields[field]?.name ?? '').join(', ')} of the source; --target names a row of the target`,
    },
  );

async function recordOf(
  { words, byTarget }: TraceInputs,
  traced: CompiledMapping,
  reader: Session,
  target: Session,
  schema: string | null,
): Promise<TracedRecord> {
  if (byTarget) {
    const { parts, namedBy } = await keyOfTarget(target, traced, words, schema);
    return recordByKey(reader, traced, parts, namedBy);
  }
  const names = traced.key.map((field) => traced.fields[field]?.name ?? '');
  return recordByKey(reader, traced, keyWords(words, names, `the key of ${traced.mapping.name}`));
}

/** Whether a mapping has too many rows to read all of them. */
function sizes(
  { full }: TraceInputs,
  readerOf: (mapping: string) => Session,
): (compiled: CompiledMapping) => Promise<boolean> {
  const known = new Map<string, boolean>();
  return async (compiled) => {
    const { name } = compiled.mapping;
    let isLarge = full ? false : known.get(name);
    if (isLarge === undefined) {
      const [explained] = await explain(readerOf(name), [readerSql(compiled)]);
      isLarge = (explained?.rows ?? 0) > MANY;
    }
    known.set(name, isLarge);
    return isLarge;
  };
}

/** What finds the target's row: the one that stands there, or that the record is merged into. */
async function handleOf(
  traced: CompiledMapping,
  made: Made,
  { key }: TracedRecord,
  fate: Fate | undefined,
): Promise<string | null> {
  if (fate?.kind === 'update' || fate?.kind === 'fill') return fate.handle;
  return (await made.keys.inTarget(traced)).get(key) ?? null;
}

function verdictOf(
  { compiled }: TraceInputs,
  made: Made,
  { key, rows }: TracedRecord,
  fates: readonly Fate[],
  differences: number,
): Verdict {
  const fate = decisive(fates);
  if (fate === undefined || rows.length === 0) return { kind: 'absent' };
  if (fate.kind === 'skip') return { kind: 'skip', rule: fate.skipped.rule, at: placeOf(fate.skipped.at) };
  if (fate.kind !== 'reject') {
    const kind = fate.kind === 'update' && differences === 0 ? 'unchanged' : fate.kind;
    const warnings = fate.warnings.map((warning): Refused => ({
      ...refusedOf({ ...warning, severity: 'reject', because: null }),
      sqlstate: null,
    }));
    return { kind, warnings, doubles: fates.length - 1 };
  }
  const { reject } = fate;
  const name = [...made.all.values()].find(({ mapping }) => made.fates.of(mapping.name, key).includes(fate))
    ?.mapping.name;
  const [own, ...chain] = chainFrom(made, { mapping: name ?? '', key });
  const whole = compiled.mappings.find(({ mapping }) => mapping.name === name);
  return {
    kind: 'reject',
    column: reject.column,
    rule: reject.rule,
    sqlstate: reject.sqlstate,
    reason: reject.reason,
    value: reject.value,
    at: placeOf(reject.at),
    chain: own === undefined ? [] : chain,
    stops_run: whole !== undefined && stopsRun(whole, reject.at),
  };
}

/** Whether the mapping says `fail` at the line that refused the row. */
function stopsRun({ rules, columns, mapping }: CompiledMapping, at: Refused['at']): boolean {
  const isHere = (place: Refused['at']): boolean => place.file === at.file && place.line === at.line;
  const fails = columns.flatMap(({ make }) => {
    const resolver = make.kind === 'value' ? make.spec.resolver : null;
    if (resolver === null) return [];
    const word = resolver.kind === 'map' ? resolver.unmapped.kind : resolver.missing;
    return word === 'fail' ? [resolver.at] : [];
  });
  const { duplicates } = mapping.source;
  return (
    fails.some(isHere) ||
    rules.some(({ rule }) => rule.severity === 'fail' && isHere(rule.at)) ||
    (duplicates.kind === 'fail' && isHere(mapping.source.key[0]?.at ?? mapping.source.at))
  );
}

interface KnownState extends Pick<Trace, 'history' | 'notes'> {
  readonly made: TracedTarget['made_by'];
  readonly last: TracedTarget['written_by'];
  readonly sharers: TracedTarget['shared_with'];
}

/** What the state knows of the record. */
async function stateOf(
  { project }: TraceInputs,
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

function targetOf(
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

/** What the trace leaves open. */
function notesOf({ project }: TraceInputs, { uncompared }: Made, traced: CompiledMapping): readonly string[] {
  const loads = new Set(project.mappings.map(({ target }) => target.table.value));
  const lookups = traced.mapping.columns.flatMap(({ column, resolver }) =>
    resolver?.kind === 'lookup' &&
    resolver.lookup.from.kind === 'table' &&
    resolver.lookup.from.connection.value === 'target' &&
    loads.has(resolver.lookup.from.table.value)
      ? [
          `the look-up of ${column.value} reads ${resolver.lookup.from.table.value} of the target as it is now; a run loads it before`,
        ]
      : [],
  );
  return [
    ...uncompared.map(
      (name) =>
        `rows of ${name} were not compared with each other where values must be unique: there are too many (--full reads them)`,
    ),
    ...lookups,
  ];
}
