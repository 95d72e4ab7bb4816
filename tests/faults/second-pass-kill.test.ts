import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createProject, type Child, type TestProject } from '../support/project.js';
import { until } from '../support/until.js';
import { TREE, TREE_ACCOUNT, TREE_CONTENT, TREE_EMPTY } from './trees.js';

let project: TestProject;
let wanted: readonly unknown[];

const left = async (): Promise<readonly unknown[]> => [
  await project.target(TREE_CONTENT),
  await project.target(TREE_ACCOUNT),
];

beforeAll(async () => {
  project = await createProject(TREE);
  const { code, output } = await project.spawn().ended;
  if (code !== 0) throw new Error(output);
  wanted = await left();
}, 300_000);
afterAll(() => project.drop());
beforeEach(async () => {
  await project.target(TREE_EMPTY);
});

/** Waits until rows of a mapping wait for their second pass, and some of them no longer do. */
function inPassOf(child: Child, mapping: string): Promise<boolean> {
  let most = 0;
  return until(
    project.databases.targetAdmin,
    'select count(*)::int n from etl.second_pass where mapping = $1',
    {
      params: [mapping],
      child,
      holds: ({ n }) => {
        const isFewer = Number(n) < most;
        most = Math.max(most, Number(n));
        return isFewer;
      },
    },
  );
}

describe('kill -9 while second passes are at work: resume ends, and counts, as if it had not been', () => {
  it.for(['node', 'team'] as const)(
    'in that of %s, and once more in the resume',
    { timeout: 300_000 },
    async (mapping) => {
      let killed = 0;
      for (const command of ['run', 'resume']) {
        const child = project.spawn([], command);
        if (await inPassOf(child, mapping)) killed += 1;
        child.process.kill('SIGKILL');
        await child.ended;
      }
      expect(killed).toBeGreaterThan(0);
      const { code, output } = await project.spawn([], 'resume').ended;
      expect([code, output]).toEqual([0, expect.any(String)]);
      expect(await left()).toEqual(wanted);
    },
  );
});
