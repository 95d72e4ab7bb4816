import type { CompiledMapping } from '../contract/compiled.js';
import type { ForeignKey } from '../contract/catalogue.js';
import { referencesOf } from '../contract/references.js';
import type { Session } from '../contract/session.js';
import type { BatchOutcome } from '../contract/batch.js';
import type { Observer } from '../compile/program/observer.js';
import { rowProgram, type RowProgram } from '../compile/program/program.js';
import { mappingNamespace } from '../compile/program/uuid.js';
import type { ConstraintFacts } from '../postgres/constraint-facts.js';
import type { KeyMap } from '../resolve/key-map.js';
import type { BatchBuilder } from '../run/rows/batch.js';
import type { Fellows } from '../run/rows/fellows.js';
import type { RunPorts } from '../run/ports.js';
import { lookupsOf } from '../run/lookups.js';
import { readerCopy, readingOf } from '../run/read/reader-copy.js';
import { SourceFaults } from '../run/read/source-faults.js';
import type { SteadySession } from '../run/sessions/steady-session.js';
import { StopSignal } from '../run/stop.js';
import { streamRows } from '../run/rows/stream.js';
import { Tally } from '../run/rows/tally.js';
import { FirstComes, type UniqueWatch } from '../run/unique/watch.js';
import { AskingLoader, type OnClaims } from './asking-loader.js';
import { lenient } from './lenient.js';
import { TrialIds, type MadeKeys } from './made-keys.js';
import { questionOf, unknownColumns } from './question.js';
import { seedSeen } from './standing.js';
import { plainUniques, SeenValues } from './uniques.js';

/** Rows of a batch that the target is asked about at a time. */
const ROWS = 5000;

/** A reference that only the end of all passes can tell. */
export interface Waiting {
  readonly column: string;
  /** The row's canonical key, and the one that it names. */
  readonly key: string;
  readonly reference: string;
}

/** What whoever follows single rows has in place of what the preflight does with all of them. */
export interface PassSeams {
  /** What `run: id` gives. */
  readonly run?: string;
  /** Is told how values come about. */
  readonly observer?: Observer;
  /** Rows that the target has already: what becomes of them is asked as well. */
  readonly known?: KeyMap | null;
  /** Rows of others that the mapping fills. */
  readonly fellows?: Fellows | null;
  readonly keyMaps?: ReadonlyMap<string, readonly KeyMap[]>;
  /** Is told of what each row must not share, instead of its being decided. */
  readonly onClaims?: OnClaims;
  /** The target's own values of unique indexes are not read. */
  readonly blind?: boolean;
  readonly onBatch?: (batch: BatchBuilder, outcome: BatchOutcome) => void;
}

/** What came of making a mapping's rows. */
export interface PassResult {
  readonly tally: Tally;
  readonly waiting: readonly Waiting[];
  /** See `Lenient`. */
  readonly fatal: ReadonlySet<string>;
  readonly milliseconds: number;
}

export interface PassInputs {
  readonly ports: Pick<RunPorts, 'steps' | 'rules'>;
  readonly compiled: CompiledMapping;
  readonly all: ReadonlyMap<string, CompiledMapping>;
  readonly keys: MadeKeys;
  readonly reader: SteadySession;
  /** A reader of another mapping's source. */
  readonly readerOf: (mapping: string) => Session;
  /** A reader of a connection. */
  readonly readerAt: (connection: string) => Session;
  readonly target: Session;
  readonly constraints: ConstraintFacts;
  /** See `QuestionFacts`. */
  readonly standing: readonly ForeignKey[];
  /** A condition on `q` that gives a sample; null for all rows. */
  readonly sample: string | null;
  /** ISO 8601: what `generate: now` gives. */
  readonly startedAt: string;
  readonly seams?: PassSeams;
}

/**
 * Makes a mapping's rows as a run does it, from the same stream by the same program, and asks the target what it would
 * refuse. Nothing is written anywhere; memory holds a batch, the keys and what unique indexes speak of.
 */
export async function passRows(inputs: PassInputs): Promise<PassResult> {
  const { compiled: strict, keys, reader, target, sample, seams = {} } = inputs;
  const { compiled, fatal } = lenient(strict);
  const began = performance.now();
  const namespace = mappingNamespace(compiled.project, compiled.mapping.name);
  const own = await keys.of(compiled);
  const rejected = await keys.rejectedOf(compiled, sample !== null);
  if (sample !== null) await keys.readAll(compiled, reader);
  const program = rowProgram(compiled, {
    ...inputs.ports,
    facts: {
      run: seams.run ?? 'check',
      startedAt: inputs.startedAt,
      mapping: compiled.mapping.name,
      namespace,
    },
    lookups: await lookupsOf(compiled, {
      reader,
      target,
      elsewhere: (connection, work) => work(inputs.readerAt(connection)),
    }),
    keyMaps: seams.keyMaps ?? (await keyMapsOf(inputs, compiled)),
    rejected: keys.rejected,
    ...(seams.observer === undefined ? {} : { observer: seams.observer }),
  });
  const waiting: Waiting[] = [];
  const tally = new Tally(program.references);
  const faults = new SourceFaults();
  const asking = await askingLoader(inputs, compiled, (column, key, reference) => {
    waiting.push({ column, key, reference });
  });
  const load = async (batch: BatchBuilder): Promise<BatchOutcome> => {
    const outcome = await asking.load(batch);
    seams.onBatch?.(batch, outcome);
    return outcome;
  };
  const fixed = compiled.mapping.target.mode.value === 'insert';
  await streamRows({
    compiled,
    program,
    known: seams.known !== undefined ? seams.known : fixed ? await keys.inTarget(compiled) : null,
    merge: null,
    brought: null,
    fellows: seams.fellows ?? null,
    needs: { keys: true, handles: false, references: program.references.length },
    rejected,
    uniques: watchOf(program, seams),
    ids: compiled.identity?.strategy === 'sequence' ? new TrialIds() : null,
    faults,
    namespace,
    reader,
    target,
    copy: readerCopy(compiled, [], sample ?? undefined),
    reading: {
      ...readingOf(compiled, [], sample ?? undefined),
      session: reader,
      reopen: () => reader.renew(),
      faults,
    },
    loader: { load },
    tally,
    run: 'check',
    partition: 0,
    batchRows: ROWS,
    keyMap: own,
    wanted: [],
    stop: new StopSignal(),
    onBatch: () => undefined,
  });
  return { tally, waiting, fatal, milliseconds: performance.now() - began };
}

function watchOf(program: RowProgram, { onClaims }: PassSeams): UniqueWatch | null {
  if (program.uniques.length === 0) return null;
  if (onClaims === undefined) return new FirstComes(program);
  const watch: UniqueWatch = {
    take: (row) => {
      onClaims(
        program.key(row) ?? '',
        'rules',
        program.uniques.map((unique) => unique.of(row)),
      );
      return null;
    },
    giveBack: () => undefined,
    again: () => watch,
  };
  return watch;
}

async function askingLoader(
  { all, target, constraints, standing, keys, seams = {} }: PassInputs,
  compiled: CompiledMapping,
  onPending: (column: string, key: string, reference: string) => void,
): Promise<AskingLoader> {
  const unknown = unknownColumns(compiled, (mapping) => all.get(mapping)?.identity ?? null);
  const uniques = plainUniques(compiled, constraints).map((unique) => ({
    ...unique,
    seen: new SeenValues(),
  }));
  const yields = keys.yielded(compiled).flatMap((name) => {
    const place = compiled.columns.findIndex(({ column }) => column.name === name);
    return place < 0 ? [] : [{ name, place }];
  });
  const isAsked = seams.onClaims === undefined && seams.blind !== true;
  if (isAsked) await seedSeen(target, compiled, uniques, keys.hasState);
  return new AskingLoader({
    target,
    question: questionOf(compiled, { constraints, unknown, standing }),
    uniques,
    owner: compiled.found === 'target' ? compiled.targetKey : [],
    onRow:
      yields.length === 0
        ? null
        : ({ key, values }) => {
            for (const { name, place } of yields) {
              const value = values[place] ?? null;
              if (value !== null) keys.note(compiled.mapping.name, name, key, value);
            }
          },
    handle: compiled.handle.length,
    width: compiled.columns.length,
    onClaims: seams.onClaims ?? null,
    onPending,
  });
}

/** The key maps of the mapping's references, one for each parent, by target column. */
async function keyMapsOf(
  { keys, readerOf }: PassInputs,
  compiled: CompiledMapping,
): Promise<ReadonlyMap<string, readonly KeyMap[]>> {
  const maps = new Map<string, KeyMap[]>();
  for (const reference of referencesOf(compiled)) {
    const own = maps.get(reference.column.name) ?? [];
    own.push(await keys.referenced(reference, readerOf(reference.parent.mapping.value)));
    maps.set(reference.column.name, own);
  }
  return maps;
}
