import type { DashboardReject, DashboardRow } from '../../engine/contract/dashboard.js';
import { count, counted } from '../format.js';
import { api } from './api.js';
import { h, withCode, type Child } from './dom.js';
import { heading, notice, section } from './parts.js';
import { keyOf, placeOf, rejectsTable } from './rejects-table.js';
import { mappingLink, runLink } from './route.js';
import { table } from './table.js';
import type { Open } from './view.js';

/** One source row and all that was said of it: why, where, since when, what hangs on it, what to do. */
export const openRow: Open = async ({ run, query }) => {
  const [mapping, key] = [query.get('mapping') ?? '', query.get('key') ?? ''];
  const row = await api.row(run, mapping, key);
  return { title: `${mapping} ${key}`, renew: null, draw: () => drawRow(row, run) };
};

function drawRow(row: DashboardRow, run: string): readonly Child[] {
  return [
    heading(
      'Row ',
      h('code', null, row.key),
      ' of ',
      h('a', { href: mappingLink(run, row.mapping) }, row.mapping),
    ),
    row.advice === null ? null : notice('warn', h('strong', null, 'What to do: '), ...withCode(row.advice)),
    section('Why', null, ...row.rejects.map((reject) => reasonOf(reject, run))),
    section(
      'First cause',
      row.chain.length === 0
        ? null
        : 'It refers to a row that was rejected itself; the last of these is where it began.',
      chain(row),
    ),
    section('Mapping', null, excerpt(row, run)),
    section('Source row', null, source(row)),
    section(
      'Rows rejected because of this one',
      dependantsIntro(row),
      row.dependants.length === 0 ? null : rejectsTable(row.dependants, 'Dependants'),
    ),
    section('In other runs', null, history(row)),
  ];
}

const SAID: Readonly<
  Record<DashboardReject['kind'], readonly [tone: 'bad' | 'warn' | 'idle', word: string]>
> = {
  reject: ['bad', 'Rejected'],
  warning: ['warn', 'Warned of'],
  skipped: ['idle', 'Skipped'],
};

function reasonOf(reject: DashboardReject, run: string): HTMLElement {
  const [tone, word] = SAID[reject.kind];
  return notice(
    tone,
    h('strong', null, `${word} by `, h('code', null, reject.rule)),
    reject.column === null ? null : [' at ', h('code', null, reject.column)],
    reject.sqlstate === null ? null : ` (SQLSTATE ${reject.sqlstate})`,
    ': ',
    reject.reason,
    reject.value === null ? null : h('span.sub', null, 'value: ', h('code', null, reject.value)),
    reject.file === null ? null : h('span.sub', null, placeOf(reject, run)),
  );
}

function chain({ chain: list }: DashboardRow): Child {
  if (list.length === 0) return null;
  return h(
    'ol.chain',
    null,
    list.map((reject) =>
      h(
        'li',
        null,
        h('strong', null, reject.mapping),
        ' ',
        keyOf(reject),
        ': ',
        reject.reason,
        ' ',
        h('span.soft', null, placeOf(reject, reject.run)),
      ),
    ),
  );
}

function excerpt({ excerpt: frame, mapping }: DashboardRow, run: string): Child {
  if (frame === null) return null;
  return [
    h(
      'p',
      null,
      h('a', { href: mappingLink(run, mapping, frame.line) }, `${frame.file}:${String(frame.line)}`),
    ),
    h(
      'div.scroll.yaml',
      { role: 'region', tabindex: 0, 'aria-label': 'Part of the mapping’s file' },
      h(
        'ol',
        null,
        frame.text.map((text, n) =>
          h(
            `li${frame.first + n === frame.line ? '.bad' : ''}`,
            null,
            h('span.number', null, frame.first + n),
            h('code', null, text === '' ? ' ' : text),
          ),
        ),
      ),
    ),
  ];
}

function source({ row, rejects }: DashboardRow): Child {
  if (row.length === 0) return rejects.length === 0 ? null : h('p.soft', null, 'Its fields were not kept.');
  return table(
    [
      { name: 'Field', kind: 'head', cell: ({ field }) => h('code', null, field) },
      {
        name: 'Value',
        kind: 'words',
        cell: ({ value }) => (value === null ? h('span.soft', null, 'null') : h('code', null, value)),
      },
    ],
    [{ title: null, rows: row }],
    { label: 'Source row' },
  );
}

function dependantsIntro({ dependant_count: all, dependants }: DashboardRow): string | null {
  if (all === 0) return null;
  return all > dependants.length
    ? `${counted(all, 'row')}, the first ${count(dependants.length)} of them:`
    : counted(all, 'row');
}

function history({ history: list, mapping, key }: DashboardRow): Child {
  if (list.length === 0) return null;
  return table(
    [
      {
        name: 'Run',
        kind: 'head',
        cell: ({ run }) => h('a.id', { href: runLink(run, 'row', { mapping, key }) }, run),
      },
      { name: 'Rule', cell: ({ rule }) => rule },
      { name: 'Reason', kind: 'words', cell: ({ reason }) => reason },
    ],
    [{ title: null, rows: list }],
    { label: 'In other runs' },
  );
}
