import type { DashboardProject, DashboardRun } from '../../engine/contract/dashboard.js';
import type { Child } from './dom.js';
import type { Route } from './route.js';

/** What the page knows when a view is drawn. */
export interface Now {
  readonly project: DashboardProject | null;
  /** The run that is followed, as the server told last. */
  readonly live: DashboardRun | null;
}

/** A view with its data: drawn again whenever `Now` has changed. */
export interface Picture {
  readonly title: string;
  /** Seconds after which it is read again while the run goes on; null: what it shows stays. */
  readonly renew: number | null;
  draw(now: Now): readonly Child[];
}

/** Reads what a view needs. @throws ApiError */
export type Open = (route: Route) => Promise<Picture>;
