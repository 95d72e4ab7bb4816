import type { CompiledMapping } from '../contract/compiled.js';
import type { Session } from '../contract/session.js';
import type { RunPorts } from '../run/ports.js';
import { filledBy } from '../run/sample/sample-fills.js';
import { GrowingSample } from '../run/sample/sample-mapping.js';
import { sampleProgram } from '../run/sample/sample-references.js';
import { SampleRounds } from '../run/sample/sample.js';

/** The rows that decide about one row: itself, what it refers to or fills, what those do, and so on. */
export class Closure {
  private readonly samples: ReadonlyMap<string, GrowingSample>;
  private readonly rounds: SampleRounds;

  constructor(
    mappings: readonly CompiledMapping[],
    ports: Pick<RunPorts, 'steps' | 'rules'>,
    readerOf: (mapping: string) => Session,
  ) {
    const names = new Set(mappings.map(({ mapping }) => mapping.name));
    const makers = new Set(mappings.flatMap(({ mapping, holdsKey }) => (holdsKey ? [mapping.name] : [])));
    this.samples = new Map(
      mappings.map((one) => [
        one.mapping.name,
        new GrowingSample(one, sampleProgram(one, names, ports), filledBy(one, makers), 0),
      ]),
    );
    this.rounds = new SampleRounds(
      this.samples,
      (mapping) => Promise.resolve(readerOf(mapping)),
      () => false,
    );
  }

  /** Adds rows by their canonical keys, and all that they lead to. */
  async add(mapping: string, keys: Iterable<string>): Promise<void> {
    await this.rounds.follow((named) => {
      for (const key of keys) named(mapping, null, key);
    });
  }

  /** The canonical keys of a mapping's rows, and those that were named and that no row has. */
  keysOf(mapping: string): ReadonlySet<string> {
    const named = this.rounds.asked.get(mapping)?.get('') ?? [];
    return new Set([...this.rowsOf(mapping), ...named]);
  }

  /** The canonical keys of a mapping's rows. */
  rowsOf(mapping: string): readonly string[] {
    return [...(this.samples.get(mapping)?.sample.keys.keys() ?? [])];
  }

  /** The mappings with rows in it, over these rows alone; all others over none. */
  mappings(): ReadonlyMap<string, CompiledMapping> {
    return new Map([...this.samples].map(([name, growing]) => [name, growing.sample.compiled]));
  }
}
