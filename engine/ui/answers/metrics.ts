import { stateMetrics } from '../../telemetry/state.js';
import type { Desk } from '../desk.js';
import type { Reply } from '../reply.js';
import { readRun } from './run.js';

/** The last run in Prometheus' text format. */
export async function answerMetrics(desk: Desk): Promise<Reply> {
  const read = await desk.read((session, schema) => readRun(session, schema, desk, 'last'));
  const seen = read?.value ?? null;
  const { project, version } = desk.site;
  const found =
    seen === null ? null : { state: seen.state, measures: seen.measures, alive: seen.outlook.alive };
  return {
    status: 200,
    type: 'text/plain; version=0.0.4; charset=utf-8',
    body: stateMetrics(project.name, version, found),
  };
}
