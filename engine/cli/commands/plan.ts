import { EXIT } from '../../contract/errors.js';
import type { DurationEstimate } from '../../contract/finding.js';
import type { Plan } from '../../contract/plan.js';
import type { RunResult } from '../../contract/result.js';
import { estimateDuration } from '../../check/duration.js';
import { agreedHash } from '../../plan/agreed.js';
import { plannedWork } from '../../run/delta/delta-plan.js';
import { defaultJobs } from '../../run/schedule.js';
import { readLastRun } from '../../state/last-run.js';
import { openDatabases, type Databases } from '../databases.js';
import { err, out, type Output } from '../io.js';
import { agreedOf, writePlan } from '../plan-file.js';
import { planJson, planLines, type PlanView } from '../plan/text.js';
import { prepare, type Prepared } from '../prepare.js';
import { readProject, selectMappings, type Loaded } from '../project.js';

export interface PlanFlags {
  readonly select: readonly string[];
  readonly exclude: readonly string[];
  readonly embedded: boolean;
  /** With what was chosen for each load, why, and the SQL. */
  readonly explain: boolean;
  /** A file for the plan, which `etl run --plan` goes by; null where none is wanted. */
  readonly out: string | null;
  /** Exit code 6 where there is something to do. */
  readonly detailedExitcode: boolean;
}

/** `etl plan`: the steps that `run` would take, from the same data. */
export async function planCommand(folder: string, flags: PlanFlags, output: Output): Promise<number> {
  const loaded = await readProject(folder, flags.embedded ? 'embedded' : 'connections', output);
  const selected = selectMappings(loaded, flags.select, flags.exclude, output);
  const databases = await openDatabases(loaded.project, flags.embedded, output.quiet ? () => undefined : err);
  try {
    const prepared = await prepare(loaded, selected, databases, output);
    const facts = agreedOf(loaded, prepared, { selected, embedded: flags.embedded });
    const about = await readState(loaded, prepared, databases, {
      selected,
      detailed: flags.detailedExitcode,
    });
    const { hooks } = loaded.project;
    const view: PlanView = { hooks, plan: prepared.plan, hash: agreedHash(facts), ...about };
    if (flags.out !== null) await writePlan(flags.out, loaded, facts, planJson(view, true));
    out(
      output.json
        ? JSON.stringify(planJson(view, flags.explain), null, 2)
        : planLines(view, flags.explain).join('\n'),
    );
    return view.work === null || view.work.length === 0 ? EXIT.done : EXIT.todo;
  } finally {
    await databases.close();
  }
}

/** What the runs so far say: how long this one may take, and, where it is asked for, what there is to do. */
async function readState(
  { project }: Loaded,
  { compiled, plan }: Prepared,
  { open }: Databases,
  { selected, detailed }: { readonly selected: ReadonlySet<string>; readonly detailed: boolean },
): Promise<Pick<PlanView, 'estimate' | 'work'>> {
  const session = await open('target');
  try {
    const last = await readLastRun(session, project.stateSchema, project.name);
    const result = last?.result ?? null;
    return {
      estimate: estimateOf(plan, result === null ? null : (JSON.parse(result) as RunResult)),
      work: detailed ? await plannedWork(session, project.stateSchema, compiled.mappings, selected) : null,
    };
  } finally {
    await session.close();
  }
}

/** At the pace of the last run; nothing is made here that could be measured. */
const estimateOf = ({ steps }: Plan, last: RunResult | null): DurationEstimate | null =>
  estimateDuration(
    steps.flatMap((step) =>
      step.kind === 'load'
        ? [{ mapping: step.mapping, rows: step.estimatedRows, read: 0, milliseconds: 0 }]
        : [],
    ),
    last,
    defaultJobs(),
  );
