import type { RunMeasures } from '../state/measures.js';
import type { ProjectState } from '../state/status.js';
import { prometheusText, type PrometheusFacts } from './prometheus.js';

/** What a look at the state of a project has found; null where there is no state yet. */
export interface StateSeen {
  readonly state: ProjectState;
  /** Of `state.run`; null where there is none. */
  readonly measures: RunMeasures | null;
  /** Its process is at work. */
  readonly alive: boolean;
}

/** `etl status --format prometheus`, and the dashboard's `GET /metrics`. @param version Crosswalk's own */
export const stateMetrics = (project: string, version: string, seen: StateSeen | null): string =>
  prometheusText(
    seen === null
      ? { project, version, run: null, mappings: [], constraintsDropped: 0, waiting: [] }
      : { project, version, ...factsOf(seen) },
  );

function factsOf({ state, measures, alive }: StateSeen): Omit<PrometheusFacts, 'project' | 'version'> {
  const { run, steps, dropped, secondPasses } = state;
  return {
    run: run === null ? null : { ...run, alive, memory: measures?.memory ?? null },
    mappings: steps.map(({ expected, ...step }) => {
      const found = measures?.steps.find(({ mapping }) => mapping === step.mapping);
      return {
        ...step,
        expectedRows: expected?.rows ?? null,
        bytesRead: found?.bytesRead ?? null,
        bytesSent: found?.bytes ?? null,
        batches: found?.batches ?? null,
        retries: found?.retries ?? null,
        spent: found?.spent ?? null,
      };
    }),
    constraintsDropped: dropped.reduce((sum, { objects }) => sum + objects.length, 0),
    waiting: secondPasses,
  };
}
