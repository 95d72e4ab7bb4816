import type { Session } from '../../contract/session.js';
import { testPlan } from '../../plan/test-modes.js';
import type { RunContext } from '../context.js';
import type { RunInput } from '../input.js';
import { PATIENCE, Retries } from '../sessions/retries.js';
import { GrowingSample, type Named, type Sample } from './sample-mapping.js';
import { filledBy } from './sample-fills.js';
import { sampleProgram } from './sample-references.js';
import { openSource } from '../sessions/sessions.js';

/** Keys that are named and not read yet, by mapping and by the column that holds them ('' for the key). */
type Wanted = Map<string, Map<string, Set<string>>>;

/**
 * The rows that a run with a limit loads, by mapping: the first of each in the order of its key, and every row that
 * these refer to or fill, and that those refer to, and so on. What does not lead to a mapping of the run is not followed.
 * Memory holds the sample's keys, and of one round those that it names.
 */
export async function takeSample(
  { compiled, plan, ports, stop, emit, options }: RunInput,
  limit: number,
  reading: Pick<RunContext, 'onceSource' | 'snapshots'>,
): Promise<ReadonlyMap<string, Sample>> {
  const names = new Set(plan.steps.map(({ mapping }) => mapping));
  const mappings = compiled.mappings.filter(({ mapping }) => names.has(mapping.name));
  const makers = new Set(mappings.flatMap(({ mapping, holdsKey }) => (holdsKey ? [mapping.name] : [])));
  const samples = new Map(
    mappings.map((one) => [
      one.mapping.name,
      new GrowingSample(one, sampleProgram(one, names, ports), filledBy(one, makers), limit),
    ]),
  );
  const readers = new Map<string, Session>();
  const { patience = PATIENCE } = options;
  const retries = new Retries({ name: 'the sample', emit, stop, patience });
  try {
    const sourceOf = new Map(mappings.map(({ mapping }) => [mapping.name, mapping.source.connection.value]));
    const readerOf = async (mapping: string): Promise<Session> => {
      const source = sourceOf.get(mapping) ?? '';
      const reader = readers.get(source) ?? (await openSource(reading, source, retries));
      readers.set(source, reader);
      return reader;
    };
    const rounds = new SampleRounds(samples, readerOf, () => stop.requested);
    await rounds.follow(async (named) => {
      for (const [name, sample] of samples) await sample.readFirst(await readerOf(name), named);
    });
  } finally {
    for (const reader of readers.values()) await reader.close();
  }
  return new Map([...samples].map(([name, growing]) => [name, growing.sample]));
}

/** Reads what rows name, and what those name, until nothing new is named. */
export class SampleRounds {
  /** All keys that were named, whether or not a row has them. */
  readonly asked: Wanted = new Map();

  constructor(
    private readonly samples: ReadonlyMap<string, GrowingSample>,
    private readonly readerOf: (mapping: string) => Promise<Session>,
    private readonly isStopped: () => boolean,
  ) {}

  async follow(begin: (named: Named) => Promise<void> | void): Promise<void> {
    let wanted: Wanted = new Map();
    const named: Named = (mapping, by, key) => {
      if (add(this.asked, mapping, by ?? '', key)) add(wanted, mapping, by ?? '', key);
    };
    await begin(named);
    while (wanted.size > 0 && !this.isStopped()) {
      const now = wanted;
      wanted = new Map();
      for (const [name, columns] of now) {
        for (const [by, keys] of columns) {
          const sample = this.samples.get(name);
          await sample?.readNamed(await this.readerOf(name), by === '' ? null : by, keys, named);
        }
      }
    }
  }
}

/** @returns false where it is there already */
function add(wanted: Wanted, mapping: string, by: string, key: string): boolean {
  const columns = wanted.get(mapping) ?? new Map<string, Set<string>>();
  const keys = columns.get(by) ?? new Set<string>();
  wanted.set(mapping, columns.set(by, keys));
  if (keys.has(key)) return false;
  keys.add(key);
  return true;
}

/** A run whose mappings give the rows of a sample alone. */
export function onSample(input: RunInput, sample: ReadonlyMap<string, Sample>): RunInput {
  const { compiled, plan } = input;
  const mappings = compiled.mappings.map((one) => sample.get(one.mapping.name)?.compiled ?? one);
  const rows = new Map([...sample].map(([name, { keys }]) => [name, keys.size]));
  const reason = 'a sample is loaded with constraints and indexes in place';
  return { ...input, compiled: { ...compiled, mappings }, plan: testPlan(plan, { reason, rows }) };
}
