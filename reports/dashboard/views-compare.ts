import type { DashboardComparison, DashboardRunLine } from '../../engine/contract/dashboard.js';
import { count } from '../format.js';
import { api } from './api.js';
import { h, type Child } from './dom.js';
import { heading, notice, section } from './parts.js';
import { mappingLink, runLink } from './route.js';
import { rows, table, type Column } from './table.js';
import type { Open } from './view.js';
import { verdictOf } from './views-runs.js';
import { badge, FATES, lookOf, spell, when } from './words.js';

type Line = DashboardComparison['mappings'][number];

/** Two runs side by side: what is other than before. */
export const openCompare: Open = async ({ query }) => {
  const { runs } = await api.runs({ limit: 100 });
  const a = query.get('a') ?? runs[1]?.run ?? null;
  const b = query.get('b') ?? runs[0]?.run ?? null;
  const answer = a === null || b === null ? null : await api.compare(a, b);
  return {
    title: 'Compare',
    renew: null,
    draw: () => [
      heading('Compare two runs'),
      answer === null
        ? notice('idle', 'There are not two runs yet.')
        : [choice(runs, answer.a.run, answer.b.run), ...compared(answer)],
    ],
  };
};

const choice = (runs: readonly DashboardRunLine[], a: string, b: string): Child =>
  h(
    'form.filter',
    { 'data-action': 'filter', 'data-text': '#/compare', 'aria-label': 'Runs' },
    select('a', 'Before', runs, a),
    select('b', 'After', runs, b),
    h('span.actions', null, h('button', { type: 'submit' }, 'Compare')),
  );

function select(name: string, label: string, runs: readonly DashboardRunLine[], chosen: string): HTMLElement {
  const names = [...new Set([...runs.map(({ run }) => run), chosen])];
  const id = `choose-${name}`;
  return h(
    'label',
    { for: id },
    h('span', null, label),
    h(
      'select',
      { id, name },
      names.map((run) => h('option', { value: run, selected: run === chosen }, run)),
    ),
  );
}

function compared({ a, b, mappings, rejects }: DashboardComparison): readonly Child[] {
  const changed = rejects.filter((group) => group.a !== group.b);
  const checks = mappings
    .flatMap(({ mapping, checks: list }) => list.map((check) => ({ mapping, ...check })))
    .filter((check) => check.a !== check.b);
  return [
    section('Runs', null, runsTable(a, b)),
    section(
      'Mappings',
      'Figures of the run after; below each, where it differs, the one before.',
      mappingsTable(mappings, b.run),
    ),
    section(
      'Rejects that differ',
      null,
      changed.length === 0
        ? notice('good', 'Every group of rejects is as large as before.')
        : table(
            [
              {
                name: 'Mapping',
                kind: 'head',
                cell: ({ mapping }) => h('a', { href: mappingLink(b.run, mapping) }, mapping),
              },
              { name: 'Column', cell: ({ column }) => column },
              { name: 'Rule', cell: ({ rule }) => rule },
              { name: 'Before', kind: 'number', cell: (group) => rows(group.a) },
              {
                name: 'After',
                kind: 'number',
                cell: ({ mapping, column, rule, b: now }) =>
                  now === 0
                    ? rows(0)
                    : h('a', { href: runLink(b.run, 'rejects', { mapping, column, rule }) }, count(now)),
              },
              { name: 'Difference', kind: 'number', cell: (group) => signed(group.b - group.a) },
            ],
            [{ title: null, rows: changed }],
            { label: 'Rejects that differ', cards: true },
          ),
    ),
    checks.length === 0
      ? null
      : section(
          'Checks that differ',
          null,
          table(
            [
              {
                name: 'Mapping',
                kind: 'head',
                cell: ({ mapping }) => h('a', { href: mappingLink(b.run, mapping) }, mapping),
              },
              { name: 'Check', cell: ({ check }) => check },
              { name: 'Before', cell: (check) => check.a ?? 'not made' },
              { name: 'After', cell: (check) => check.b ?? 'not made' },
            ],
            [{ title: null, rows: checks }],
            { label: 'Checks that differ' },
          ),
        ),
  ];
}

const runsTable = (a: DashboardRunLine, b: DashboardRunLine): HTMLElement =>
  table<readonly [string, DashboardRunLine]>(
    [
      { name: '', kind: 'head', cell: ([name, { run }]) => [name, ': ', h('a.id', { href: runLink(run) }, run)] },
      { name: 'State', cell: ([, { status }]) => badge(lookOf(status)) },
      { name: 'Verdict', cell: ([, { verdict }]) => verdictOf(verdict) },
      { name: 'Started (UTC)', cell: ([, { started_at }]) => when(started_at) },
      ...(['read', ...FATES] as const).map(
        (fate): Column<readonly [string, DashboardRunLine]> => ({ name: capital(fate), kind: 'number', cell: ([, run]) => rows(run[fate]) }),
      ),
    ],
    [{ title: null, rows: [['Before', a], ['After', b]] }],
    { label: 'The two runs', cards: true },
  ); // prettier-ignore

const mappingsTable = (mappings: readonly Line[], run: string): HTMLElement =>
  table<Line>(
    [
      {
        name: 'Mapping',
        kind: 'head',
        cell: ({ mapping, edited }) => [
          h('a', { href: mappingLink(run, mapping) }, mapping),
          edited ? h('span.sub', null, 'edited since') : null,
        ],
      },
      {
        name: 'State',
        cell: ({ a, b }) =>
          b === null
            ? 'not in this run'
            : [badge(lookOf(b.status)), a === null ? h('span.sub', null, 'new') : null],
      },
      ...(['read', ...FATES] as const).map((fate): Column<Line> => ({
        name: capital(fate),
        kind: 'number',
        cell: ({ a, b }) => both(a?.[fate], b?.[fate]),
      })),
      {
        name: 'Time',
        kind: 'number',
        cell: ({ a, b }) => [
          spell(b?.seconds ?? null),
          a?.seconds == null ? null : h('span.sub', null, `was ${spell(a.seconds)}`),
        ],
      },
    ],
    [{ title: null, rows: mappings }],
    { label: 'Mappings', key: ({ mapping }) => mapping, cards: true },
  );

const both = (a: number | undefined, b: number | undefined): Child => [
  b === undefined ? null : rows(b),
  a === undefined || a === b ? null : h('span.sub', null, `was ${count(a)}`),
];

const signed = (value: number): string => (value > 0 ? `+${count(value)}` : count(value));

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
