import type { DashboardReject, DashboardRejects } from '../../engine/contract/dashboard.js';
import { share } from '../format.js';
import { h, type Child } from './dom.js';
import { stack } from './parts.js';
import { mappingLink, runLink } from './route.js';
import { rows, table } from './table.js';

/** Where in the mapping's file it was decided, as a link to the line. */
export function placeOf(
  { mapping, file, line }: Pick<DashboardReject, 'mapping' | 'file' | 'line'>,
  run: string,
): Child {
  if (file === null || line === null) return null;
  return h('a.place', { href: mappingLink(run, mapping, line) }, `${file}:${String(line)}`);
}

/** A source key as a link to its row, where it has one. */
export const keyOf = ({ key, mapping, run }: Pick<DashboardReject, 'key' | 'mapping' | 'run'>): Child =>
  key === null
    ? h('span.soft', null, 'no key')
    : h('a', { href: runLink(run, 'row', { mapping, key }) }, h('code', null, key));

/** Reject by reject. @param link what a rule leads to, besides */
export const rejectsTable = (list: readonly DashboardReject[], label: string, hasRun = false): HTMLElement =>
  table(
    [
      { name: 'Key', kind: 'head', cell: keyOf },
      { name: 'Mapping', cell: ({ mapping, run }) => h('a', { href: mappingLink(run, mapping) }, mapping) },
      ...(hasRun
        ? [{ name: 'Run', cell: ({ run }: DashboardReject) => h('a.id', { href: runLink(run) }, run) }]
        : []),
      { name: 'Column', cell: ({ column }) => (column === null ? null : h('code', null, column)) },
      { name: 'Rule', cell: ruleOf },
      { name: 'Reason', kind: 'words', cell: ({ reason }) => reason },
      { name: 'Value', kind: 'words', cell: ({ value }) => (value === null ? null : h('code', null, value)) },
      { name: 'Decided by', cell: (reject) => placeOf(reject, reject.run) },
    ],
    [{ title: null, rows: list }],
    { label, cards: true },
  );

const ruleOf = ({ rule, sqlstate }: Pick<DashboardReject, 'rule' | 'sqlstate'>): Child =>
  sqlstate === null ? rule : [rule, ' ', h('span.soft', null, sqlstate)];

/** What the filter lets through, by mapping, column and rule; each group leads to its rows. */
export function groupsTable(
  { groups, total }: DashboardRejects,
  run: string,
  kind: string | null,
): HTMLElement {
  return table(
    [
      {
        name: 'Rows',
        kind: 'number',
        cell: ({ rows: number, mapping, column, rule }) =>
          h('a', { href: runLink(run, 'rejects', { kind, mapping, column, rule }) }, rows(number)),
      },
      {
        name: 'Share',
        kind: 'number',
        cell: ({ rows: number }) => [share(number, total), stack([['bad', number]], total)],
      },
      {
        name: 'Mapping',
        kind: 'head',
        cell: ({ mapping }) => h('a', { href: mappingLink(run, mapping) }, mapping),
      },
      { name: 'Column', cell: ({ column }) => (column === null ? null : h('code', null, column)) },
      { name: 'Rule', cell: ruleOf },
      { name: 'Decided by', cell: (group) => placeOf(group, run) },
    ],
    [{ title: null, rows: groups }],
    { label: 'Groups', cards: true },
  );
}
