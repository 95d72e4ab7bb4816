import type { DashboardRejects } from '../../engine/contract/dashboard.js';
import { h, type Child } from './dom.js';
import { runLink, type Route } from './route.js';

/** Parts of the address that say which rows are meant. */
type FilterName = 'kind' | 'mapping' | 'column' | 'rule' | 'key' | 'text';

type Filter = Readonly<Record<FilterName, string | null>>;

export const KINDS = [
  [null, 'Rejected'],
  ['warning', 'Warnings'],
  ['skipped', 'Skipped'],
  ['open', 'Open, of all runs'],
] as const;

/** What the address asks for; empty parts are null. */
export function filterOf({ query }: Route): Filter {
  const part = (name: string): string | null => {
    const value = query.get(name);
    return value === '' ? null : value;
  };
  return {
    kind: part('kind'), mapping: part('mapping'), column: part('column'), rule: part('rule'), key: part('key'), text: part('text'),
  }; // prettier-ignore
}

/** The kinds as links, the other filters as a form whose fields become the address. */
export function filterForm(run: string, filter: Filter, groups: DashboardRejects['groups']): Child {
  const others = { ...filter, kind: null };
  const isFiltered = Object.values(others).some((value) => value !== null);
  return [
    h(
      'nav.tabs',
      { 'aria-label': 'Kind' },
      KINDS.map(([kind, name]) =>
        h(
          'a',
          {
            href: runLink(run, 'rejects', { ...others, kind }),
            'aria-current': filter.kind === kind ? 'page' : null,
          },
          name,
        ),
      ),
    ),
    h(
      'form.filter',
      {
        'data-action': 'filter',
        'data-text': runLink(run, 'rejects'),
        role: 'search',
        'aria-label': 'Filter',
      },
      filter.kind === null ? null : h('input', { type: 'hidden', name: 'kind', value: filter.kind }),
      field(
        'mapping',
        'Mapping',
        filter,
        groups.map(({ mapping }) => mapping),
      ),
      field(
        'column',
        'Column',
        filter,
        groups.map(({ column }) => column ?? ''),
      ),
      field(
        'rule',
        'Rule',
        filter,
        groups.map(({ rule }) => rule),
      ),
      field('key', 'Source key', filter, []),
      field('text', 'Reason or value holds', filter, []),
      h(
        'span.actions',
        null,
        h('button', { type: 'submit' }, 'Filter'),
        isFiltered ? h('a', { href: runLink(run, 'rejects', { kind: filter.kind }) }, 'Clear') : null,
      ),
    ),
  ];
}

function field(name: FilterName, label: string, filter: Filter, known: readonly string[]): HTMLElement {
  const id = `filter-${name}`;
  const choices = [...new Set(known)].filter((value) => value !== '');
  return h(
    'label',
    { for: id },
    h('span', null, label),
    h('input', {
      id, name, type: 'text', value: filter[name] ?? '', autocomplete: 'off', spellcheck: 'false',
      list: choices.length === 0 ? null : `${id}-known`,
    }),
    choices.length === 0 ? null : h('datalist', { id: `${id}-known` }, choices.map((value) => h('option', { value }))),
  );
} // prettier-ignore
