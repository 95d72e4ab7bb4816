import { PLACES, type Spent } from '../contract/spent.js';

/** What is told of a mapping; null: not known, or nothing. */
export interface MappingFigures {
  readonly mapping: string;
  readonly read: number;
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly skipped: number;
  readonly rejected: number;
  readonly bytesRead: number | null;
  readonly bytesSent: number | null;
  readonly batches: number | null;
  readonly retries: number | null;
  readonly spent: Spent | null;
}

/** Figures of one kind. Names are dotted: OpenTelemetry's, from which Prometheus' follow. */
export interface Family {
  readonly name: string;
  readonly help: string;
  /** Counters begin anew with each run. */
  readonly kind: 'counter' | 'gauge';
  /** UCUM, as OpenTelemetry has it. */
  readonly unit: string;
  readonly points: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}

const BY_MAPPING: readonly (readonly [
  name: string,
  help: string,
  unit: string,
  figure: Exclude<keyof MappingFigures, 'mapping' | 'spent'>,
])[] = [
  ['rows.read', 'Rows of the source that were read.', '{row}', 'read'],
  ['rows.inserted', 'Rows that are new in the target.', '{row}', 'inserted'],
  ['rows.updated', 'Rows of the target that were changed.', '{row}', 'updated'],
  ['rows.unchanged', 'Rows that the target had as they are.', '{row}', 'unchanged'],
  ['rows.skipped', 'Rows that were left out on purpose.', '{row}', 'skipped'],
  ['rows.rejected', 'Rows that were not loaded.', '{row}', 'rejected'],
  ['bytes.read', 'Bytes of rows read from the source.', 'By', 'bytesRead'],
  ['bytes.sent', 'Bytes of rows sent to the target.', 'By', 'bytesSent'],
  ['batches', 'Batches that were committed.', '{batch}', 'batches'],
  ['retries', 'Times that something was tried again.', '{retry}', 'retries'],
];

/** The counters of mappings, by mapping, and the time by mapping and place. */
export function mappingFamilies(mappings: readonly MappingFigures[]): readonly Family[] {
  const counters = BY_MAPPING.map(([name, help, unit, figure]): Family => {
    const points = mappings.flatMap((of) => {
      const value = of[figure];
      return value === null ? [] : [{ labels: { mapping: of.mapping }, value }];
    });
    return { name, help, kind: 'counter', unit, points };
  });
  const times = mappings.flatMap(({ mapping, spent }) =>
    spent === null ? [] : PLACES.map((place) => ({ labels: { mapping, place }, value: spent[place] })),
  );
  const help = 'Seconds of the mapping’s steps by place: see docs/monitoring.md.';
  return [...counters, { name: 'time', help, kind: 'counter', unit: 's', points: times }];
}
