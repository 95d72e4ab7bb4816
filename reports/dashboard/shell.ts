import type { DashboardProject } from '../../engine/contract/dashboard.js';
import { h, withCode, type Child } from './dom.js';
import type { Away } from './live.js';
import { linkTo, runLink, type Route, type View } from './route.js';
import { theme } from './theme.js';
import { when } from './words.js';

const OF_RUN: readonly (readonly [view: 'run' | 'graph' | 'rejects', name: string])[] = [
  ['run', 'Overview'],
  ['graph', 'Graph'],
  ['rejects', 'Rejects'],
];

/** Below which entry of a run's menu a view stands. */
const BELOW: Readonly<Partial<Record<View, 'run' | 'graph' | 'rejects'>>> = {
  run: 'run', mapping: 'run', graph: 'graph', rejects: 'rejects', row: 'rejects',
}; // prettier-ignore

/** The page's head: where one is, and where one can go. @param run its name, where the view is a run's */
export function head(project: DashboardProject | null, route: Route, run: string | null): readonly Child[] {
  const link = (href: string, name: string, isHere: boolean): HTMLElement =>
    h('a', { href, 'aria-current': isHere ? 'page' : null }, name);
  const below = BELOW[route.view];
  return [
    h(
      'div.bar',
      null,
      h(
        'a.brand',
        { href: linkTo('runs') },
        h('span.product', null, 'Crosswalk'),
        project === null ? null : h('span', null, project.project),
      ),
      h(
        'nav',
        { 'aria-label': 'Views' },
        link(linkTo('runs'), 'Runs', route.view === 'runs'),
        link(runLink('last'), 'Last run', route.run === 'last' && below !== undefined),
        link(linkTo('compare'), 'Compare', route.view === 'compare'),
        link(linkTo('audit'), 'Audit', route.view === 'audit'),
      ),
      h(
        'div.tools',
        null,
        h(
          'button',
          { type: 'button', 'data-action': 'theme', 'aria-label': `Colours: ${theme()}` },
          `◐ ${theme()}`,
        ),
        h('button', { type: 'button', 'data-action': 'help', 'aria-label': 'Keys and help' }, '?'),
      ),
    ),
    below === undefined
      ? null
      : h(
          'nav.sub-nav',
          { 'aria-label': 'Run' },
          h('a.crumb', { href: runLink(route.run) }, run ?? route.run),
          OF_RUN.map(([view, name]) => link(runLink(route.run, view), name, below === view)),
        ),
  ];
}

/** Says that what is shown stands still, since when, and why. */
export const banner = (away: Away | null): Child =>
  away === null
    ? null
    : h(
        'p.banner.bad',
        { role: 'alert' },
        h('strong', null, 'Not live since ', when(away.since.toISOString(), 'clock'), ' UTC: '),
        ...withCode(away.reason),
        '. What stands here is what was known then; this page goes on by itself.',
      );

/** What never changes while the server runs. */
export const foot = (project: DashboardProject | null): Child =>
  project === null
    ? null
    : h(
        'p.soft',
        null,
        `Crosswalk ${project.crosswalk} · `,
        project.connections.map(({ name, side, url }, n) => [
          n === 0 ? null : ' · ',
          `${side === name ? side : `${side} ${name}`} `,
          h('code', null, url),
        ]),
        ' · times in UTC',
      );
