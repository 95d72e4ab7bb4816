import type { DashboardRun, DashboardStep } from '../../engine/contract/dashboard.js';
import { count } from '../format.js';
import { h, type Child } from './dom.js';
import { partOf } from './outlook.js';
import { stack } from './parts.js';
import { mappingLink, runLink } from './route.js';
import { rows, table, type Column, type Group } from './table.js';
import { badge, hasEnded, lookOf, rate, spell } from './words.js';

/** Mappings by phase, with what each has done, does, and waits for. */
export function stepsTable({ mappings, run, critical_path }: DashboardRun): HTMLElement {
  const critical = new Set(critical_path);
  return table(columns(run.run, critical), byPhase(mappings), {
    label: 'Mappings',
    key: ({ mapping }) => mapping,
    tone: ({ status }) => lookOf(status).tone,
    cards: true,
  });
}

function byPhase(steps: readonly DashboardStep[]): readonly Group<DashboardStep>[] {
  const phases = [...new Set(steps.map(({ phase }) => phase))];
  return phases.map((phase) => ({
    title: phases.length === 1 && phase === null ? null : (phase ?? 'without a phase'),
    rows: steps.filter((step) => step.phase === phase),
  }));
}

function columns(run: string, critical: ReadonlySet<string>): readonly Column<DashboardStep>[] {
  const link = (mapping: string): HTMLElement => h('a', { href: mappingLink(run, mapping) }, mapping);
  return [
    {
      name: 'Mapping',
      kind: 'head',
      cell: ({ mapping }) => [
        link(mapping),
        critical.has(mapping)
          ? h('span.mark', { title: 'critical path', role: 'img', 'aria-label': 'critical path' }, ' ◆')
          : null,
      ],
    },
    {
      name: 'State',
      cell: (step) => [
        badge(lookOf(step.status)),
        step.stage === null ? null : h('span.sub', null, step.stage),
      ],
    },
    { name: 'Read of expected', kind: 'number', cell: readOf },
    { name: 'Inserted', kind: 'number', cell: ({ inserted }) => rows(inserted) },
    { name: 'Updated', kind: 'number', cell: ({ updated }) => rows(updated) },
    { name: 'Unchanged', kind: 'number', cell: ({ unchanged }) => rows(unchanged) },
    { name: 'Skipped', kind: 'number', cell: ({ skipped }) => rows(skipped) },
    {
      name: 'Rejected',
      kind: 'number',
      cell: ({ mapping, rejected }) =>
        rejected === 0
          ? rows(0)
          : h('a', { href: runLink(run, 'rejects', { mapping }) }, rows(rejected, 'bad')),
    },
    { name: 'Rate', kind: 'number', cell: ({ rows_per_second }) => rate(rows_per_second) },
    { name: 'Time', kind: 'number', cell: time },
    {
      name: 'Waits for',
      kind: 'words',
      cell: ({ waits_for, status }) =>
        status === 'waiting' ? waits_for.map((name, n) => [n === 0 ? null : ', ', link(name)]) : null,
    },
  ];
}

function readOf(step: DashboardStep): Child {
  const { read, expected_rows: expected, expected_from } = step;
  if (hasEnded(step)) return rows(read);
  const of = expected === null ? 'of ?' : `of ${expected_from === 'estimate' ? '≈ ' : ''}${count(expected)}`;
  return [
    rows(read),
    ' ',
    h('span.soft', null, of),
    step.status === 'running' ? stack([['busy', partOf(step) ?? 0]], 1) : null,
  ];
}

/** What it took, or what is left of it. */
function time({ status, seconds, seconds_left }: DashboardStep): Child {
  if (seconds !== null) return spell(seconds);
  if (seconds_left === null) return null;
  return status === 'waiting'
    ? h('span.soft', null, `≈ ${spell(seconds_left)}`)
    : [spell(seconds_left), h('span.soft', null, ' left')];
}
