import type { CompiledProject } from '../compile/project.js';
import type { CompiledMapping } from '../contract/compiled.js';
import { EtlError } from '../contract/errors.js';
import type { ColumnStatistics, Finding, MappingSummary } from '../contract/finding.js';
import type { Mapping } from '../contract/mapping.js';
import type { Session } from '../contract/session.js';
import { readConstraintFacts } from '../postgres/constraint-facts.js';
import type { RunPorts } from '../run/ports.js';
import type { SteadySession } from '../run/sessions/steady-session.js';
import { spread } from './bind.js';
import type { Pace } from './duration.js';
import { finding } from './findings.js';
import { standingKeys } from './foreign-keys.js';
import { MadeKeys } from './made-keys.js';
import { passRows } from './pass.js';
import { rowFindings, type RowFacts } from './row-findings.js';
import { sampleOf, type Sample } from './sample.js';
import { settleWaiting, type Passed } from './second-passes.js';
import { readStatistics } from './statistics.js';

export interface ExamineInputs {
  readonly compiled: CompiledProject;
  /** All mappings of the project. */
  readonly mappings: readonly Mapping[];
  /** The mappings whose rows are made, in the order of a run. */
  readonly order: readonly Mapping[];
  readonly ports: Pick<RunPorts, 'steps' | 'rules'>;
  readonly readers: ReadonlyMap<string, SteadySession>;
  readonly target: Session;
  /** The state schema, quoted; null where there is none. */
  readonly schema: string | null;
  readonly estimates: ReadonlyMap<string, number>;
  /** All rows, however many. */
  readonly full: boolean;
  readonly statistics: boolean;
  /** See {@link RowFacts}. */
  readonly advise: RowFacts['advise'];
  /** Subjects about which an error was found already. */
  readonly suspects: ReadonlySet<string>;
  readonly say: (line: string) => void;
}

export interface Examined {
  readonly findings: readonly Finding[];
  readonly summaries: readonly MappingSummary[];
  readonly paces: readonly Pace[];
}

/** Makes the rows of all mappings in a run's order, and says what a run would do with them. */
export async function examine(inputs: ExamineInputs): Promise<Examined> {
  const { compiled, order, target, schema } = inputs;
  const all = new Map(compiled.mappings.map((one) => [one.mapping.name, one]));
  const planned = new Set(order.map(({ name }) => name));
  const keys = new MadeKeys(all, target, schema, planned);
  const readerOf = (mapping: string): Session => readerFor(inputs, all.get(mapping));
  const out = untold(order, planned);
  const findings: Finding[] = [];
  const passed: (Passed & { readonly oneIn: number })[] = [];
  for (const mapping of order) {
    const one = all.get(mapping.name);
    if (one === undefined) continue;
    spread(order, out);
    if (out.has(mapping.name)) continue;
    const sample = sampleFor(inputs, one);
    inputs.say(
      `${mapping.name}: reading ${sample === null ? 'its rows' : `one in ${String(sample.oneIn)} of its rows`}`,
    );
    try {
      const result = await passRows({
        ports: inputs.ports,
        compiled: one,
        all,
        keys,
        reader: readerFor(inputs, one),
        readerOf,
        readerAt: (connection) => readerAt(inputs, connection),
        target,
        constraints: await readConstraintFacts(target, one.table.oid),
        standing: standingKeys(one, { bound: all, mappings: inputs.mappings }),
        sample: sample?.condition ?? null,
        startedAt: new Date().toISOString().replace('Z', '000+00'),
      });
      passed.push({ compiled: one, result, oneIn: sample?.oneIn ?? 1 });
    } catch (error) {
      if (!(error instanceof EtlError) || isConnection(error)) throw error;
      out.set(mapping.name, error.message);
      await readerFor(inputs, one).renew();
      findings.push(unmade(mapping, error, inputs.suspects));
    }
  }
  await settleWaiting(passed, all, keys, readerOf);
  for (const { compiled: one, result, oneIn } of passed) {
    const { tally, fatal } = result;
    const isStep = (rule: string): boolean => inputs.ports.steps.has(rule);
    findings.push(...rowFindings({ compiled: one, tally, fatal, oneIn, isStep, advise: inputs.advise }));
  }
  for (const [name, reason] of out) {
    const mapping = order.find((one) => one.name === name);
    if (mapping !== undefined && !findings.some(isUnmade(name))) findings.push(unseen(mapping, reason));
  }
  return {
    findings,
    summaries: await summariesOf(inputs, passed, out),
    paces: passed.map((one) => paceOf(inputs, one)),
  };
}

const sampleFor = ({ full, estimates }: ExamineInputs, compiled: CompiledMapping): Sample | null =>
  full ? null : sampleOf(compiled, estimates.get(compiled.mapping.name) ?? 0);

/** Exit 3: the connection, not what was asked. */
const isConnection = ({ exitCode }: EtlError): boolean => exitCode === 3;

function readerAt({ readers }: ExamineInputs, connection: string): SteadySession {
  const reader = readers.get(connection);
  if (reader === undefined) throw new Error(`no reader of ${connection}`);
  return reader;
}

const readerFor = (inputs: ExamineInputs, compiled: CompiledMapping | undefined): SteadySession =>
  readerAt(inputs, compiled?.mapping.source.connection.value ?? '');

/** Mappings of which only a run can tell: their look-ups read tables of the target that it loads before. */
function untold(order: readonly Mapping[], planned: ReadonlySet<string>): Map<string, string> {
  const tables = new Map(order.map(({ name, target }) => [target.table.value, name]));
  const found = order.flatMap((mapping) => {
    const cause = mapping.columns.flatMap(({ resolver }) => {
      const from = resolver?.kind === 'lookup' ? resolver.lookup.from : null;
      const loader =
        from?.kind === 'table' && from.connection.value === 'target'
          ? tables.get(from.table.value)
          : undefined;
      return loader === undefined || !planned.has(loader) ? [] : [loader];
    });
    const [first] = cause;
    return first === undefined ? [] : [[mapping.name, `a look-up reads what ${first} loads before`] as const];
  });
  return new Map(found);
}

const isUnmade =
  (name: string) =>
  ({ code, subject }: Finding): boolean =>
    code === 'ETL-CHECK-058' && subject === `mapping ${name}`;

const unmade = (mapping: Mapping, error: EtlError, suspects: ReadonlySet<string>): Finding =>
  finding({
    code: 'ETL-CHECK-058',
    // Where a right is missing, the finding about it says what to do.
    severity: suspects.has(`mapping ${mapping.name}`) ? 'note' : 'error',
    subject: `mapping ${mapping.name}`,
    message: `its rows could not be made: ${error.message}`,
    at: mapping.source.at,
    help: error.help ?? null,
  });

const unseen = (mapping: Mapping, reason: string): Finding =>
  finding({
    code: 'ETL-CHECK-058',
    severity: 'note',
    subject: `mapping ${mapping.name}`,
    message: `its rows were not looked at: ${reason}`,
    at: mapping.at,
    help: 'etl run --dry-run tells',
  });

function paceOf({ estimates }: ExamineInputs, { compiled, result, oneIn }: Passed & { oneIn: number }): Pace {
  const { name } = compiled.mapping;
  const { read } = result.tally;
  const rows = oneIn === 1 ? read : (estimates.get(name) ?? read * oneIn);
  return { mapping: name, rows, read, milliseconds: result.milliseconds };
}

async function summariesOf(
  inputs: ExamineInputs,
  passed: readonly (Passed & { readonly oneIn: number })[],
  out: ReadonlyMap<string, string>,
): Promise<readonly MappingSummary[]> {
  const summaries: MappingSummary[] = [];
  for (const mapping of inputs.order) {
    const one = passed.find(({ compiled }) => compiled.mapping.name === mapping.name);
    const tally = one?.result.tally;
    const estimate = inputs.estimates.get(mapping.name) ?? null;
    summaries.push({
      mapping: mapping.name,
      file: mapping.file,
      rows: one?.oneIn === 1 ? (tally?.read ?? null) : estimate,
      read: tally?.read ?? null,
      sampled: (one?.oneIn ?? 1) > 1,
      loadable: tally?.inserted ?? 0,
      skipped: tally?.skipped ?? 0,
      rejected: tally?.rejected ?? 0,
      unexamined: one === undefined ? (out.get(mapping.name) ?? 'it could not be bound') : null,
      references: tally?.referenceCounts() ?? [],
      columns: one === undefined || !inputs.statistics ? [] : await statisticsOf(inputs, one.compiled),
    });
  }
  return summaries;
}

/** Nothing where the source cannot compute a row: that is a finding already. */
async function statisticsOf(
  inputs: ExamineInputs,
  compiled: CompiledMapping,
): Promise<readonly ColumnStatistics[]> {
  const reader = readerFor(inputs, compiled);
  const sample = sampleFor(inputs, compiled);
  try {
    return await readStatistics(reader, compiled, sample?.condition ?? null);
  } catch (error) {
    if (!(error instanceof EtlError) || isConnection(error)) throw error;
    await reader.renew();
    return [];
  }
}
