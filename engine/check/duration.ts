import type { DurationEstimate } from '../contract/finding.js';
import type { MappingResult, RunResult } from '../contract/result.js';

/** What is known of one mapping's rows: how many, and how fast they were made here (`read` 0: not at all). */
export interface Pace {
  readonly mapping: string;
  readonly rows: number;
  /** Of the pass that made them. */
  readonly read: number;
  readonly milliseconds: number;
}

/** A load takes about so many times as long as the reading and making alone; measured at 2 to 4 (tests/bench). */
const LOADING = 3;

/** Where nothing is known: a second for so many rows, and so long for a mapping of few; as the example takes on two cores. */
const ROWS_A_SECOND = 50_000;
const MAPPING_MS = 200;

const paceOf = ({ read, duration_ms: milliseconds }: Pick<MappingResult, 'read' | 'duration_ms'>): number =>
  read === 0 ? 0 : milliseconds / read;

/**
 * How long a run may take: each mapping at the pace of the last run where it had one, else at that of the preflight.
 * @param last the result of the last run, as the state keeps it; null where there is none
 * @param jobs mappings at a time
 */
export function estimateDuration(
  paces: readonly Pace[],
  last: Pick<RunResult, 'mappings' | 'run'> | null,
  jobs: number,
): DurationEstimate | null {
  if (paces.length === 0) return null;
  const before = new Map((last?.mappings ?? []).map((one) => [one.mapping, paceOf(one)]));
  const known = paces.filter(({ mapping }) => (before.get(mapping) ?? 0) > 0).length;
  const isMeasured = paces.some(({ read }) => read > 0);
  const times = paces.map(({ mapping, rows, read, milliseconds }) => {
    const pace = before.get(mapping) ?? 0;
    if (pace > 0) return rows * pace;
    if (read > 0) return (rows * milliseconds * LOADING) / read;
    return rows === 0 || isMeasured ? 0 : MAPPING_MS + (1000 * rows) / ROWS_A_SECOND;
  });
  const total = times.reduce((sum, time) => sum + time, 0);
  const seconds = Math.ceil(Math.max(total / Math.max(1, Math.min(jobs, paces.length)), ...times) / 1000);
  const measured = isMeasured
    ? 'the pace at which the preflight has made its rows, three times over for the loading'
    : `${ROWS_A_SECOND.toLocaleString('en')} rows a second, a guess: etl check measures`;
  const basis =
    known === 0
      ? measured
      : known === paces.length
        ? `the pace of run ${last?.run ?? ''}`
        : `the pace of run ${last?.run ?? ''} for ${String(known)} of ${String(paces.length)} mappings, else ${measured}`;
  return { seconds, basis };
}
