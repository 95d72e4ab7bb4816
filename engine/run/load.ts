import type { CompiledMapping } from '../contract/compiled.js';
import type { Step } from '../contract/plan.js';
import type { Session } from '../contract/session.js';
import { mappingNamespace } from '../compile/program/uuid.js';
import type { WantedKey } from '../compile/program/parts.js';
import { rowProgram, type RowProgram } from '../compile/program/program.js';
import { Loader } from '../postgres/loader.js';
import { quoteName, quoteTable, quoteText } from '../postgres/identifier.js';
import { openReader } from '../postgres/source.js';
import { BatchedKeyMap } from '../resolve/batched-key-map.js';
import type { KeyMap } from '../resolve/key-map.js';
import { RejectedKeys } from '../resolve/rejected-keys.js';
import { BulkLoad } from './bulk.js';
import { SequenceIds } from './ids.js';
import { KeyAccess } from './key-access.js';
import { readLookups } from './lookups.js';
import type { RunContext } from './context.js';
import { findExisting } from './existing.js';
import { readerSql, streamRows, type StreamInputs } from './stream.js';
import { Tally } from './tally.js';

/** A mapping's rows are loaded, its sequence set, and an independent count of its source taken in the same snapshot. */
export interface Loaded {
  readonly tally: Tally;
  readonly counted: number;
}

type LoadStep = Extract<Step, { kind: 'load' }>;

/** Loads one mapping: `tally` is filled as batches are committed, whatever way the load ends. */
export async function loadMapping(
  context: RunContext,
  compiled: CompiledMapping,
  step: LoadStep,
  begin: (tally: Tally) => void,
): Promise<Loaded> {
  const { ports } = context;
  const source = compiled.mapping.source.connection.value;
  const reader = await ports.open(source);
  try {
    await openReader(reader, context.snapshots.get(source) ?? '');
    const target = await ports.open('target');
    const keys = new KeyAccess(context, target);
    try {
      await target.query(
        "set statement_timeout = 0; set lock_timeout = '60s'; set idle_in_transaction_session_timeout = '10min'",
      );
      const bulk = await BulkLoad.begin(context, compiled, step.constraints, target);
      const tally = await loadRows(context, compiled, { reader, target, keys, bulk, step }, begin).catch(
        async (error: unknown) => {
          await bulk.abandon();
          throw error;
        },
      );
      context.emit({ type: 'stage', mapping: compiled.mapping.name, stage: 'count' });
      const { rows } = await reader.query(`select count(*) from (${compiled.rowsSql}\n) q`);
      await setSequence(compiled, target);
      return { tally, counted: Number(rows[0]?.[0] ?? 0) };
    } finally {
      await keys.close();
      await target.close();
    }
  } finally {
    await reader.close();
  }
}

/** Where the keys of rows that are there are not in memory, each row asks for its own. */
const ownKeys = (known: KeyMap | null, program: RowProgram): readonly WantedKey[] =>
  known instanceof BatchedKeyMap ? [{ map: known, key: (row) => program.key(row) }] : [];

interface LoadSessions {
  readonly reader: Session;
  readonly target: Session;
  readonly keys: KeyAccess;
  readonly bulk: BulkLoad;
  readonly step: LoadStep;
}

/** Reads what the rows are made with, streams them, and brings back what was dropped for them. */
async function loadRows(
  context: RunContext,
  compiled: CompiledMapping,
  { reader, target, keys, bulk, step }: LoadSessions,
  begin: (tally: Tally) => void,
): Promise<Tally> {
  const { ports, schema, handle, project } = context;
  const { estimatedRows } = step;
  const wantsKeys = keepsKeys(context, compiled);
  const sessions = { target, reader };
  const existing = await findExisting(context, { compiled, estimatedRows, wantsKeys }, sessions, keys);
  const facts = {
    run: handle.run,
    startedAt: handle.startedAt,
    mapping: compiled.mapping.name,
    namespace: mappingNamespace(project.name, compiled.mapping.name),
  };
  const source = compiled.mapping.source.connection.value;
  const program = rowProgram(compiled, {
    steps: ports.steps,
    rules: ports.rules,
    facts,
    lookups: await lookupsOf(compiled, { reader, target, source }),
    keyMaps: await keyMapsOf(compiled, keys),
    rejected: context.rejected,
  });
  const tally = new Tally(program.references);
  begin(tally);
  const isNew = existing.known === null && existing.merge === null;
  const ids = sequenceIds(context, compiled, isNew ? estimatedRows : 0);
  const loader = new Loader(target, compiled, schema, handle);
  const inputs: StreamInputs = {
    compiled,
    program,
    known: existing.known,
    merge: existing.merge,
    wanted: [...program.wanted, ...ownKeys(existing.known, program)],
    sql: readerSql(compiled, existing.orders),
    needs: { keys: wantsKeys, references: program.references.length },
    rejected: rejectedKeys(context, compiled),
    ids,
    namespace: facts.namespace,
    tally,
    reader,
    target,
    loader,
    run: handle.run,
    batchRows: project.batchRows,
    keyMap: context.isReferenced(compiled.mapping.name) ? existing.own : null,
    stop: context.stop,
    onBatch: () => {
      context.emit({ type: 'batch', mapping: compiled.mapping.name, progress: tally.progress() });
    },
  };
  bulk.inputs = inputs;
  try {
    await streamRows(inputs).finally(() => existing.close());
    await bulk.end(target, inputs, () => {
      loader.constraintsChanged();
    });
    keys.release(compiled);
    return tally;
  } finally {
    await ids?.close();
  }
}

/** Whether somebody will ask for the keys of a mapping's rows. */
const keepsKeys = (context: RunContext, compiled: CompiledMapping): boolean =>
  context.isReferenced(compiled.mapping.name) ||
  compiled.found === 'key_map' ||
  compiled.columns.some(({ make }) => make.kind === 'value' && make.secondPass);

function lookupsOf(
  compiled: CompiledMapping,
  sessions: { readonly reader: Session; readonly target: Session; readonly source: string },
): ReturnType<typeof readLookups> {
  const columns = new Map(compiled.columns.map((c) => [c.column.name, c.make]));
  return readLookups(
    compiled.mapping,
    (spec) => {
      const make = columns.get(spec.column.value);
      return make?.kind === 'value' ? (make.keyTypes[0] ?? 'text') : 'text';
    },
    (connection) => (connection === sessions.source ? sessions.reader : sessions.target),
  );
}

/** Where others refer to the mapping, the keys of the rows that it rejects. */
function rejectedKeys(context: RunContext, compiled: CompiledMapping): RejectedKeys | null {
  const { name } = compiled.mapping;
  if (!context.isReferenced(name)) return null;
  const types = compiled.key.map((field) => compiled.fields[field]?.type.base ?? 'text');
  const rejected = new RejectedKeys(types);
  context.rejected.set(name, rejected);
  return rejected;
}

/** The key map of each reference of a mapping, by target column. */
async function keyMapsOf(compiled: CompiledMapping, keys: KeyAccess): Promise<ReadonlyMap<string, KeyMap>> {
  const maps = new Map<string, KeyMap>();
  for (const { column, make } of compiled.columns) {
    const resolver = make.kind === 'value' ? make.spec.resolver : null;
    if (resolver?.kind !== 'references') continue;
    maps.set(column.name, await keys.referenced(resolver));
  }
  return maps;
}

function sequenceIds(
  { project, ports }: RunContext,
  compiled: CompiledMapping,
  expected: number,
): SequenceIds | null {
  const { identity } = compiled;
  if (identity?.strategy !== 'sequence' || identity.column.sequence === null) return null;
  return new SequenceIds({
    sequence: identity.column.sequence,
    open: () => ports.open('target'),
    expected,
    most: project.batchRows,
  });
}

/** Sets the identity's own sequence behind the highest id that the mapping brought along. */
async function setSequence(compiled: CompiledMapping, target: Session): Promise<void> {
  for (const { column } of compiled.columns) {
    if (column.sequence === null || compiled.identity?.strategy === 'sequence') continue;
    const max = `(select max(${quoteName(column.name)}) from ${quoteTable(compiled.table)})`;
    const sequence = quoteText(column.sequence);
    await target.query(
      `select setval(${sequence}::regclass, ${max}) where ${max} >
       coalesce((select last_value from pg_sequences where format('%I.%I', schemaname, sequencename)::regclass
                 = ${sequence}::regclass), 0)`,
    );
  }
}
