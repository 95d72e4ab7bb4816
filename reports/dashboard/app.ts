import type { DashboardProject, DashboardRun } from '../../engine/contract/dashboard.js';
import { announce } from './announce.js';
import { api, ApiError } from './api.js';
import { h, place, withCode, type Child } from './dom.js';
import { Live, type Away } from './live.js';
import { morph } from './morph.js';
import { partOfRun } from './outlook.js';
import { heading, notice } from './parts.js';
import { parseRoute, type Route, type View } from './route.js';
import { banner, foot, head } from './shell.js';
import type { Open, Picture } from './view.js';
import { openAudit } from './views-audit.js';
import { openCompare } from './views-compare.js';
import { openGraph } from './views-graph.js';
import { openMapping } from './views-mapping.js';
import { openRejects } from './views-rejects.js';
import { openRow } from './views-row.js';
import { openRun } from './views-run.js';
import { openRuns } from './views-runs.js';
import { lookOf } from './words.js';

const OPEN: Readonly<Record<View, Open>> = {
  runs: openRuns, run: openRun, graph: openGraph, mapping: openMapping, rejects: openRejects, row: openRow,
  audit: openAudit, compare: openCompare,
}; // prettier-ignore

/** After a question that failed; the page goes on by itself. */
const AGAIN = 3000;

/** The page: one route, its picture, and what is live; whatever changes draws it again. */
export class App {
  private route: Route = parseRoute(location.hash);
  private picture: Picture | null = null;
  private project: DashboardProject | null = null;
  private run: DashboardRun | null = null;
  private away: Away | null = null;
  private readAt = 0;
  /** Counts navigations and readings: an answer that comes late is dropped. */
  private turn = 0;
  private again: number | undefined;
  private readonly live = new Live({
    run: (run) => this.onRun(run),
    runs: () => this.onRuns(),
    away: (away) => this.onAway(away),
  });

  /** Shows what the address says, and follows it. */
  start(): void {
    window.addEventListener('hashchange', () => this.go());
    void this.readProject();
    this.go();
  }

  /** Draws all of it again from what is known. */
  draw(): void {
    const { project, picture } = this;
    const live = this.followed();
    this.frame();
    if (picture !== null && !place('main').hasAttribute('aria-busy'))
      fill('main', picture.draw({ project, live }));
    document.title = this.titleOf(live);
  }

  private frame(): void {
    const { project, route } = this;
    fill('head', head(project, route, this.followed()?.run.run ?? null));
    fill('banner', [banner(this.away)]);
    fill('foot', [foot(project)]);
  }

  /** What is told of the run that the address names. */
  private followed(): DashboardRun | null {
    const { route, run } = this;
    return run !== null && (route.run === 'last' || route.run === run.run.run) ? run : null;
  }

  /** Goes where the address says. */
  private go(): void {
    const before = this.route;
    this.route = parseRoute(location.hash);
    if (this.route.run !== before.run) this.run = null;
    this.live.follow(this.route.run);
    void this.read(true);
  }

  private async read(isNew: boolean): Promise<void> {
    const turn = ++this.turn;
    window.clearTimeout(this.again);
    this.readAt = Date.now();
    if (isNew) {
      // What stands there belongs to the view before, until the answer is there.
      place('main').setAttribute('aria-busy', 'true');
      this.frame();
    }
    try {
      const picture = await OPEN[this.route.view](this.route);
      if (turn !== this.turn) return;
      this.picture = picture;
    } catch (error) {
      if (turn !== this.turn) return;
      this.again = window.setTimeout(() => void this.read(false), AGAIN);
      // What is shown already is worth more than a sentence: the banner says that it stands still.
      if (!isNew && this.picture !== null) return;
      this.picture = failed(error);
    }
    place('main').removeAttribute('aria-busy');
    this.draw();
    if (isNew) arrive(this.route);
  }

  private async readProject(): Promise<void> {
    this.project = await api.project().catch(() => null);
    if (this.project === null) window.setTimeout(() => void this.readProject(), AGAIN);
    this.draw();
  }

  private onRun(run: DashboardRun): void {
    const before = this.run;
    this.run = run;
    announce(run);
    const { renew } = this.picture ?? { renew: null };
    const isOther =
      before !== null && (before.run.run !== run.run.run || before.run.status !== run.run.status);
    if (isOther || (renew !== null && Date.now() - this.readAt > renew * 1000)) void this.read(false);
    else this.draw();
  }

  private onRuns(): void {
    if (this.route.view === 'runs' || this.route.view === 'audit') void this.read(false);
  }

  private onAway(away: Away | null): void {
    const wasAway = this.away !== null;
    this.away = away;
    if (away === null && wasAway) void this.read(false);
    this.draw();
  }

  private titleOf(live: DashboardRun | null): string {
    const part = live?.alive === true ? partOfRun(live) : null;
    const state =
      live === null
        ? null
        : `${part === null ? '' : `${String(Math.floor(part * 100))}% `}${lookOf(live.run.status).word}`;
    const parts = [state, this.picture?.title ?? null, this.project?.project ?? 'Crosswalk'];
    return parts.filter((each) => each !== null).join(' · ');
  }
}

function fill(id: string, content: readonly Child[]): void {
  morph(place(id), [...h('div', null, ...content).childNodes]);
}

/** A new view begins at its heading, or at the line that was asked for; one that was left, where it was left. */
function arrive({ query }: Route): void {
  const line = document.getElementById(`line-${query.get('line') ?? ''}`);
  const left: unknown = history.state;
  if (typeof left === 'number') window.scrollTo(0, left);
  else if (line !== null) line.scrollIntoView({ block: 'center' });
  else {
    window.scrollTo(0, 0);
    document.getElementById('title')?.focus({ preventScroll: true });
  }
}

function failed(error: unknown): Picture {
  const help = error instanceof ApiError ? error.help : null;
  const text = error instanceof Error ? error.message : String(error);
  const words = [notice('bad', h('strong', null, text), help === null ? null : [' ', ...withCode(help)])];
  return { title: 'Not to be had', renew: null, draw: () => [heading('This cannot be shown now'), words] };
}
