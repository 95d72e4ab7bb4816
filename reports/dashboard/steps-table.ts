import type { DashboardProject, DashboardRun, DashboardStep } from '../../engine/contract/dashboard.js';
import { count } from '../format.js';
import { h, type Child } from './dom.js';
import { partOf, took } from './outlook.js';
import { stack } from './parts.js';
import { mappingLink, runLink } from './route.js';
import { rows, table, type Column, type Group } from './table.js';
import { about, badge, type FATES, hasEnded, lookOf, rate, spell } from './words.js';

/** Mappings by phase, with what each has done, does, and waits for. */
export function stepsTable(
  { mappings: known, run, critical_path }: DashboardRun,
  project: DashboardProject | null,
): HTMLElement {
  const mappings = known.map((step) => ({ ...step, phase: step.phase ?? phaseOf(step.mapping, project) }));
  const critical = new Set(critical_path);
  return table(columns(run.run, critical, mappings), byPhase(mappings), {
    label: 'Mappings',
    key: ({ mapping }) => mapping,
    tone: ({ status }) => lookOf(status).tone,
    cards: true,
  });
}

/** A run that has ended may not say it: as the files have it now. */
const phaseOf = (mapping: string, project: DashboardProject | null): string | null =>
  project?.mappings.find(({ name }) => name === mapping)?.phase ?? null;

function byPhase(steps: readonly DashboardStep[]): readonly Group<DashboardStep>[] {
  const phases = [...new Set(steps.map(({ phase }) => phase))];
  return phases.map((phase) => ({
    title: phases.length === 1 && phase === null ? null : (phase ?? 'without a phase'),
    rows: steps.filter((step) => step.phase === phase),
  }));
}

function columns(
  run: string,
  critical: ReadonlySet<string>,
  steps: readonly DashboardStep[],
): readonly Column<DashboardStep>[] {
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
    { name: 'Inserted', kind: 'number', cell: (step) => fate(step, 'inserted') },
    { name: 'Updated', kind: 'number', cell: (step) => fate(step, 'updated') },
    { name: 'Unchanged', kind: 'number', cell: (step) => fate(step, 'unchanged') },
    { name: 'Skipped', kind: 'number', cell: (step) => fate(step, 'skipped') },
    {
      name: 'Rejected',
      kind: 'number',
      cell: (step) =>
        step.rejected === 0
          ? fate(step, 'rejected')
          : h('a', { href: runLink(run, 'rejects', { mapping: step.mapping }) }, rows(step.rejected, 'bad')),
    },
    { name: 'Rate', kind: 'number', cell: ({ rows_per_second }) => rate(rows_per_second) },
    { name: 'Time', kind: 'number', cell: time },
    { name: 'Waits for', kind: 'words', cell: (step) => waits(step, steps, link) },
  ];
}

/** Of a mapping that waits nothing is said: its zeros would hide what the others have done. */
const fate = (step: DashboardStep, name: (typeof FATES)[number]): Child =>
  step.status === 'waiting' ? null : rows(step[name]);

/** So many names are shown; of more, their phase and number. */
const NAMED = 3;

/** What a mapping waits for: by name within its own phase, other phases as a whole. */
function waits(
  { waits_for, status, phase }: DashboardStep,
  steps: readonly DashboardStep[],
  link: (mapping: string) => HTMLElement,
): Child {
  if (status !== 'waiting') return null;
  const phases = new Map(steps.map((step) => [step.mapping, step.phase]));
  const groups = [...Map.groupBy(waits_for, (name) => phases.get(name) ?? null)];
  const parts = groups.flatMap(([of, names]): Child[] => {
    if (names.length <= NAMED) return names.map(link);
    const words =
      of === phase
        ? `${String(names.length)} mappings`
        : `${String(names.length)} of ${of ?? 'those without a phase'}`;
    return [h('span.soft', { title: names.join(', ') }, words)];
  });
  return parts.map((part, n) => [n === 0 ? null : ', ', part]);
}

function readOf(step: DashboardStep): Child {
  const { read, expected_rows: expected, expected_from } = step;
  if (hasEnded(step)) return rows(read);
  if (step.status === 'waiting')
    return expected === null
      ? null
      : h('span.soft', null, `${expected_from === 'estimate' ? '≈ ' : ''}${count(expected)}`);
  const of = expected === null ? 'of ?' : `of ${expected_from === 'estimate' ? '≈ ' : ''}${count(expected)}`;
  return [
    rows(read),
    ' ',
    h('span.soft', null, of),
    step.status === 'running' ? stack([['busy', partOf(step) ?? 0]], 1) : null,
  ];
}

/** What it took, or what is left of it. */
function time(step: DashboardStep): Child {
  const { status, seconds_left } = step;
  if (hasEnded(step)) return spell(took(step));
  if (seconds_left === null) return null;
  return status === 'waiting'
    ? h('span.soft', null, `≈ ${about(seconds_left)}`)
    : [about(seconds_left), h('span.soft', null, ' left')];
}
