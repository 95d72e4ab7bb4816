import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunEvent } from '../../engine/contract/events.js';
import type { RunResult } from '../../engine/contract/result.js';
import type { Patience } from '../../engine/run/sessions/retries.js';
import {
  accountingFaults,
  createProject,
  mappingOf,
  type RunOptions,
  type TestProject,
} from '../support/project.js';
import { openProxy, type Proxy } from '../support/proxy.js';
import { EMPTY, HERD, leftBy } from './herd.js';

const QUICK: Patience = { tries: 5, first: 50, most: 200, total: 60_000, resumable: true };
const LIMITS = { connect: 2000, stall: 700, probe: 1000, lock: 1000 };

let project: TestProject;
let source: Proxy;
let target: Proxy;
let wanted: readonly unknown[];

beforeAll(async () => {
  project = await createProject(HERD);
  const result = await project.run({ jobs: 1 });
  if (result.exitCode !== 0)
    throw new Error(
      result.mappings.map((m) => m.mapping + ' ' + m.status + ' ' + String(m.reason)).join(' ;; '),
    );
  wanted = await leftBy(project);
}, 120_000);
afterAll(() => project.drop());
beforeEach(async () => {
  await project.target(EMPTY);
  source = await openProxy(project.databases.source);
  target = await openProxy(project.databases.target);
});
afterEach(async () => {
  await source.close();
  await target.close();
});

/** A run by way of both proxies. */
const run = (onEvent: RunOptions['onEvent'] = () => undefined): Promise<RunResult> =>
  project.run({
    jobs: 1,
    patience: QUICK,
    limits: LIMITS,
    urls: {
      source: source.through(project.databases.source),
      target: target.through(project.databases.target),
    },
    onEvent,
  });

/** Calls `work` at every n-th batch. */
const everyBatch = (n: number, work: () => void): ((event: RunEvent) => void) => {
  let batches = 0;
  return (event) => {
    if (event.type === 'batch' && ++batches % n === 0) work();
  };
};

const retries = (result: RunResult): number =>
  result.mappings.reduce((sum, mapping) => sum + mapping.retries, 0);

/** The run has ended as if nothing had been, and has counted what it tried again. */
async function expectUndisturbed(result: RunResult): Promise<void> {
  expect([result.exitCode, result.mappings.map(({ reason }) => reason)]).toEqual([0, [null, null, null]]);
  expect(await leftBy(project)).toEqual(wanted);
  expect(await accountingFaults(project, result)).toEqual([]);
  expect(retries(result)).toBeGreaterThan(0);
}

describe('the source', () => {
  it('is cut off again and again in mid-read: reading goes on behind the last row', async () => {
    const result = await run((event) => {
      if (event.type === 'run_started') source.most = 9000;
    });
    // Each mapping's rows are more than two connections' worth.
    for (const { retries } of result.mappings) expect(retries).toBeGreaterThan(1);
    await expectUndisturbed(result);
  });

  it('falls silent: noticed, though both ends are there', async () => {
    let silent = false;
    source.onRequest = (bytes) => {
      if (silent || !bytes.includes('copy (') || !bytes.includes('"pet"')) return null;
      silent = true;
      return 'swallow';
    };
    const result = await run();
    expect(silent).toBe(true);
    expect(mappingOf(result, 'pet').retries).toBeGreaterThan(0);
    await expectUndisturbed(result);
  });
});

describe('the target', () => {
  it('is cut off every 40 batches', async () => {
    await expectUndisturbed(await run(everyBatch(40, () => target.cut())));
  });

  it.for(['cut', 'swallow'] as const)(
    'commits, and the answer is lost (%s): no batch is loaded twice, and all are counted',
    async (how) => {
      let commits = 0;
      target.onRequest = (bytes) => {
        return bytes.includes('"etl".checkpoint(') && ++commits % 45 === 0 ? how : null;
      };
      const result = await run();
      expect(commits).toBeGreaterThan(90);
      await expectUndisturbed(result);
    },
  );

  it('falls silent altogether, new connections too, and comes back', async () => {
    const silence = everyBatch(100, () => {
      if (target.isStalled) return;
      target.isStalled = true;
      setTimeout(() => {
        target.cut();
        target.isStalled = false;
      }, 2500);
    });
    await expectUndisturbed(await run(silence));
  });

  it('does not come back: exit 3 with the way on, and the next run completes', async () => {
    const result = await run(
      everyBatch(50, () => {
        target.port = 1;
        target.cut();
        // The run's own connection comes back, to write down how it ended.
        setTimeout(() => (target.port = Number(new URL(project.databases.target).port)), 2500);
      }),
    ).catch((error: unknown) => error);
    expect(result).toMatchObject({ exitCode: 3 });
    const again = await project.run({ jobs: 1 });
    expect(again.exitCode).toBe(0);
    expect(await leftBy(project)).toEqual(wanted);
  });
});
