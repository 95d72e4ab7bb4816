import type { CompiledProject } from '../compile/project.js';
import type { ExitCode } from '../contract/errors.js';
import type { Progress, RunEvent } from '../contract/events.js';
import type { MappingResult, Provenance, RunResult } from '../contract/result.js';
import { needsOf } from '../run/needs.js';
import { MappingState } from '../run/results.js';

/** What is known beforehand of a run that is watched. */
export interface Watched {
  readonly compiled: CompiledProject;
  readonly provenance: Omit<Provenance, 'node' | 'snapshot'>;
  readonly dryRun: boolean;
  readonly limit: number | null;
  readonly isResume: boolean;
}

/** Follows a run by its events, so that there is a report, too, where it never gives a result of its own. */
export class RunWatch {
  private run: Extract<RunEvent, { type: 'run_started' }> | null = null;
  private startedAt = 0;
  private readonly begun = new Map<string, number>();
  private readonly progress = new Map<string, Progress>();
  private readonly finished = new Map<string, MappingResult>();

  constructor(private readonly watched: Watched) {}

  onEvent(event: RunEvent): void {
    if (event.type === 'run_started') {
      this.run = event;
      this.startedAt = Date.now();
    } else if (event.type === 'mapping_started') this.begun.set(event.mapping, Date.now());
    else if (event.type === 'batch') this.progress.set(event.mapping, event.progress);
    else if (event.type === 'mapping_finished') this.finished.set(event.result.mapping, event.result);
  }

  /** What the run came to so far; null where it had not begun. @param reason why it ended */
  partial(reason: string, status: 'failed' | 'interrupted', exitCode: ExitCode): RunResult | null {
    if (this.run === null) return null;
    const { dryRun, limit, isResume, provenance } = this.watched;
    return {
      run: this.run.run,
      project: this.run.project,
      status,
      exitCode,
      dryRun,
      limit,
      reasons: [reason],
      startedAt: new Date(this.startedAt),
      duration_ms: Date.now() - this.startedAt,
      resumes: isResume ? 1 : 0,
      memory: process.resourceUsage().maxRSS * 1024,
      mappings: this.run.mappings.flatMap(
        ({ name }) => this.finished.get(name) ?? this.unfinished(name, reason),
      ),
      provenance: { ...provenance, node: process.version, snapshot: null },
    };
  }

  private unfinished(name: string, reason: string): readonly MappingResult[] {
    const { compiled } = this.watched;
    const found = compiled.mappings.find(({ mapping }) => mapping.name === name);
    if (found === undefined) return [];
    const begun = this.begun.get(name);
    const state = new MappingState(found);
    state.status = begun === undefined ? 'not_run' : 'interrupted';
    state.reason = begun === undefined ? 'the run ended before its turn' : reason;
    state.startedAt = begun ?? 0;
    state.endedAt = begun === undefined ? 0 : Date.now();
    const result = state.result(this.startedAt);
    return [
      { ...result, ...this.progress.get(name), needs: needsOf(compiled, name), retries: 0, spent: null },
    ];
  }
}
