import { setTimeout as wait } from 'node:timers/promises';
import type { Session } from '../../contract/session.js';
import { counted } from '../../contract/counted.js';
import { mostThatFits, MOST_RANGES, sessionsOf, type SideBySide } from '../../plan/side-by-side.js';
import { freeConnections, type FreeConnections } from '../../postgres/free-connections.js';
import type { RunInput } from '../input.js';
import type { RunPorts } from '../ports.js';
import { defaultJobs } from '../schedule.js';

/** What the server says that a session is connected to. */
export interface Room {
  readonly own: FreeConnections;
  readonly pooled: boolean;
}

/** Asks a session; one that keeps a snapshot is asked before it does. */
export const askRoom = async (session: Session): Promise<Room> => ({
  own: await freeConnections(session),
  pooled: session.pooled === true,
});

/** What a run would do at the same time if the servers had room for all of it. */
function wantedOf({ plan, options }: Pick<RunInput, 'plan' | 'options'>): SideBySide {
  const ranges = plan.steps.map((step) => (step.kind === 'load' ? step.ranges.count : 1));
  const loads = plan.steps.filter(({ kind }) => kind === 'load').length;
  return {
    jobs: Math.max(1, Math.min(options.jobs ?? defaultJobs(), loads)),
    ranges: Math.min(MOST_RANGES, Math.max(1, ...ranges)),
  };
}

/**
 * How much of a run is done at the same time, so that the servers have connections for it: looked at once, before the
 * first mapping, and told where it is less than was asked for. What a pooler lets in nobody can ask: it is tried.
 * @param rooms by connection
 */
export async function budgetOf(
  input: Pick<RunInput, 'plan' | 'options' | 'emit'>,
  rooms: ReadonlyMap<string, Room>,
  open: RunPorts['open'],
): Promise<SideBySide> {
  const wanted = wantedOf(input);
  const asked = [...rooms].map(async ([name, { own, pooled }]) => {
    if (!pooled) return [[name, own] as const];
    const count = await roomOf(() => open(name), Math.min(own.count, sessionsOf(name, wanted)));
    const pooler = {
      server: `pooler of ${name}`,
      count,
      shared: count,
      limit: 'the pooler before it lets in no more',
    };
    return [[name, own] as const, [name, pooler] as const];
  });
  const free = (await Promise.all(asked)).flat();
  const fitting = mostThatFits(wanted, (one) => lacking(free, one) === null);
  const chosen = fitting ?? { jobs: 1, ranges: 1 };
  const lack = lacking(free, fitting === null ? chosen : wanted);
  if (lack !== null) {
    const at = `${counted(chosen.jobs, 'mapping')} at a time, ${counted(chosen.ranges, 'key range')} each`;
    const has = `${lack.name} has ${counted(lack.free.count, 'connection')} free (${lack.free.limit}), and the run would open ${String(lack.needed)}`;
    const message = `${has}: it does with ${at}${fitting === null ? ', and waits where none is free' : ''}`;
    input.emit({ type: 'notice', level: 'warn', message });
  }
  return chosen;
}

/** Milliseconds that a pooler has to let somebody in. */
const LET_IN = 5000;

/** How many sessions of some can be opened at the same time; all are closed again. */
export async function roomOf(open: () => Promise<Session>, most: number): Promise<number> {
  const late = wait(LET_IN, null, { ref: false });
  const tries = Array.from({ length: most }, () => open().catch(() => null));
  const opened = await Promise.all(tries.map((one) => Promise.race([one, late])));
  // One that is let in later is not awaited: it is closed when it comes.
  const closing = tries.map((one) => one.then((session) => session?.close()));
  await Promise.race([Promise.all(closing), wait(LET_IN, null, { ref: false })]);
  return opened.filter((session) => session !== null).length;
}

interface Lack {
  readonly name: string;
  readonly free: FreeConnections;
  readonly needed: number;
}

/** The first connection that has too few left, by its own limits or by what it shares with others of one server. */
function lacking(free: readonly (readonly [string, FreeConnections])[], sideBySide: SideBySide): Lack | null {
  for (const [name, own] of free) {
    const needed = sessionsOf(name, sideBySide);
    if (own.count < needed) return { name, free: own, needed };
    const fellows = free.filter(([, other]) => other.server === own.server);
    const together = fellows.reduce((sum, [fellow]) => sum + sessionsOf(fellow, sideBySide), 0);
    if (own.shared < together) {
      const limit = 'the server’s max_connections, for both ends';
      return { name, free: { ...own, count: own.shared, limit }, needed: together };
    }
  }
  return null;
}
