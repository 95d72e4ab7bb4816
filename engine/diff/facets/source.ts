import type { Mapping } from '../../contract/mapping.js';
import { SqlPart, type Facet } from '../facet.js';
import type { Make } from './make.js';

/** What a mapping says of its source. */
export function sourceFacets({ source }: Mapping, make: Make): readonly Facet[] {
  const { from, changedAt, duplicates, partition } = source;
  const own = (name: string, value: Facet['value'], more?: Partial<Facet>): Facet =>
    make(`a source › ${name}`, ['source', name], `source: ${name}`, value, more);
  const columns = (list: readonly { readonly value: string }[]): readonly string[] =>
    list.map(({ value }) => value);
  return [
    own('connection', source.connection.value),
    ...fromFacets(from, make),
    own('key', columns(source.key)),
    own('changed_at', changedAt === null ? null : 'on', {
      whole: true,
      shown: changedAt?.column.value ?? '',
    }),
    ...(changedAt === null
      ? []
      : [
          make('a changed_at › column', CHANGED_COLUMN, 'source: changed_at', changedAt.column.value),
          make(
            'a changed_at › overlap',
            CHANGED_OVERLAP,
            'source: changed_at: overlap',
            seconds(changedAt.overlap),
          ),
        ]),
    ...source.skipWhen.map(({ name, sql }) =>
      make('a source › skip_when', ['source', 'skip_when', name], `skip_when ${name}`, SqlPart.of(sql, true)),
    ),
    own('duplicates', duplicates.kind, { whole: true }),
    ...(duplicates.kind === 'keep'
      ? [
          make(
            'a duplicates › keep',
            ['source', 'duplicates', 'keep'],
            'source: duplicates: keep',
            duplicates.which,
          ),
          make(
            'a duplicates › by',
            ['source', 'duplicates', 'by'],
            'source: duplicates: by',
            duplicates.by.value,
          ),
        ]
      : []),
    make(
      'an ignore › columns',
      ['source', 'ignore', 'columns'],
      'source: ignore',
      source.ignore === '*' ? '"*"' : [...columns(source.ignore)].sort(),
    ),
    own('sensitive', [...columns(source.sensitive)].sort()),
    own('partition', partition.kind === 'rows' ? { rows: partition.rows } : partition.kind),
  ];
}

const CHANGED_COLUMN = ['source', 'changed_at', 'column'];
const CHANGED_OVERLAP = ['source', 'changed_at', 'overlap'];

const seconds = (overlap: number | null): string | null => (overlap === null ? null : `${String(overlap)}s`);

/** Where rows come from: table and condition, or a query; from one to the other the whole is compared. */
function fromFacets(from: Mapping['source']['from'], make: Make): readonly Facet[] {
  const id = ['source', 'from'];
  if (from.kind === 'query') {
    const value = SqlPart.of(from.sql, false);
    return [
      make('a source › query', ['source', 'query'], 'source: query', 'query', {
        ...{ id, whole: true, shown: from.sql.value, near: from.sql.at },
      }),
      make('a source › query', ['source', 'query'], 'source: query', value, {
        ...{ id: [...id, 'query'], near: from.sql.at },
      }),
    ];
  }
  const { table, where } = from;
  const condition = where === null ? null : SqlPart.of(where, true);
  return [
    make('a source › query', ['source', 'table'], 'source: query', 'table', {
      ...{ id, whole: true, shown: `table ${table.value}${where === null ? '' : ` where ${where.value}`}` },
    }),
    make('a source › table', ['source', 'table'], 'source: table', table.value, { id: [...id, 'table'] }),
    make('a source › where', ['source', 'where'], 'source: where', condition, { id: [...id, 'where'] }),
  ];
}
