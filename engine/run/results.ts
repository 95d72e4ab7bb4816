import type { CompiledMapping } from '../contract/compiled.js';
import { EXIT, type ExitCode } from '../contract/errors.js';
import type { CheckResult, DeletedRows, MappingResult, MappingStatus } from '../contract/result.js';
import type { StepSettings } from '../contract/spent.js';
import { count, counted } from '../contract/counted.js';
import type { Unmatched } from './rows/merge.js';
import { Tally } from './rows/tally.js';
import { exceeds, thresholdText } from './rows/threshold.js';

/** Rejects that a message names, each of another cause. */
const EXAMPLES = 3;

/** What is known of one mapping while and after it runs. */
export class MappingState {
  tally = new Tally([]);
  status: MappingStatus = 'not_run';
  reason: string | null = null;
  /** The exit code that its failure asks for. */
  exitCode: ExitCode = EXIT.done;
  /** The independent count of the source; null until it was taken. */
  counted: number | null = null;
  /** From when on it read what changed; null where it read everything. */
  readFrom: string | null = null;
  /** Its rows in the target before a delta run, where that is known. */
  before: number | null = null;
  deleted: DeletedRows | null = null;
  /** Rows of the target that no source row answered, where a merge passed all of them; null where none did. */
  unmatched: Unmatched | null = null;
  checks: readonly CheckResult[] = [];
  settings: StepSettings | null = null;
  startedAt = 0;
  endedAt = 0;

  constructor(readonly compiled: CompiledMapping) {}

  fail(reason: string, exitCode: ExitCode, status: MappingStatus = 'failed'): void {
    if (this.status === 'failed' || this.status === 'interrupted') return;
    this.status = status;
    this.reason = reason;
    this.exitCode = exitCode;
  }

  /** Rows of the independent count that nothing explains; 0 where the mapping did not come to its end. */
  get unexplained(): number {
    const { tally, counted } = this;
    if (counted === null) return 0;
    const { inserted, updated, unchanged, skipped, rejected } = tally;
    return counted - (inserted + updated + unchanged + skipped + rejected);
  }

  /** Whether more rows were rejected than `max_rejects` allows, in words; null where not. */
  overThreshold(): string | null {
    const { mapping } = this.compiled;
    const { rejected } = this.tally;
    // Of a delta run's rows a share says nothing: rejects are read again until they are loaded.
    const read = this.tally.read + (this.readFrom === null ? 0 : (this.before ?? 0));
    if (!exceeds(mapping.maxRejects, rejected, read)) return null;
    const first = this.tally.rejectGroups().flatMap(({ column, rule, samples }) => {
      const [sample] = samples;
      return sample === undefined
        ? []
        : [`${sample.key} (${column ?? 'the row'}, ${rule}: ${sample.reason})`];
    });
    const examples = first.length === 0 ? '' : `; the first: ${first.slice(0, EXAMPLES).join('; ')}`;
    return `${mapping.name}: ${count(rejected)} of ${counted(read, 'row')} rejected, max_rejects is ${thresholdText(mapping.maxRejects)}${examples}`;
  }

  /** All that the mapping itself knows. */
  result(runStart: number): Omit<MappingResult, 'retries' | 'needs' | 'spent'> {
    const { compiled, tally, unexplained } = this;
    const { mapping, table } = compiled;
    const { from } = mapping.source;
    return {
      ...tally.progress(),
      unexplained,
      mapping: mapping.name,
      file: mapping.file,
      description: mapping.description,
      sourceName: from.kind === 'table' ? from.table.value : 'query',
      targetTable: `${table.schema}.${table.name}`,
      status: this.status,
      reason: this.reason,
      phase: mapping.phase,
      readFrom: this.readFrom,
      deleted: this.deleted,
      skippedBy: Object.fromEntries(tally.skippedBy),
      warnings: Object.fromEntries(tally.warnings),
      rejects: tally.rejectGroups(),
      references: tally.referenceCounts(),
      checks: this.checks,
      secondPass: tally.secondPass,
      batches: tally.batches,
      bytesSent: tally.bytesSent,
      settings: this.settings,
      unmapped: compiled.unmapped,
      defaulted: compiled.defaulted,
      startedAfterMs: this.startedAt === 0 ? 0 : this.startedAt - runStart,
      duration_ms: this.endedAt - this.startedAt,
    };
  }
}

/** The exit code of a run, by what weighs most: a failure, then a check, then too many rejects. */
export function exitCodeOf(states: readonly MappingState[], interrupted: boolean): ExitCode {
  if (interrupted) return EXIT.interrupted;
  const codes = states.map((state) => state.exitCode);
  for (const code of [EXIT.internal, EXIT.usage, EXIT.transient, EXIT.checks, EXIT.rejects]) {
    if (codes.includes(code)) return code;
  }
  const failed = states.some((s) => s.unexplained !== 0 || s.checks.some((c) => c.status === 'failed'));
  if (failed) return EXIT.checks;
  return states.some((s) => s.overThreshold() !== null) ? EXIT.rejects : EXIT.done;
}
