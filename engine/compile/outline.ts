import type {
  ColumnLineage,
  GraphEdge,
  GraphNode,
  OutsideTable,
  ProjectGraph,
  SourceReading,
} from '../contract/graph.js';
import type { ColumnSpec, Mapping, Origin, Project, Resolver } from '../contract/mapping.js';
import { openCycles } from '../graph/open.js';
import { dependenciesOf } from './project.js';

/** Of those who want the graph alone. */
const UNREAD: SourceReading = { behind: () => null, takes: () => [], tables: () => [] };

/**
 * A project's graph as its files tell it: no catalogue says which columns can be null, so a circle is shown as opened
 * where a run would, if all of them may be.
 * @param selected what was asked for; drawn with what it needs and what needs it at once
 * @param reading what the sources' SQL tells
 */
export function outline(
  { mappings, phases }: Project,
  selected: ReadonlySet<string>,
  reading: SourceReading = UNREAD,
): ProjectGraph {
  const all = mappings.flatMap((mapping) => dependenciesOf(mapping, new Map(), mappings));
  const { opened } = openCycles(mappings.map(({ name }) => name), all); // prettier-ignore
  const edges = all.map((one): GraphEdge => {
    const { from, to, column, at } = one;
    const named = mappings.find(({ name }) => name === from)?.dependsOn.some((other) => other.at === at);
    const kind = column !== null ? 'reference' : named === true ? 'depends_on' : 'lookup';
    return { from, to, kind, column, second_pass: opened.includes(one), file: at.file, line: at.line };
  });
  const near = edges.filter(({ from, to }) => selected.has(from) || selected.has(to));
  const shown = new Set([...selected, ...near.flatMap(({ from, to }) => [from, to])]);
  const place = ({ phase }: Mapping): number => phases.indexOf(phase ?? '');
  const drawn = mappings.filter(({ name }) => shown.has(name)).sort((a, b) => place(a) - place(b));
  return {
    mappings: drawn.map((mapping) => nodeOf(mapping, selected.has(mapping.name))),
    edges: near,
    outside: drawn.flatMap((mapping) => outsideOf(mapping, mappings, reading)),
    lineage: drawn.filter(({ name }) => selected.has(name)).flatMap((mapping) => lineageOf(mapping, reading)),
  };
}

/** Tables of look-ups but those that the project itself loads: these are edges. */
const outsideOf = (
  mapping: Mapping,
  all: readonly Mapping[],
  reading: SourceReading,
): readonly OutsideTable[] =>
  mapping.columns.flatMap(({ column, resolver }): readonly OutsideTable[] => {
    if (resolver?.kind !== 'lookup') return [];
    const { from } = resolver.lookup;
    if (from.kind !== 'table' && from.kind !== 'query') return [];
    const connection = from.connection.value;
    const isLoaded = (table: string): boolean =>
      connection === 'target' && all.some(({ target }) => isSame(target.table.value, table, from.kind));
    const read = from.kind === 'table' ? [from.table.value] : reading.tables(from.sql.value);
    const { file, line } = resolver.at;
    return read
      .filter((table) => !isLoaded(table))
      .map((table) => ({ connection, table, mapping: mapping.name, column: column.value, file, line }));
  });

/** A query may name a table with its schema where the mapping does not, and the other way round. */
function isSame(loaded: string, read: string, kind: 'table' | 'query'): boolean {
  if (loaded === read || kind === 'table') return loaded === read;
  const [a, b] = [loaded.split('.'), read.split('.')];
  return a.at(-1) === b.at(-1) && (a.length === 1 || b.length === 1);
}

function nodeOf(
  { name, description, phase, tags, source, target, at }: Mapping,
  selected: boolean,
): GraphNode {
  const from = source.from.kind === 'table' ? source.from.table.value : 'query';
  return {
    ...{ mapping: name, description, phase, tags, selected },
    ...{ source: from, target: target.table.value, file: at.file, line: at.line },
  };
}

const lineageOf = (mapping: Mapping, reading: SourceReading): readonly ColumnLineage[] =>
  mapping.columns.map(({ column, origin, steps, resolver, default: fallback }: ColumnSpec) => ({
    mapping: mapping.name,
    column: column.value,
    ...sourcesOf(origin),
    ...baseOf(mapping, sourcesOf(origin), reading),
    steps: steps.map(({ name }) => name),
    resolvers: resolverNames(resolver),
    has_default: fallback !== null,
    line: column.at.line,
  }));

export type Sources = Pick<ColumnLineage, 'from' | 'sql' | 'made'>;

/** The columns of tables that a value begins with. */
function baseOf(
  { name }: Mapping,
  { from, sql }: Sources,
  { behind, takes }: SourceReading,
): Pick<ColumnLineage, 'base' | 'computed'> {
  const named = from.filter((column) => column !== '*');
  const found = [...named, ...sql.flatMap(takes)].flatMap((column) => behind(name, column) ?? []);
  const base = [...new Set(found.flatMap(({ columns }) => columns))];
  return { base, computed: sql.length > 0 || found.some(({ direct }) => !direct) };
}

/** What a value begins with. */
export function sourcesOf(origin: Origin): Sources {
  const none: Sources = { from: [], sql: [], made: [] };
  switch (origin.kind) {
    case 'source':
      return { ...none, from: origin.columns.map(({ value }) => value) };
    case 'sql':
      return { ...none, sql: [origin.sql.value] };
    case 'value':
      return { ...none, made: ['value'] };
    case 'object':
      return together(origin.entries.map((entry) => entry.origin));
    case 'array':
      return together(origin.items);
    case 'generate':
      return { ...none, made: [`generate: ${origin.what}`] };
    case 'run':
      return { ...none, made: [`run: ${origin.what}`] };
    case 'row':
      return origin.what === 'row' ? { ...none, from: ['*'] } : { ...none, made: ['source: key'] };
  }
}

function together(origins: readonly Origin[]): Sources {
  const all = origins.map(sourcesOf);
  const once = (lists: readonly (readonly string[])[]): readonly string[] => [...new Set(lists.flat())];
  return {
    from: once(all.map(({ from }) => from)),
    sql: once(all.map(({ sql }) => sql)),
    made: once(all.map(({ made }) => made)),
  };
}

function resolverNames(resolver: Resolver | null): readonly string[] {
  if (resolver === null) return [];
  if (resolver.kind === 'map') return ['map'];
  if (resolver.kind === 'lookup') return [`lookup ${resolver.lookup.name ?? ''}`.trim()];
  return resolver.parents.map(({ mapping }) => `references ${mapping.value}`);
}
