import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { RunEvent } from '../../engine/contract/events.js';
import type { RunResult } from '../../engine/contract/result.js';
import type { Patience } from '../../engine/run/sessions/retries.js';
import { accountingFaults, createProject, type ProjectFiles, type TestProject } from '../support/project.js';
import { openProxy } from '../support/proxy.js';
import * as trees from './trees.js';

const QUICK: Patience = { tries: 5, first: 50, most: 200, total: 60_000, resumable: true };
const LIMITS = { connect: 2000, stall: 5000, probe: 1000, lock: 1000 };

/** Of the requests that a pattern finds while a stage is under way, or at any time, those whose places are in `which` lose their answer. */
interface Cut {
  readonly end: 'source' | 'target';
  readonly stage: RegExp | null;
  readonly request: RegExp;
  readonly which: (n: number) => boolean;
}

/** A run by way of proxies that cut some answers off. */
async function cutRun(
  project: TestProject,
  { end, stage, request, which }: Cut,
): Promise<[RunResult, number]> {
  const proxy = await openProxy(project.databases[end]);
  onTestFinished(() => proxy.close());
  let isOn = stage === null;
  let met = 0;
  let cut = 0;
  proxy.onRequest = (bytes) => {
    if (!isOn || !request.test(bytes.toString('latin1')) || !which(met++)) return null;
    cut++;
    return 'cut';
  };
  const onEvent = (event: RunEvent): void => {
    if (event.type === 'stage' && stage !== null) isOn = stage.test(`${event.mapping} ${event.stage}`);
  };
  const urls = { [end]: proxy.through(project.databases[end]) };
  return [await project.run({ jobs: 1, patience: QUICK, limits: LIMITS, urls, onEvent }), cut];
}

/** A commit by itself: no batch's, which is the end of a longer message. */
const COMMIT = /^Q....commit\0$/s;

const KINDS: readonly {
  readonly name: string;
  readonly files: ProjectFiles;
  readonly empty: string;
  readonly left: readonly string[];
  readonly cuts: Readonly<Record<string, Cut>>;
}[] = [
  {
    name: 'second passes',
    files: trees.TREE,
    empty: trees.TREE_EMPTY,
    left: [trees.TREE_CONTENT, trees.TREE_ACCOUNT],
    cuts: {
      'while rows are completed': {
        end: 'target',
        stage: /second pass/,
        request: /etl_complete_rows\(1, /,
        which: (n) => n % 2 === 0,
      },
      'behind a commit': { end: 'target', stage: /second pass/, request: COMMIT, which: (n) => n % 2 === 0 },
      'while rows are taken back': {
        end: 'target',
        stage: /second pass/,
        request: /etl_leaving/,
        which: (n) => [3, 17, 40, 70].includes(n),
      },
      'while rejects are read': { end: 'source', stage: /second pass/, request: /copy/, which: (n) => n < 2 },
    },
  },
  {
    name: 'late rejects',
    files: trees.THICKET,
    empty: trees.THICKET_EMPTY,
    left: [trees.THICKET_CONTENT, trees.THICKET_COUNTS],
    cuts: {
      'while constraints are dropped': {
        end: 'target',
        stage: null,
        request: /etl_rehearsal|into "etl"\.deferred/,
        which: (n) => [0, 5, 11].includes(n),
      },
      'behind the commit that dropped them': {
        end: 'target',
        stage: null,
        request: COMMIT,
        which: (n) => n < 4,
      },
      'while they are found': {
        end: 'target',
        stage: /constraints/,
        request: /etl_closure|share row exclusive/,
        which: (n) => [1, 4, 9, 14].includes(n),
      },
      'behind a commit': { end: 'target', stage: /constraints/, request: COMMIT, which: (n) => n % 3 === 0 },
      'while they are offered again': {
        end: 'target',
        stage: /constraints/,
        request: /checkpoint\(/,
        which: (n) => [0, 3, 5].includes(n),
      },
      'while they are read again': {
        end: 'source',
        stage: /constraints/,
        request: /copy/,
        which: (n) => n < 3,
      },
      'while rows are compared': {
        end: 'target',
        stage: /checks/,
        request: /pg_temp\.etl_/,
        which: (n) => [0, 3, 8].includes(n),
      },
    },
  },
];

describe.each(KINDS)('connections lost in $name', ({ files, empty, left, cuts }) => {
  let project: TestProject;
  let wanted: unknown;
  const found = async (): Promise<unknown> => Promise.all(left.map((sql) => project.target(sql)));

  beforeAll(async () => {
    project = await createProject(files);
    await project.run({ jobs: 1 });
    wanted = await found();
  }, 120_000);
  afterAll(() => project.drop());
  beforeEach(async () => {
    await project.target(empty);
  });

  it.for(Object.entries(cuts))('%s: the run ends as if nothing had been', async ([, cut]) => {
    const [result, count] = await cutRun(project, cut);
    expect(result.mappings.map(({ mapping, reason }) => [mapping, reason])).toEqual(
      result.mappings.map(({ mapping }) => [mapping, null]),
    );
    expect(await found()).toEqual(wanted);
    expect(await accountingFaults(project, result)).toEqual([]);
    expect(count).toBeGreaterThan(0);
  });
});
