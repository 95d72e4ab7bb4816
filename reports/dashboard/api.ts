import type {
  DashboardAudit,
  DashboardComparison,
  DashboardGraph,
  DashboardMapping,
  DashboardProblem,
  DashboardProject,
  DashboardRejects,
  DashboardRow,
  DashboardRun,
  DashboardRuns,
} from '../../engine/contract/dashboard.js';

/** What the server refuses or cannot do, in its own words. */
export class ApiError extends Error {
  /** What to do, or null. */
  readonly help: string | null;

  constructor(problem: DashboardProblem) {
    super(problem.error);
    this.help = problem.help;
  }
}

type Query = Readonly<Record<string, string | number | null>>;

/** Longer than the server lets a question to the database take. */
const PATIENCE = 30_000;

async function ask<T>(path: string, query: Query = {}): Promise<T> {
  const address = new URL(`/api/${path}`, location.href);
  for (const [name, value] of Object.entries(query))
    if (value !== null && value !== '') address.searchParams.set(name, String(value));
  const response = await fetch(address, { signal: AbortSignal.timeout(PATIENCE) }).catch(away);
  const body: unknown = await response.json().catch(() => null);
  if (response.ok && body !== null) return body as T;
  throw new ApiError(isProblem(body) ? body : { error: `HTTP ${response.status} from ${path}`, help: null });
}

function away(): never {
  throw new ApiError({
    error: 'The dashboard’s server does not answer.',
    help: 'If `etl ui` was ended, start it again: this page goes on by itself.',
  });
}

function isProblem(body: unknown): body is DashboardProblem {
  return typeof body === 'object' && body !== null && 'error' in body && 'help' in body;
}

const at = (run: string): string => `runs/${encodeURIComponent(run)}`;

/** The server's answers; each throws ApiError. */
export const api = {
  project: () => ask<DashboardProject>('project'),
  runs: (query: Query) => ask<DashboardRuns>('runs', query),
  run: (run: string) => ask<DashboardRun>(at(run)),
  graph: (run: string) => ask<DashboardGraph>(`${at(run)}/graph`),
  mapping: (run: string, mapping: string) =>
    ask<DashboardMapping>(`${at(run)}/mappings/${encodeURIComponent(mapping)}`),
  rejects: (run: string, query: Query) => ask<DashboardRejects>(`${at(run)}/rejects`, query),
  row: (run: string, mapping: string, key: string) => ask<DashboardRow>(`${at(run)}/row`, { mapping, key }),
  audit: (query: Query) => ask<DashboardAudit>('audit', query),
  compare: (a: string, b: string) => ask<DashboardComparison>('compare', { a, b }),
};
