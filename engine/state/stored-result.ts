import type { MappingResult, Provenance, RunResult } from '../contract/result.js';

/** A run as its report needs it. */
export interface KeptRun {
  readonly result: RunResult;
  /** What is not known of it, one sentence each. */
  readonly gaps: readonly string[];
}

/** What a mapping's result lacks that an older version has stored. */
const MAPPING: Omit<MappingResult, 'mapping'> = {
  file: '',
  description: '',
  sourceName: '',
  targetTable: '',
  status: 'not_run',
  reason: null,
  phase: null,
  needs: [],
  readFrom: null,
  deleted: null,
  read: 0,
  inserted: 0,
  updated: 0,
  unchanged: 0,
  skipped: 0,
  rejected: 0,
  unexplained: 0,
  skippedBy: {},
  warnings: {},
  rejects: [],
  references: [],
  checks: [],
  retries: 0,
  secondPass: 0,
  unmapped: [],
  defaulted: [],
  startedAfterMs: 0,
  duration_ms: 0,
  bytes: 0,
  bytesSent: 0,
  batches: 0,
  spent: null,
  settings: null,
};

const NOWHERE = { host: '', port: 0, database: '', user: '', version: '' };

export const NO_PROVENANCE: Provenance = {
  crosswalk: '',
  node: '',
  source: NOWHERE,
  target: NOWHERE,
  mappingsHash: '',
  gitCommit: null,
  operator: '',
  snapshot: null,
};

const RUN: Omit<RunResult, 'run' | 'startedAt' | 'mappings'> = {
  project: '',
  status: 'failed',
  exitCode: 1,
  dryRun: false,
  limit: null,
  reasons: [],
  duration_ms: 0,
  resumes: 0,
  memory: null,
  provenance: NO_PROVENANCE,
};

/** What JSON makes of a result: dates are text. */
interface Stored extends Partial<Omit<RunResult, 'run' | 'startedAt' | 'mappings'>> {
  readonly run: string;
  readonly startedAt: string;
  readonly mappings: readonly (Partial<MappingResult> & Pick<MappingResult, 'mapping'>)[];
}

export const mappingResult = (
  known: Partial<MappingResult> & Pick<MappingResult, 'mapping'>,
): MappingResult => ({
  ...MAPPING,
  ...known,
});

/** A result as `etl.runs` keeps it, of whatever version wrote it. */
export function storedResult(json: string): RunResult {
  const stored = JSON.parse(json) as Stored;
  return {
    ...RUN,
    ...stored,
    startedAt: new Date(stored.startedAt),
    mappings: stored.mappings.map(mappingResult),
    provenance: { ...NO_PROVENANCE, ...stored.provenance },
  };
}
