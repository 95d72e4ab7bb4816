import type { DashboardAudit } from '../../engine/contract/dashboard.js';
import { counted } from '../format.js';
import { api } from './api.js';
import { h, type Child } from './dom.js';
import { heading, notice } from './parts.js';
import { linkTo, runLink } from './route.js';
import { table } from './table.js';
import type { Open } from './view.js';
import { when } from './words.js';

type Entry = DashboardAudit['entries'][number];

/** Who did what, newest first, and whether the chain of hashes holds. */
export const openAudit: Open = async ({ query }) => {
  const before = query.get('before');
  const audit = await api.audit({ before, limit: 100 });
  return { title: 'Audit', renew: null, draw: () => [heading('Audit'), chain(audit), list(audit, before)] };
};

const chain = ({ chain: { holds, reason, entries } }: DashboardAudit): Child =>
  holds
    ? notice(
        'good',
        h('strong', null, 'The chain holds: '),
        `${counted(entries, 'entry', 'entries')}, each with the hash of the one before.`,
      )
    : notice('bad', h('strong', null, 'The chain is broken: '), reason);

const list = ({ entries, next }: DashboardAudit, before: string | null): Child => [
  table(
    [
      { name: 'No.', kind: 'number', cell: ({ id }) => id },
      { name: 'At (UTC)', cell: ({ at }) => when(at) },
      { name: 'Event', kind: 'head', cell: ({ event }) => event },
      { name: 'Run', cell: ({ run }) => (run === null ? null : h('a.id', { href: runLink(run) }, run)) },
      {
        name: 'By',
        cell: ({ operator, database_user }) =>
          operator === database_user ? operator : [operator, h('span.sub', null, `as ${database_user}`)],
      },
      { name: 'Details', kind: 'words', cell: details },
    ],
    [{ title: null, rows: entries }],
    { label: 'Audit', key: ({ id }) => String(id), cards: true },
  ),
  h(
    'p.ways',
    null,
    before === null ? null : h('a', { href: linkTo('audit') }, 'Newest entries'),
    next === null ? null : h('a', { href: linkTo('audit', { before: next }) }, 'Older entries'),
  ),
];

/** What is plain stands there; what has parts, and what nobody reads, can be unfolded. */
function details({ details: all }: Entry): Child {
  const parts = Object.entries(all).filter(([, value]) => value !== null);
  const isPlain = (name: string, value: unknown): boolean =>
    typeof value !== 'object' && !/hash|sha256/.test(name);
  const plain = parts.filter(([name, value]) => isPlain(name, value));
  const deep = parts.filter(([name, value]) => !isPlain(name, value));
  return [
    plain.map(([name, value], n) => [n === 0 ? null : ', ', h('span.soft', null, `${name} `), String(value)]),
    deep.length === 0
      ? null
      : h(
          'details',
          null,
          h('summary', null, deep.map(([name]) => name).join(', ')),
          h(
            'pre',
            { tabindex: 0 },
            ...JSON.stringify(Object.fromEntries(deep), null, 2)
              .split('\n')
              .map((line) => [h('span', null, line), document.createTextNode('\n')]),
          ),
        ),
  ];
}
