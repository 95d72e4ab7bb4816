import type { DashboardMapping, DashboardRun } from '../../engine/contract/dashboard.js';
import { bytes, count, counted } from '../format.js';
import { api } from './api.js';
import { h, type Child } from './dom.js';
import { partOf, took } from './outlook.js';
import { accounting, facts, heading, notice, progress, section } from './parts.js';
import { mappingLink, runLink } from './route.js';
import { sampleCharts } from './samples.js';
import { rows, table } from './table.js';
import { timeSpent } from './time.js';
import type { Open } from './view.js';
import { about, badge, checkLook, lookOf, rate, spell, unexplained, when } from './words.js';
import { yamlFile } from './yaml.js';

/** One mapping of a run: its accounting, what it refers to, its checks, how it went, and its file. */
export const openMapping: Open = async ({ run, mapping: name, query }) => {
  const mapping = await api.mapping(run, name);
  const line = Number(query.get('line'));
  return {
    title: name,
    renew: 2,
    draw: ({ live }) => drawMapping(mapping, live, run, line > 0 ? line : null),
  };
};

function drawMapping(
  mapping: DashboardMapping,
  live: DashboardRun | null,
  run: string,
  line: number | null,
): readonly Child[] {
  const { step, description } = mapping;
  const now = live?.mappings.find((each) => each.mapping === step.mapping);
  return [
    heading(step.mapping),
    description === '' ? null : h('p.lead', null, description),
    state(mapping, now ?? step, run),
    section('Accounting', null, accounting(now ?? step), closing(mapping)),
    section('Rows that its lines decided about', null, ...deciding(mapping, run)),
    section('References', null, ...references(mapping, run)),
    section('Checks', null, ...checks(mapping)),
    section('Time', null, ...timeSpent(mapping.spent, mapping.bottleneck)),
    section('Over time', null, sampleCharts(mapping.samples, mapping.step.started_at)),
    section('Ranges', null, ...ranges(mapping)),
    section('Settings', null, ...settings(mapping)),
    section('File', mapping.file, yamlFile(mapping, run, line)),
  ];
}

function state(
  { source, table: target, retries }: DashboardMapping,
  step: DashboardMapping['step'],
  run: string,
): Child {
  const { status, stage, waits_for, seconds_left, rows_per_second, expected_rows } = step;
  return h(
    'div.state',
    null,
    h('p.headline', null, badge(lookOf(status)), stage === null ? null : h('span.soft', null, stage)),
    status === 'running' ? progress(partOf(step), 'Rows read of those expected') : null,
    facts([
      ['From', h('code', null, source)],
      ['Into', h('code', null, target)],
      ['Started', step.started_at === null ? null : [when(step.started_at), ' UTC']],
      ['Took', spell(took(step))],
      ['Left', seconds_left === null ? null : about(seconds_left)],
      ['Rate', rate(rows_per_second)],
      [
        'Expected',
        expected_rows === null
          ? null
          : `${counted(expected_rows, 'row')} (${step.expected_from ?? 'unknown'})`,
      ],
      ['Retries', retries === 0 ? null : String(retries)],
      [
        'Waits for',
        status !== 'waiting' || waits_for.length === 0
          ? null
          : waits_for.map((name, n) => [
              n === 0 ? null : ', ',
              h('a', { href: mappingLink(run, name) }, name),
            ]),
      ],
    ]),
  );
}

/** Counted again at the source in the same snapshot: only a run that has ended knows. */
function closing({ unexplained: left, step }: DashboardMapping): Child {
  if (left === null || left === unexplained(step)) return null;
  return notice(
    'bad',
    `The source has ${counted(Math.abs(left), 'row')} ${left > 0 ? 'more' : 'fewer'} than were read.`,
  );
}

function deciding({ step, warnings }: DashboardMapping, run: string): readonly Child[] {
  const kinds = [
    ['rejected', step.rejected, null],
    ['warnings', warnings, 'warning'],
    ['skipped', step.skipped, 'skipped'],
  ] as const;
  const links = kinds
    .filter(([, number]) => number > 0)
    .map(([word, number, kind]) =>
      h('a', { href: runLink(run, 'rejects', { mapping: step.mapping, kind }) }, `${count(number)} ${word}`),
    );
  return links.length === 0 ? [] : [h('p.ways', null, links)];
}

function references({ references: list }: DashboardMapping, run = 'last'): readonly Child[] {
  if (list.length === 0) return [];
  return [
    table(
      [
        { name: 'Column', kind: 'head', cell: ({ column }) => h('code', null, column) },
        { name: 'Mapping', cell: ({ mapping }) => h('a', { href: mappingLink(run, mapping) }, mapping) },
        { name: 'Resolved', kind: 'number', cell: ({ resolved }) => rows(resolved) },
        { name: 'Null', kind: 'number', cell: (each) => rows(each.null) },
        { name: 'Defaulted', kind: 'number', cell: ({ defaulted }) => rows(defaulted) },
        { name: 'Missing', kind: 'number', cell: ({ missing }) => rows(missing, 'bad') },
      ],
      [{ title: null, rows: list }],
      { label: 'References' },
    ),
  ];
}

function checks({ checks: list }: DashboardMapping): readonly Child[] {
  if (list.length === 0) return [];
  return [
    table(
      [
        { name: 'Check', kind: 'head', cell: ({ check }) => check },
        { name: 'State', cell: ({ status }) => badge(checkLook(status)) },
        { name: 'Source', kind: 'number', cell: ({ source }) => source },
        { name: 'Target', kind: 'number', cell: ({ target }) => target },
        { name: 'Note', kind: 'words', cell: ({ note }) => note },
      ],
      [{ title: null, rows: list }],
      { label: 'Checks' },
    ),
  ];
}

function ranges({ ranges: list }: DashboardMapping): readonly Child[] {
  if (list.length === 0) return [];
  return [
    table(
      [
        { name: 'Range', kind: 'head', cell: ({ partition }) => partition },
        { name: 'State', cell: ({ status }) => badge(lookOf(status)) },
        { name: 'Last key', cell: ({ last_key }) => last_key },
        { name: 'Read', kind: 'number', cell: ({ read }) => rows(read) },
        { name: 'Rejected', kind: 'number', cell: ({ rejected }) => rows(rejected, 'bad') },
        { name: 'Batches', kind: 'number', cell: ({ batches }) => rows(batches) },
        { name: 'Sent', kind: 'number', cell: ({ bytes: sent }) => bytes(sent) },
        { name: 'Server process', kind: 'number', cell: ({ backend_pid }) => backend_pid },
        { name: 'Last checkpoint (UTC)', cell: ({ updated_at }) => when(updated_at) },
      ],
      [{ title: null, rows: list }],
      { label: 'Ranges of keys and their batches', key: ({ partition }) => String(partition) },
    ),
  ];
}

function settings({ settings: list }: DashboardMapping): readonly Child[] {
  if (list.length === 0) return [];
  return [
    table(
      [
        { name: 'Setting', kind: 'head', cell: ({ name }) => name },
        { name: 'Value', cell: ({ value }) => value },
        { name: 'Why', kind: 'words', cell: ({ why }) => why },
      ],
      [{ title: null, rows: list }],
      { label: 'Settings and why' },
    ),
  ];
}
