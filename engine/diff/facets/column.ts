import type { ColumnSpec, Mapping, Origin, Resolver } from '../../contract/mapping.js';
import { jsonValue, scalarText, show, SqlPart, type Facet, type FacetValue, type Path } from '../facet.js';
import type { SideInput } from '../side.js';
import { lookupFacets } from './lookup.js';
import type { Make } from './make.js';
import { comparableKey } from '../../mapping/scalars.js';

/** What a mapping says of its target columns. */
export function columnFacets(mapping: Mapping, make: Make, side: SideInput): readonly Facet[] {
  const star = make(
    'a mapping › columns',
    ['columns', '*'],
    'columns: "*": same_name',
    mapping.sameName !== null,
  );
  return [star, ...mapping.columns.flatMap((spec) => oneColumn(spec, make, side))];
}

function oneColumn(spec: ColumnSpec, makeAny: Make, side: SideInput): readonly Facet[] {
  const column = spec.column.value;
  const path = ['columns', column];
  const make: Make = (key, at, what, value, more = {}) =>
    makeAny(key, at, `column ${column}${what === '' ? '' : `: ${what}`}`, value, { column, ...more });
  const steps: FacetValue = spec.steps.map(({ name, argument, version }) =>
    argument === null && version === undefined
      ? name
      : { [name]: jsonValue(argument), ...(version === undefined ? {} : { code: version.slice(0, 7) }) },
  );
  const fallback = spec.default === null ? null : scalarText(spec.default.value);
  return [
    make('a mapping › columns', path, '', true, { whole: true, shown: describe(spec) }),
    ...originFacets(spec.origin, [...path, 'origin'], path, make, 'a column'),
    make('a column › steps', [...path, 'steps'], 'steps', steps),
    ...resolverFacets(spec.resolver, path, make, side),
    make('a column › default', [...path, 'default'], 'default', fallback),
  ];
}

/** A column in one line, for one that comes or goes. */
function describe({ origin, steps, resolver, default: fallback }: ColumnSpec): string {
  const resolved =
    resolver === null
      ? []
      : resolver.kind === 'references'
        ? [`references ${resolver.parents.map(({ mapping }) => mapping.value).join(', ')}`]
        : [resolver.kind];
  return [
    `${keyOf(origin)}: ${show(originValue(origin))}`,
    ...(steps.length === 0 ? [] : [`steps: ${steps.map(({ name }) => name).join(', ')}`]),
    ...resolved,
    ...(fallback === null ? [] : [`default: ${scalarText(fallback.value)}`]),
  ].join(' · ');
}

/** The key of the language that an origin stands under. */
const keyOf = ({ kind }: Origin): string => (kind === 'source' ? 'from' : kind === 'row' ? 'source' : kind);

function originValue(origin: Origin): FacetValue {
  switch (origin.kind) {
    case 'source':
      return origin.columns.length === 1
        ? (origin.columns[0]?.value ?? '')
        : origin.columns.map(({ value }) => value);
    case 'sql':
      return SqlPart.of(origin.sql, true);
    case 'value':
      return scalarText(origin.value);
    case 'object':
      return Object.fromEntries(origin.entries.map(({ key, origin: one }) => [key, originValue(one)]));
    case 'array':
      return origin.items.map(originValue);
    default:
      return origin.what;
  }
}

/** An origin; of an object each entry for itself. */
function originFacets(origin: Origin, id: Path, path: Path, make: Make, what: string): readonly Facet[] {
  const name = keyOf(origin);
  const key = `${what} › ${name}`;
  const words = id.slice(3).map(String).join('.');
  const shown = `${name}: ${show(originValue(origin))}`;
  const facet = (value: FacetValue, more: Partial<Facet> = {}): Facet =>
    make(key, [...path, name], words === '' ? name : `entry ${words}`, value, {
      ...{ id: id.map(String), shown },
      ...more,
    });
  if (origin.kind === 'object') {
    return [
      facet({ object: true }, { whole: true }),
      ...origin.entries.flatMap((entry) =>
        originFacets(entry.origin, [...id, entry.key], [...path, name, entry.key], make, 'an origin'),
      ),
    ];
  }
  return [facet({ [name]: originValue(origin) }, { whole: true })];
}

function resolverFacets(
  resolver: Resolver | null,
  path: Path,
  make: Make,
  side: SideInput,
): readonly Facet[] {
  const id = [...path.map(String), 'resolver'];
  if (resolver === null) return [];
  const { kind } = resolver;
  const whole = make(`a column › ${kind}`, [...path, kind], kind, kind, {
    ...{ id, whole: true as const, shown: resolverText(resolver) },
  });
  const miss = (name: string, value: FacetValue): Facet =>
    make(`a column › ${name}`, [...path, name], name, value, { id: [...id, name] });
  switch (resolver.kind) {
    case 'map': {
      const { entries, unmapped } = resolver;
      return [
        whole,
        ...entries.map(({ key, value }) =>
          make(
            'a column › map',
            [...path, 'map', key.text],
            `map entry ${scalarText(key)}`,
            scalarText(value),
            {
              id: [...id, 'map', comparableKey(key)],
            },
          ),
        ),
        miss('unmapped', unmapped.kind === 'value' ? { value: scalarText(unmapped.value) } : unmapped.kind),
      ];
    }
    case 'lookup':
      return [
        whole,
        ...lookupFacets(resolver.lookup, { id, path, make, side }),
        miss('missing', resolver.missing),
      ];
    case 'references': {
      const parents: FacetValue = resolver.parents.map(({ mapping, by, yields, when }) => ({
        ...(when === null ? {} : { when: scalarText(when) }),
        mapping: mapping.value,
        ...{ by: by?.value ?? null, yields: yields?.value ?? null },
      }));
      // What a value leads to is told by its case, not by the order of the cases.
      const value = { switch: resolver.switch?.value ?? null, to: sortedCases(parents) };
      return [
        whole,
        make('a column › references', [...path, 'references'], 'references', value, {
          ...{ id: [...id, 'references'], shown: resolverText(resolver) },
        }),
        miss('missing', resolver.missing),
      ];
    }
  }
}

const sortedCases = (parents: readonly FacetValue[]): FacetValue =>
  parents.some((one) => typeof one === 'object' && one !== null && 'when' in one)
    ? [...parents].sort((a, b) => (show(a) < show(b) ? -1 : 1))
    : parents;

function resolverText(resolver: Resolver): string {
  if (resolver.kind === 'map') {
    return `map: { ${resolver.entries.map(({ key, value }) => `${scalarText(key)}: ${scalarText(value)}`).join(', ')} }`;
  }
  if (resolver.kind === 'lookup') return `lookup: ${resolver.lookup.name ?? 'inline'}`;
  const one = resolver.parents.map(({ mapping, by, yields, when }) => {
    const more = [
      by === null ? [] : `by ${by.value}`,
      yields === null ? [] : `yields ${yields.value}`,
    ].flat();
    const name = `${when === null ? '' : `${scalarText(when)}: `}${mapping.value}`;
    return more.length === 0 ? name : `${name} (${more.join(', ')})`;
  });
  const by = resolver.switch === null ? '' : `by ${resolver.switch.value}: `;
  return `references: ${by}${one.join(', ')}`;
}
