import type { ProjectState } from '../../state/status.js';
import { runTimeJson, stepTimeJson, type TimeShown } from './time.js';
import type { Outlook } from '../../outlook/outlook.js';
import type { ToGoOn } from '../../outlook/to-go-on.js';

/** The document of `etl status --json`; its keys may be relied on. @param state null where there is no state yet */
export function statusJson(
  project: string,
  state: ProjectState | null,
  outlook: Outlook | null,
  toGoOn: ToGoOn | null,
  time: TimeShown | null,
): object {
  if (state === null) return { version: 1, project, state: 'none', runs: [], run: null, unfinished: null };
  const { at, runs, run, steps, worker, dropped, secondPasses } = state;
  const seconds = (value: number | null | undefined): number | null =>
    value === null || value === undefined ? null : Math.round(value * 10) / 10;
  return {
    version: 1,
    project,
    state: 'present',
    at,
    runs: runs.map(runJson),
    run: run === null ? null : {
      ...runJson(run),
      ...(time === null ? {} : runTimeJson(time)),
      alive: outlook?.alive ?? false,
      server_pid: outlook?.alive === true ? (worker?.pid ?? null) : null,
      rows_per_second: seconds(outlook?.rate),
      seconds_left: seconds(outlook?.secondsLeft),
      seconds_left_from: outlook?.basis ?? null,
      critical_path: outlook?.criticalPath ?? [],
      mappings: steps.map(({ startedAt, updatedAt, expected, ...step }) => ({
        ...step,
        ...(time === null ? {} : stepTimeJson(time, step.mapping)),
        ...(outlook?.steps.get(step.mapping)?.isBlocked === true ? { status: 'not_run' } : {}),
        phase: outlook?.steps.get(step.mapping)?.phase ?? null,
        waits_for: outlook?.steps.get(step.mapping)?.waitsFor ?? [],
        started_at: startedAt,
        updated_at: updatedAt,
        expected_rows: expected?.rows ?? null,
        expected_from: expected?.from ?? null,
        rows_per_second: seconds(outlook?.steps.get(step.mapping)?.rate),
        seconds_left: seconds(outlook?.steps.get(step.mapping)?.secondsLeft),
      })),
    },
    constraints_dropped: dropped,
    second_passes: secondPasses,
    unfinished: toGoOn,
  }; // prettier-ignore
}

const runJson = ({ startedAt, finishedAt, exitCode, ...run }: ProjectState['runs'][number]): object => ({
  ...run,
  started_at: startedAt,
  finished_at: finishedAt,
  exit_code: exitCode,
});
