import pLimit from 'p-limit';
import type { CompiledMapping } from '../../contract/compiled.js';
import { EXIT, EtlError, type ExitCode } from '../../contract/errors.js';
import type { CheckResult } from '../../contract/result.js';
import type { Session } from '../../contract/session.js';
import type { VerifiedMapping, VerifyResult } from '../../contract/verify.js';
import { KEY_MAP_BYTES } from '../../resolve/choose.js';
import { openKeys } from '../../state/open-rejects.js';
import { beginReading, endReading } from '../../state/reading.js';
import { referenceChecks } from '../checks.js';
import type { RunContext } from '../context.js';
import { mappingHashes } from '../delta/hashes.js';
import type { RunInput } from '../input.js';
import { chainedMappings } from '../keys/keys-by.js';
import type { RunPorts } from '../ports.js';
import { metersOf } from '../meter.js';
import { PATIENCE, patiently, Retries } from '../sessions/retries.js';
import { obeying } from '../row-security.js';
import { exportSnapshots } from '../sessions/snapshots.js';
import { isAloneIn } from './alone.js';
import { withSessions, type CompareSessions } from './compare-sessions.js';
import { evaluateChecks, type Evaluated } from './evaluate.js';
import { foreignKeyChecks, sequenceChecks } from './integrity.js';
import { asGrave } from './own-checks.js';
import { sinceRun } from './since.js';
import { countUnordered } from './unordered.js';

/** All that `etl verify` is made of. */
export interface VerifyInput extends Pick<
  RunInput,
  'project' | 'compiled' | 'tables' | 'ports' | 'emit' | 'stop'
> {
  /** The mappings that are verified; others that they refer to are only asked for their keys. */
  readonly selected: ReadonlySet<string>;
  /** Differences of each kind and column that are named; all are counted. */
  readonly most: number;
  readonly ends: Pick<VerifyResult, 'source' | 'target'>;
}

/**
 * Compares what is in the target now with what the mappings make of what is in the source now, and looks at what
 * holds the target together. Loads nothing and writes nothing but temporary tables.
 * @throws EtlError exit 2 where no run has loaded anything yet, 3 where a connection was lost
 */
export async function verifyProject(input: VerifyInput): Promise<VerifyResult> {
  const { compiled, project, selected, ends } = input;
  const startedAt = new Date();
  const exporters = new Map<string, Session>();
  const openAny = obeying(input.ports.open, compiled.mappings);
  const onlyReads: RunPorts['open'] = async (name) => {
    const session = await openAny(name);
    await session.query('set default_transaction_read_only = on');
    return session;
  };
  try {
    const schema = await stateSchema(onlyReads, project.stateSchema);
    const { snapshots } = await exportSnapshots({ ...input, options: {} }, onlyReads, exporters);
    const context = await contextOf(input, onlyReads, { snapshots, schema, startedAt });
    const chosen = compiled.mappings.filter(({ mapping }) => selected.has(mapping.name));
    const keys = await foreignKeys(context, input, chosen);
    const mappings: VerifiedMapping[] = [];
    // One after the other: mappings share the keys of those that they refer to.
    for (const one of chosen)
      mappings.push(await verifyMapping(context, one, keys.get(one) ?? [], input.most));
    const exitCode: ExitCode = mappings.some(({ status }) => status === 'failed' || status === 'not_verified')
      ? EXIT.checks
      : EXIT.done;
    const duration_ms = Date.now() - startedAt.getTime();
    return { project: project.name, exitCode, startedAt, duration_ms, ...ends, mappings };
  } finally {
    for (const session of exporters.values()) await session.close();
  }
}

/** The state's schema, quoted. */
async function stateSchema(open: RunPorts['open'], name: string): Promise<string> {
  const session = await open('target');
  try {
    const schema = await beginReading(session, name);
    await endReading(session);
    if (schema !== null) return schema;
  } finally {
    await session.close();
  }
  throw new EtlError('no run has loaded anything yet: there is nothing to verify', {
    exitCode: EXIT.usage,
    help: 'etl run loads the target first',
  });
}

async function contextOf(
  { compiled, project, ports, emit, stop }: VerifyInput,
  open: RunPorts['open'],
  read: { readonly snapshots: RunContext['snapshots']; readonly schema: string; readonly startedAt: Date },
): Promise<RunContext> {
  const chained = chainedMappings(compiled.mappings);
  const retries = new Map<string, Retries>();
  const patience = { ...PATIENCE, resumable: false };
  const retriesOf = (name: string): Retries => {
    const found = retries.get(name) ?? new Retries({ name, emit, stop, patience });
    retries.set(name, found);
    return found;
  };
  return {
    project,
    compiled: new Map(compiled.mappings.map((one) => [one.mapping.name, one])),
    ports,
    once: open,
    onceSource: patiently(open, { emit, stop, patience }),
    retriesOf,
    meterOf: metersOf(retriesOf),
    dryRun: false,
    ranges: 1,
    readsOnly: true,
    // What a run would put into rows differs from run to run and is not compared.
    handle: { run: '', epoch: '0', startedAt: read.startedAt.toISOString(), resumes: 0 },
    schema: read.schema,
    snapshots: read.snapshots,
    sample: null,
    hashes: await mappingHashes(compiled.mappings),
    fresh: true,
    force: false,
    whole: true,
    keyMaps: new Map(),
    given: new Map(),
    // Nothing is written, so no trigger could fire.
    triggers: { without: (_context, _compiled, work) => work() },
    rejected: new Map(),
    keyMapBytes: KEY_MAP_BYTES,
    isChained: (mapping) => chained.has(mapping),
    isReferenced: () => false,
    planned: new Set(),
    begun: new Set(),
    ddl: pLimit(1),
    stop,
    emit,
  };
}

/** What the foreign keys come to, each told of by the first mapping of its table, or of the one that it leads to. */
async function foreignKeys(
  { once }: RunContext,
  { most }: VerifyInput,
  chosen: readonly CompiledMapping[],
): Promise<ReadonlyMap<CompiledMapping, readonly CheckResult[]>> {
  const session = await once('target');
  try {
    const byTable = await foreignKeyChecks(
      session,
      chosen.map(({ table }) => table),
      most,
    );
    const found = new Map<CompiledMapping, CheckResult[]>();
    for (const [oid, checks] of byTable) {
      const owner = chosen.find(({ table }) => table.oid === oid) ?? chosen[0];
      if (owner !== undefined) found.set(owner, [...(found.get(owner) ?? []), ...checks]);
    }
    return found;
  } finally {
    await session.close();
  }
}

const EMPTY = { read: 0, loaded: 0, skipped: 0, rejected: 0, since: null, checks: [] };

async function verifyMapping(
  context: RunContext,
  compiled: CompiledMapping,
  keys: readonly CheckResult[],
  most: number,
): Promise<VerifiedMapping> {
  const { mapping, table } = compiled;
  const begun = Date.now();
  const of = { mapping: mapping.name, file: mapping.file, targetTable: `${table.schema}.${table.name}` };
  context.emit({ type: 'notice', level: 'info', message: `${mapping.name}: comparing` });
  try {
    const found = await withSessions(context, compiled, async (sessions) => {
      const needs = {
        most,
        alone: isAloneIn(context, compiled),
        unanswered: 'differs',
        always: true,
      } as const;
      const evaluated = await evaluateChecks(context, compiled, sessions, needs);
      return { ...(await asVerified(context, compiled, sessions, evaluated, keys)) };
    });
    return { ...of, ...found, reason: null, duration_ms: Date.now() - begun };
  } catch (error) {
    if (!(error instanceof EtlError) || error.exitCode === EXIT.transient) throw error;
    const reason = error.message;
    return { ...of, ...EMPTY, status: 'not_verified', reason, duration_ms: Date.now() - begun };
  }
}

type Found = Omit<VerifiedMapping, 'mapping' | 'file' | 'targetTable' | 'reason' | 'duration_ms'>;

async function asVerified(
  context: RunContext,
  compiled: CompiledMapping,
  sessions: CompareSessions,
  { checks: own, comparison, rows }: Evaluated,
  keys: readonly CheckResult[],
): Promise<Found> {
  const { findings } = comparison ?? {};
  const counts = comparison ?? (compiled.keyless ? await counted(context, compiled, sessions) : null);
  const { read, skipped, rejected } = counts ?? { read: 0, skipped: 0, rejected: 0 };
  const loaded = read - skipped - rejected;
  const { checks: specs } = compiled.mapping;
  const always = [
    ...(counts === null ? [] : [countOf(loaded, rows, findings?.count('earlier') ?? 0)]),
    ...(await referenceChecks(sessions.target, compiled, context.compiled)),
  ];
  const checks = [
    ...always.map((check) => asGrave(check, specs)),
    ...own,
    ...keys,
    ...(await sequenceChecks(sessions.target, compiled)),
  ];
  const status = checks.some((check) => check.status === 'failed')
    ? 'failed'
    : checks.some((check) => check.status === 'warned')
      ? 'warned'
      : 'passed';
  const since = comparison === null ? null : await sinceRun(context, compiled, sessions, read);
  return { status, checks, read, loaded, skipped, rejected, since };
}

/** Rows that cannot be told from others are counted, whatever is in them. */
async function counted(
  context: RunContext,
  compiled: CompiledMapping,
  sessions: CompareSessions,
): ReturnType<typeof countUnordered> {
  const open = await openKeys(sessions.target, context.schema, context.project.name, compiled.mapping.name);
  return countUnordered(context, compiled, sessions, new Set(open.get(compiled.mapping.name)?.keys));
}

/** As many rows as the mapping loads of the source now. */
function countOf(source: number, target: number, earlier: number): CheckResult {
  const base = { check: 'row_count', source: String(source), target: String(target) };
  if (target === source) return { ...base, status: 'passed', found: 0 };
  const found = Math.abs(target - source);
  if (target - earlier !== source) return { ...base, status: 'failed', found };
  return { ...base, status: 'warned', found, note: 'the target has rows that were there before the project' };
}
