import type { CompiledProject } from '../compile/project.js';
import type { CompiledMapping } from '../contract/compiled.js';
import { EXIT, EtlError } from '../contract/errors.js';
import type { Project } from '../contract/mapping.js';
import type { Session } from '../contract/session.js';
import type { Trace } from '../contract/trace.js';
import { stateSchema } from '../check/check.js';
import { exportSnapshot, explain } from '../postgres/source.js';
import type { RunPorts } from '../run/ports.js';
import { readerSql } from '../run/read/reader-copy.js';
import { readConnections } from '../run/lookups.js';
import { PATIENCE, Retries } from '../run/sessions/retries.js';
import { openSource } from '../run/sessions/sessions.js';
import type { SteadySession } from '../run/sessions/steady-session.js';
import { StopSignal } from '../run/stop.js';
import { placeOf, tracedColumns, tracedRules, type Parents } from './columns.js';
import { decisive, type Fate } from './fates.js';
import { masked, stateOf, targetOf } from './known.js';
import { makeRows, type Made } from './make.js';
import { parentsOf } from './parents.js';
import { keyOfTarget, keyWords, recordByKey, type TracedRecord } from './record.js';
import type { HeardRow } from './recorder.js';
import { differencesOf, standingRow } from './target.js';
import { verdictOf } from './verdict.js';

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
    for (const source of readConnections(compiled.mappings)) {
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
  const known = knownValues(columns, heard, parents);
  const isLoaded = fate?.kind === 'update' || fate?.kind === 'fill';
  const differences =
    standing === null || !isLoaded ? [] : await differencesOf(target, traced, standing, known);
  const verdict = verdictOf(compiled, made, record, fates, differences.length);
  const warned =
    verdict.kind === 'reject' || verdict.kind === 'skip' || verdict.kind === 'absent' ? [] : verdict.warnings;
  const state = await stateOf(project, traced, target, record, standing === null ? null : handle, standing);
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

/** What is written in each column whose value is known before the load, whole. */
function knownValues(
  columns: Trace['columns'],
  heard: HeardRow | undefined,
  { late }: Parents,
): ReadonlyMap<string, string | null> {
  return new Map(
    columns.flatMap(({ column, refused, unknown }, n) => {
      if (refused !== null || unknown !== null) return [];
      const found = late.get(column)?.find((way) => way.found !== undefined)?.found;
      return [[column, found ?? heard?.columns.get(n)?.written?.value ?? null] as const];
    }),
  );
}

const isGiven = ({ identity }: CompiledMapping): boolean =>
  identity !== null && (identity.strategy === 'sequence' || identity.strategy === 'uuid7');

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
