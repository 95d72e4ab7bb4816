import type { DashboardProject, DashboardRunLine, DashboardRuns } from '../../engine/contract/dashboard.js';
import { api } from './api.js';
import { h, type Child } from './dom.js';
import { command, heading, notice } from './parts.js';
import { linkTo, runLink } from './route.js';
import { rows, table, type Column } from './table.js';
import type { Open } from './view.js';
import { badge, lookOf, spell, verdictTone, when } from './words.js';

const PAGE = 50;

const secondsOf = ({ started_at, finished_at }: DashboardRunLine): number | null =>
  finished_at === null ? null : (Date.parse(finished_at) - Date.parse(started_at)) / 1000;

/** GO and its fellows, where a run has ended with one. */
export const verdictOf = (verdict: string | null): HTMLElement | null =>
  verdict === null ? null : h(`span.verdict.${verdictTone(verdict)}`, null, verdict);

const COLUMNS: readonly Column<DashboardRunLine>[] = [
  {
    name: 'Run',
    kind: 'head',
    cell: ({ run, kind, resumes }) => [
      h('a.id', { href: runLink(run) }, run),
      kind === 'run' && resumes === 0
        ? null
        : h(
            'span.sub',
            null,
            [kind === 'run' ? [] : [kind], resumes === 0 ? [] : [`resumed ${String(resumes)}×`]]
              .flat()
              .join(', '),
          ),
    ],
  },
  {
    name: 'State',
    cell: ({ status, verdict }) => [badge(lookOf(status)), ' ', verdictOf(verdict)],
  },
  { name: 'Started (UTC)', cell: ({ started_at }) => when(started_at) },
  { name: 'Took', kind: 'number', cell: (run) => spell(secondsOf(run)) },
  { name: 'Read', kind: 'number', cell: ({ read }) => rows(read) },
  { name: 'Inserted', kind: 'number', cell: ({ inserted }) => rows(inserted) },
  { name: 'Updated', kind: 'number', cell: ({ updated }) => rows(updated) },
  { name: 'Unchanged', kind: 'number', cell: ({ unchanged }) => rows(unchanged) },
  { name: 'Skipped', kind: 'number', cell: ({ skipped }) => rows(skipped) },
  {
    name: 'Rejected',
    kind: 'number',
    cell: ({ run, rejected }) =>
      rejected === 0 ? rows(0) : h('a', { href: runLink(run, 'rejects') }, rows(rejected, 'bad')),
  },
  { name: 'Operator', cell: ({ operator }) => operator },
];

/** All runs, newest first. */
export const openRuns: Open = async ({ query }) => {
  const before = query.get('before');
  const answer = await api.runs({ before, limit: PAGE });
  return {
    title: 'Runs',
    renew: null,
    draw: ({ project }) => [heading('Runs'), problem(project), list(answer, before)],
  };
};

const problem = (project: DashboardProject | null): Child =>
  project?.problem == null
    ? null
    : notice('bad', h('strong', null, 'The project’s files do not load. '), project.problem);

function list({ runs, next }: DashboardRuns, before: string | null): Child {
  if (runs.length === 0)
    return before === null
      ? notice(
          'idle',
          'Nothing has been run yet. This page shows the first run as soon as it begins: ',
          command('etl run'),
        )
      : notice('idle', 'There is no older run. ', h('a', { href: linkTo('runs') }, 'To the newest'));
  const [a, b] = [runs[1], runs[0]];
  return [
    table(COLUMNS, [{ title: null, rows: runs }], {
      label: 'Runs',
      key: ({ run }) => run,
      tone: ({ status }) => lookOf(status).tone,
      cards: true,
    }),
    h(
      'p.ways',
      null,
      before === null ? null : h('a', { href: linkTo('runs') }, 'Newest runs'),
      next === null ? null : h('a', { href: linkTo('runs', { before: next }) }, 'Older runs'),
      a === undefined || b === undefined
        ? null
        : h('a', { href: linkTo('compare', { a: a.run, b: b.run }) }, `Compare ${b.run} with the run before`),
    ),
  ];
}
