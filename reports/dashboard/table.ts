import { count } from '../format.js';
import { h, type Child } from './dom.js';

/** A column of a table of `T`. */
export interface Column<T> {
  readonly name: string;
  /** Numbers stand at the right, `words` may break, `head` names the row. */
  readonly kind?: 'number' | 'words' | 'head';
  readonly cell: (row: T) => Child;
}

export interface TableOptions<T> {
  readonly label: string;
  /** What tells a row from the others, where rows come and go. */
  readonly key?: (row: T) => string;
  readonly tone?: (row: T) => string | null;
  /** On a narrow page each row is a card; else the table scrolls in its own box. */
  readonly cards?: boolean;
  readonly foot?: Child;
}

/** Rows below a heading of their own, null for none. */
export interface Group<T> {
  readonly title: string | null;
  readonly rows: readonly T[];
}

/** A table in a box that scrolls by itself. Roles are said because cards are no table cells to a browser. */
export function table<T>(
  columns: readonly Column<T>[],
  groups: readonly Group<T>[],
  options: TableOptions<T>,
): HTMLElement {
  const heads = columns.map(({ name, kind }) =>
    h(`th${suffix(kind)}`, { scope: 'col', role: 'columnheader' }, name),
  );
  return h(
    `div.scroll${options.cards === true ? '.cards' : ''}`,
    { role: 'region', tabindex: 0, 'aria-label': options.label },
    h(
      'table',
      { role: 'table', 'aria-label': options.label },
      h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, heads)),
      groups.map((group) => body(columns, group, options)),
      options.foot ?? null,
    ),
  );
}

function body<T>(
  columns: readonly Column<T>[],
  { title, rows }: Group<T>,
  options: TableOptions<T>,
): HTMLElement {
  const head =
    title === null
      ? null
      : h(
          'tr.group',
          { role: 'row' },
          h('th', { colspan: columns.length, role: 'rowheader', scope: 'rowgroup' }, title),
        );
  return h(
    'tbody',
    { role: 'rowgroup', 'data-key': options.key === undefined ? null : `group ${title ?? ''}` },
    head,
    rows.map((row) =>
      h(
        `tr.${options.tone?.(row) ?? ''}`,
        { role: 'row', 'data-key': options.key === undefined ? null : options.key(row) },
        columns.map((column) => cell(column, row)),
      ),
    ),
  );
}

function cell<T>({ name, kind, cell: make }: Column<T>, row: T): HTMLElement {
  const content = make(row);
  const isEmpty = content === null || content === '' || (Array.isArray(content) && content.length === 0);
  const head = kind === 'head';
  return h(
    `${head ? 'th' : 'td'}${suffix(kind)}${isEmpty ? '.empty' : ''}`,
    { role: head ? 'rowheader' : 'cell', scope: head ? 'row' : null, 'data-label': name },
    content,
  );
}

const suffix = (kind: Column<never>['kind']): string =>
  kind === 'number' ? '.n' : kind === 'words' ? '.words' : '';

/** A number of rows; nothing is said more softly than something. */
export const rows = (value: number, tone = ''): HTMLElement =>
  h(`span.${value === 0 ? 'zero' : tone}`, null, count(value));
