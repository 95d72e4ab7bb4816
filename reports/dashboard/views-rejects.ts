import type { DashboardRejects } from '../../engine/contract/dashboard.js';
import { count, counted } from '../format.js';
import { api } from './api.js';
import { h, type Child } from './dom.js';
import { heading, notice, section } from './parts.js';
import { filterForm, filterOf, KINDS } from './rejects-filter.js';
import { groupsTable, rejectsTable } from './rejects-table.js';
import { runLink, type Route } from './route.js';
import type { Open } from './view.js';

const PAGE = 100;

/** Rows that were rejected, warned of or skipped: groups first, then row by row, page by page. */
export const openRejects: Open = async (route) => {
  const filter = filterOf(route);
  const after = route.query.get('after');
  const answer = await api.rejects(route.run, { ...filter, after, limit: PAGE });
  const name = KINDS.find(([kind]) => kind === filter.kind)?.[1] ?? 'Rejected';
  return {
    title: `${name}: ${count(answer.total)}`,
    // A page behind the first stays as it is: rows must not move under the reader.
    renew: after === null ? 5 : null,
    draw: () => [
      heading('Rejects'),
      filterForm(route.run, filter, answer.groups),
      ...(answer.total === 0 ? [nothing(filter.kind)] : drawn(answer, route)),
    ],
  };
};

const nothing = (kind: string | null): Child =>
  notice(
    'good',
    kind === null
      ? 'No row was rejected that this filter lets through.'
      : 'There is no row that this filter lets through.',
  );

function drawn(answer: DashboardRejects, route: Route): readonly Child[] {
  const { groups, rejects, total, next } = answer;
  const filter = filterOf(route);
  const first = Number(route.query.get('n') ?? 0) + 1;
  const last = first + rejects.length - 1;
  const shown =
    rejects.length === 0 ? 'No more rows.' : `${count(first)} to ${count(last)} of ${counted(total, 'row')}`;
  const pages = h(
    'p.ways',
    null,
    h('span', null, shown),
    first > 1 ? h('a', { href: runLink(route.run, 'rejects', filter) }, 'First page') : null,
    next === null
      ? null
      : h(
          'a',
          { href: runLink(route.run, 'rejects', { ...filter, after: next, n: last }), rel: 'next' },
          'Next page',
        ),
  );
  return [
    first > 1
      ? null
      : section(
          'Groups',
          groups.length < 100 ? null : 'The 100 largest.',
          h('div.groups', null, groupsTable(answer, route.run, filter.kind)),
        ),
    section(
      'Rows',
      null,
      pages,
      rejectsTable(rejects, 'Rows', filter.kind === 'open'),
      rejects.length > 20 ? pages.cloneNode(true) : null,
    ),
  ];
}
