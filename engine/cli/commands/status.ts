import { setTimeout as wait } from 'node:timers/promises';
import { createLogUpdate } from 'log-update';
import { counted } from '../../../reports/format.js';
import { painter } from '../../../reports/text/paint.js';
import { EXIT, EtlError } from '../../contract/errors.js';
import type { Project } from '../../contract/mapping.js';
import type { Session } from '../../contract/session.js';
import { Looks } from '../../outlook/looks.js';
import type { Outlook } from '../../outlook/outlook.js';
import { toGoOn, type ToGoOn } from '../../outlook/to-go-on.js';
import { sqlstateOf } from '../../postgres/failure.js';
import { readAudit, verifyChain } from '../../state/audit.js';
import { beginReading, endReading } from '../../state/reading.js';
import { readMeasures } from '../../state/measures.js';
import { readStatus, type ProjectState } from '../../state/status.js';
import { openForLooking } from '../databases.js';
import { out, type Output } from '../io.js';
import { readProject } from '../project.js';
import { version } from '../version.js';
import { auditText } from '../status/audit.js';
import { statusJson } from '../status/json.js';
import { timeShown, type TimeShown } from '../status/time.js';
import { statusText } from '../status/text.js';

export interface StatusFlags {
  /** One run's mappings in place of the last one's. */
  readonly run: string | null;
  readonly watch: boolean;
  readonly audit: boolean;
  readonly embedded: boolean;
  /** Prometheus' text in place of tables. */
  readonly prometheus: boolean;
}

/** Runs, and entries of the audit, that are listed. */
const RUNS = 10;
const ENTRIES = 1000;

/** Milliseconds between two looks: on a terminal, and where each is a line of a log. */
const LOOK_MS = 1000;
const LINE_MS = 5000;

const NO_DATABASE = '3D000';

const NO_STATE = 'nothing has been run yet: the target has no state of this project';

/** `etl status`: what the state schema says. Reads only, and takes no lock. */
export async function statusCommand(folder: string, flags: StatusFlags, output: Output): Promise<number> {
  const other = flags.prometheus
    ? '--format prometheus'
    : output.json
      ? '--json'
      : flags.audit
        ? '--audit'
        : null;
  const first = flags.watch ? '--watch' : flags.audit && flags.prometheus ? '--audit' : null;
  if (first !== null && other !== null) {
    throw new EtlError(`${first} and ${other} do not go together`, {
      exitCode: EXIT.usage,
      help: `ask again with ${other} alone, as often as you like`,
    });
  }
  const { project } = await readProject(folder, flags.embedded ? 'embedded' : 'connections', output);
  const look = new Look(project, folder, flags);
  try {
    if (flags.audit) return await showAudit(look, flags.run, output);
    if (flags.watch) return await watch(look, output);
    const seen = await look.now();
    if (flags.prometheus) await showMetrics(project.name, seen);
    else if (output.json) {
      const shown = statusJson(
        project.name,
        seen?.state ?? null,
        seen?.outlook ?? null,
        seen?.toGoOn ?? null,
        seen?.time ?? null,
      );
      out(JSON.stringify(shown, null, 2));
    } else {
      out(seen === null ? `Project ${project.name}: ${NO_STATE}` : textOf(look, seen, output));
    }
    return EXIT.done;
  } finally {
    await look.close();
  }
}

interface Seen {
  readonly state: ProjectState;
  readonly outlook: Outlook;
  readonly toGoOn: ToGoOn | null;
  readonly time: TimeShown | null;
}

/** Looks at the state, over a session of its own. */
class Look {
  private session: Session | null = null;
  private closing: (() => Promise<void>) | null = null;
  private readonly looks: Looks;

  constructor(
    readonly project: Project,
    private readonly folder: string,
    private readonly flags: StatusFlags,
  ) {
    this.looks = new Looks(project.name);
  }

  /** Does something in a reading transaction; null where there is no state yet. */
  async read<T>(work: (session: Session, schema: string) => Promise<T>): Promise<T | null> {
    if (this.session === null) {
      const databases = await openForLooking(this.project, this.flags.embedded);
      if (databases === null) return null;
      this.closing = () => databases.close();
      this.session = await databases.open('target').catch((error: unknown) => {
        // The command that has the embedded server is still building its databases.
        if (this.flags.embedded && sqlstateOf(error) === NO_DATABASE) return null;
        throw error;
      });
    }
    const { session } = this;
    if (session === null) return null;
    const schema = await beginReading(session, this.project.stateSchema);
    const result = schema === null ? null : await work(session, schema);
    await endReading(session);
    return result;
  }

  async now(): Promise<Seen | null> {
    const { name, stateSchema } = this.project;
    const { run } = this.flags;
    const request = { project: name, stateSchema, run, limit: RUNS };
    const seen = await this.read(async (session, schema) => {
      const state = await readStatus(session, schema, request);
      const outlook = await this.looks.outlook(session, schema, state);
      return { state, outlook, time: await readTime(session, schema, state, name) };
    });
    if (seen === null) return null;
    const { state } = seen;
    if (run !== null && state.run === null) {
      throw new EtlError(`project "${name}" has no run "${run}"`, {
        exitCode: EXIT.usage,
        help: 'etl status without --run lists the last ones',
      });
    }
    return { ...seen, toGoOn: toGoOn(state, this.folder, this.flags.embedded) };
  }

  async close(): Promise<void> {
    await this.session?.close();
    await this.closing?.();
    this.session = null;
    this.closing = null;
  }
}

const textOf = ({ project }: Look, { state, outlook, toGoOn, time }: Seen, output: Output): string =>
  statusText(project.name, state, outlook, toGoOn, time, painter(output.colorOut));

async function showMetrics(project: string, seen: Seen | null): Promise<void> {
  const { stateMetrics } = await import('../../telemetry/state.js');
  const shown =
    seen === null
      ? null
      : { state: seen.state, measures: seen.time?.measures ?? null, alive: seen.outlook.alive };
  // Its lines end by themselves.
  out(stateMetrics(project, version(), shown).trimEnd());
}

async function readTime(
  session: Session,
  schema: string,
  state: ProjectState,
  project: string,
): Promise<TimeShown | null> {
  if (state.run === null) return null;
  return timeShown(state, await readMeasures(session, schema, { project, run: state.run.run }));
}

/** Until the run has ended; of a terminal the picture is drawn again in place. */
async function watch(look: Look, output: Output): Promise<number> {
  const screen = process.stdout.isTTY && output.tty ? createLogUpdate(process.stdout) : null;
  let hasSeen = false;
  for (;;) {
    const seen: Seen | null = await look.now().catch(async (error: unknown) => {
      // The embedded server goes with the run that it was started for; what it left is looked at without it.
      if (!hasSeen || !(error instanceof EtlError) || error.exitCode !== EXIT.transient) throw error;
      await look.close();
      return look.now();
    });
    const isOver = seen?.outlook.alive !== true;
    if (screen !== null || isOver) {
      const text = seen === null ? `Project ${look.project.name}: ${NO_STATE}` : textOf(look, seen, output);
      if (screen === null) out(text);
      else screen(text);
    } else {
      out(lineOf(seen));
    }
    if (isOver) {
      screen?.done();
      return EXIT.done;
    }
    hasSeen = true;
    await wait(screen === null ? LINE_MS : LOOK_MS);
  }
}

/** One line of a log that says how far a run is. */
function lineOf({ state: { at, run, steps }, outlook: { rate, secondsLeft } }: Seen): string {
  const done = steps.filter(({ status }) => status !== 'running' && status !== 'waiting').length;
  return [
    `${at} run ${run?.run ?? ''}: ${String(done)} of ${counted(steps.length, 'mapping')}`,
    counted(run?.read ?? 0, 'row'),
    counted(run?.rejected ?? 0, 'reject'),
    rate === null ? 'rate unknown' : `${counted(Math.round(rate), 'row')}/s`,
    secondsLeft === null ? 'time left unknown' : `about ${counted(Math.ceil(secondsLeft), 'second')} left`,
  ].join(', ');
}

async function showAudit(look: Look, run: string | null, output: Output): Promise<number> {
  const { name } = look.project;
  const found = await look.read(async (session, schema) => ({
    entries: await readAudit(session, schema, { project: name, run: run, limit: ENTRIES }),
    chain: await verifyChain(session, schema),
  }));
  if (output.json)
    out(JSON.stringify({ version: 1, project: name, ...(found ?? { entries: [], chain: null }) }, null, 2));
  else
    out(
      found === null
        ? `Project ${name}: ${NO_STATE}`
        : auditText(found.entries, found.chain, painter(output.colorOut)),
    );
  return found !== null && found.chain.broken !== null ? EXIT.checks : EXIT.done;
}
