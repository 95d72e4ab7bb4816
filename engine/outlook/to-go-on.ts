import type { ProjectState } from '../state/status.js';

/** What the last command of a project has to be told to go on; null where nothing is left to do. */
export interface ToGoOn {
  readonly run: string;
  readonly command: string;
}

/** The last run, where it did not come to its end. @param folder as it was named */
export function toGoOn(
  { runs, worker }: Pick<ProjectState, 'runs' | 'worker'>,
  folder: string,
  embedded: boolean,
): ToGoOn | null {
  const last = runs.find(({ kind }) => kind === 'run');
  if (last === undefined) return null;
  const isDead = last.status === 'running' && worker === null;
  if (!isDead && last.status !== 'interrupted' && last.status !== 'failed') return null;
  return { run: last.run, command: `etl resume ${folder}${embedded ? ' --embedded' : ''}` };
}
