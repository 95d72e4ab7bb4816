import type { CompiledProject } from '../compile/project.js';
import type { CompiledMapping } from '../contract/compiled.js';
import type { Mapping, Project } from '../contract/mapping.js';
import type { Session } from '../contract/session.js';
import { standingKeys } from '../check/foreign-keys.js';
import { passRows, type PassInputs, type Waiting } from '../check/pass.js';
import { settleWaiting, type Passed } from '../check/second-passes.js';
import { makePlan } from '../plan/plan.js';
import { readConstraintFacts, type ConstraintFacts } from '../postgres/constraint-facts.js';
import type { Rejection } from '../resolve/rejected-keys.js';
import { readFellows, type Fellows } from '../run/rows/fellows.js';
import type { RunPorts } from '../run/ports.js';
import { filledBy } from '../run/sample/sample-fills.js';
import type { SteadySession } from '../run/sessions/steady-session.js';
import { Closure } from './closure.js';
import { Fates } from './fates.js';
import { TraceKeys, type Gone } from './keys.js';
import { Recorder } from './recorder.js';
import { canCollide, rivalsOf } from './rivals.js';

export interface MakeInputs {
  readonly project: Project;
  readonly compiled: CompiledProject;
  readonly ports: Pick<RunPorts, 'steps' | 'rules'>;
  readonly readers: ReadonlyMap<string, SteadySession>;
  readonly target: Session;
  /** The state schema, quoted; null where there is none. */
  readonly schema: string | null;
  readonly traced: CompiledMapping;
  /** Canonical. */
  readonly key: string;
  /** Whether the mapping has too many rows to be read for the sake of one of them. */
  readonly isLarge: (compiled: CompiledMapping) => Promise<boolean>;
  readonly startedAt: string;
  readonly say: (line: string) => void;
}

/** What came of making the rows that decide about one row. */
export interface Made {
  readonly fates: Fates;
  readonly recorder: Recorder;
  readonly keys: TraceKeys;
  /** References of the traced mapping's rows that a second pass completes. */
  readonly waiting: readonly Waiting[];
  /** The mappings over the rows that were made. */
  readonly all: ReadonlyMap<string, CompiledMapping>;
  /** Mappings whose unique values were not compared with those of all rows. */
  readonly uncompared: readonly string[];
}

/** A second pass takes rows along, and those may take others along: so often at the most. */
const ROUNDS = 25;

/** Makes a row, and all that decide about it, as a run makes them; nothing is written. */
export async function makeRows(inputs: MakeInputs): Promise<Made> {
  const { compiled, readers, target, traced, key } = inputs;
  const byName = new Map(compiled.mappings.map((one) => [one.mapping.name, one]));
  const readerAt = (name: string): SteadySession => {
    const reader = readers.get(name);
    if (reader === undefined) throw new Error(`connection ${name} is not open`);
    return reader;
  };
  const readerOf = (mapping: string): SteadySession =>
    readerAt(byName.get(mapping)?.mapping.source.connection.value ?? '');
  const closure = new Closure(compiled.mappings, inputs.ports, readerOf);
  await closure.add(traced.mapping.name, [key]);
  const facts = new Map<number, Promise<ConstraintFacts>>();
  const constraintsOf = ({ table }: CompiledMapping): Promise<ConstraintFacts> => {
    const known = facts.get(table.oid) ?? readConstraintFacts(target, table.oid);
    facts.set(table.oid, known);
    return known;
  };
  const passOf = async (one: CompiledMapping, all: PassInputs['all'], keys: TraceKeys) => ({
    ports: inputs.ports,
    all,
    keys,
    reader: readerOf(one.mapping.name),
    readerOf,
    readerAt,
    target,
    constraints: await constraintsOf(one),
    standing: standingKeys(one, { bound: byName, mappings: inputs.project.mappings }),
    sample: null,
    startedAt: inputs.startedAt,
  });
  const keysWith = (gone: Gone, all: ReadonlyMap<string, CompiledMapping>): TraceKeys =>
    new TraceKeys({ all, target, schema: inputs.schema, keysOf: (name) => closure.keysOf(name), gone });
  const uncompared = await addRivals(inputs, closure, {
    constraintsOf,
    passOf: (one) => passOf(one, byName, keysWith(new Map(), byName)),
  });
  const all = closure.mappings();
  const made = new Map([...all].filter(([name]) => closure.rowsOf(name).length > 0));
  let gone = new Map<string, Map<string, Rejection>>();
  for (let round = 0; ; round++) {
    const keys = keysWith(gone, all);
    const one = await makeOnce(inputs, { all, made }, keys, passOf, readerOf);
    const grown = merged(gone, one.late);
    if (grown === null || round === ROUNDS) return { ...one, keys, all, uncompared };
    gone = grown;
  }
}

/** Adds the rows that could take a value away from those that are known, until there are no more. */
async function addRivals(
  { compiled, isLarge, say }: MakeInputs,
  closure: Closure,
  {
    constraintsOf,
    passOf,
  }: {
    readonly constraintsOf: (one: CompiledMapping) => Promise<ConstraintFacts>;
    readonly passOf: (one: CompiledMapping) => Promise<Omit<PassInputs, 'compiled' | 'seams'>>;
  },
): Promise<readonly string[]> {
  const looked = new Map<string, number>();
  const uncompared = new Set<string>();
  for (let again = true; again;) {
    again = false;
    for (const whole of compiled.mappings) {
      const { name } = whole.mapping;
      const rows = closure.rowsOf(name).length;
      if (rows === (looked.get(name) ?? 0)) continue;
      looked.set(name, rows);
      const some = closure.mappings().get(name);
      if (some === undefined || !canCollide(whole, await constraintsOf(whole))) continue;
      if (await isLarge(whole)) {
        uncompared.add(name);
        continue;
      }
      say(`${name}: reading its rows, since some of their values must be unique`);
      const rivals = await rivalsOf(await passOf(whole), whole, some);
      if (rivals.size === 0) continue;
      await closure.add(name, rivals);
      // What they share they share with each other: only their parents are news.
      looked.set(name, closure.rowsOf(name).length);
      again = true;
    }
  }
  return [...uncompared];
}

type Late = ReadonlyMap<string, ReadonlyMap<string, Rejection>>;

/** Null where nothing is new. */
function merged(gone: Gone, late: Late): Map<string, Map<string, Rejection>> | null {
  let isNew = false;
  const all = new Map([...gone].map(([name, keys]) => [name, new Map(keys)]));
  for (const [name, rejections] of late) {
    const known = all.get(name) ?? new Map<string, Rejection>();
    all.set(name, known);
    for (const [key, rejection] of rejections) {
      if (known.has(key)) continue;
      isNew = true;
      known.set(key, rejection);
    }
  }
  return isNew ? all : null;
}

interface Once extends Pick<Made, 'fates' | 'recorder' | 'waiting'> {
  /** Rows that a second pass has rejected. */
  readonly late: Late;
}

/** Makes all rows in a run's order, once. */
async function makeOnce(
  inputs: MakeInputs,
  {
    all,
    made,
  }: {
    readonly all: ReadonlyMap<string, CompiledMapping>;
    /** Those of them that have rows. */
    readonly made: ReadonlyMap<string, CompiledMapping>;
  },
  keys: TraceKeys,
  passOf: (
    one: CompiledMapping,
    all: PassInputs['all'],
    keys: TraceKeys,
  ) => Promise<Omit<PassInputs, 'compiled' | 'seams'>>,
  readerOf: (mapping: string) => SteadySession,
): Promise<Once> {
  const { traced, target, schema } = inputs;
  const fates = new Fates();
  const recorder = new Recorder();
  const passed: Passed[] = [];
  for (const mapping of orderOf(inputs)) {
    const one = made.get(mapping.name);
    if (one === undefined) continue;
    const isTraced = mapping.name === traced.mapping.name;
    const result = await passRows({
      ...(await passOf(one, all, keys)),
      compiled: one,
      seams: {
        run: '(the run)',
        known: await keys.inTarget(one),
        fellows: await fellowsOf(one, all, keys, target, schema),
        blind: await inputs.isLarge(one),
        ...(isTraced ? { observer: recorder } : {}),
        onBatch: (batch, outcome) => {
          fates.take(one, batch, outcome);
        },
      },
    });
    passed.push({ compiled: one, result });
  }
  const late = new Map<string, Map<string, Rejection>>();
  await settleWaiting(passed, all, keys, readerOf, (name, reject) => {
    const one = all.get(name);
    const key = reject.key ?? '';
    if (one !== undefined) fates.late(one, key, reject);
    const rejection = keys.rejected.get(name)?.get(key);
    if (rejection !== undefined)
      late.set(name, (late.get(name) ?? new Map<string, Rejection>()).set(key, rejection));
  });
  const waiting =
    passed.find(({ compiled }) => compiled.mapping.name === traced.mapping.name)?.result.waiting ?? [];
  return { fates, recorder, waiting, late };
}

/** The mappings in the order in which a run loads them. */
function orderOf({ project, compiled }: MakeInputs): readonly Mapping[] {
  const names = new Set(compiled.mappings.map(({ mapping }) => mapping.name));
  const wanted = project.mappings.filter(({ name }) => names.has(name));
  const { steps } = makePlan(wanted, project.phases, compiled.dependencies, compiled.opened, new Map());
  const byName = new Map(wanted.map((mapping) => [mapping.name, mapping]));
  return steps.flatMap((step) => (step.kind === 'load' ? (byName.get(step.mapping) ?? []) : []));
}

/** The rows that a mapping fills: those that the target has, and those that mappings before it make. */
async function fellowsOf(
  compiled: CompiledMapping,
  all: ReadonlyMap<string, CompiledMapping>,
  keys: TraceKeys,
  target: Session,
  schema: string | null,
): Promise<Fellows | null> {
  if (!compiled.sharedWith.some(({ merges }) => merges)) return null;
  const stored = schema === null ? null : await readFellows(target, compiled, schema);
  const makers = new Set(
    [...all.values()].flatMap(({ mapping, holdsKey }) => (holdsKey ? [mapping.name] : [])),
  );
  const filled = filledBy(compiled, makers);
  const maps = await Promise.all(
    filled.map(async ({ mapping, key }) => {
      const other = all.get(mapping);
      return other === undefined ? null : { key, map: await keys.of(other) };
    }),
  );
  return {
    take: (program, row) => {
      const found = stored?.take(program, row);
      if (found !== undefined) return found;
      for (const one of maps) {
        const key = one?.key(row) ?? null;
        const handle = key === null ? undefined : one?.map.get(key);
        if (handle !== undefined) return handle;
      }
      return undefined;
    },
    hasStrayed: (program, row, handle) => stored?.hasStrayed(program, row, handle) ?? false,
  };
}
