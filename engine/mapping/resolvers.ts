import type { Lookup, Resolver } from '../contract/mapping.js';
import type { Located } from '../contract/problem.js';
import { suggest } from '../contract/suggest.js';
import type { Build, NamedLookups } from './build.js';
import { normaliseLookup } from './lookups.js';
import { didYouMean, errorAt } from './report.js';
import type { RawColumn } from './spec/column.js';

/** The one resolver of a column, or null: none stands there, or it could not be read. */
export function normaliseResolver(raw: RawColumn, lookups: NamedLookups, build: Build): Resolver | null {
  const { values, keyAt, owner } = raw;
  // A default is for what is not there: only an explicit `missing` says otherwise.
  const missing = values.missing?.value ?? (values.default === undefined ? 'reject' : 'null');
  if (values.map !== undefined) {
    const unmapped = normaliseUnmapped(values.unmapped);
    return { kind: 'map', entries: values.map, unmapped, at: keyAt.get('map') ?? owner };
  }
  if (values.lookup !== undefined) {
    const at = keyAt.get('lookup') ?? owner;
    const lookup =
      'keyAt' in values.lookup
        ? normaliseLookup(values.lookup, null, at, build)
        : namedLookup(values.lookup, lookups, build);
    return lookup === null ? null : { kind: 'lookup', lookup, missing, at };
  }
  if (values.references === undefined) return null;
  return { kind: 'references', ...values.references, missing, at: keyAt.get('references') ?? owner };
}

function normaliseUnmapped(
  raw: RawColumn['values']['unmapped'],
): Extract<Resolver, { kind: 'map' }>['unmapped'] {
  if (raw === undefined) return { kind: 'reject' };
  if (!('keyAt' in raw)) return { kind: raw.value };
  const { value } = raw.values;
  return value === undefined ? { kind: 'reject' } : { kind: 'value', value: value.value };
}

function namedLookup(
  { value, at }: Located<string>,
  lookups: NamedLookups,
  { report }: Build,
): Lookup | null {
  const lookup = lookups.byName.get(value);
  if (lookup !== undefined) return lookup;
  if (!lookups.complete) return null;
  const known = [...lookups.byName.keys()];
  const help = didYouMean(suggest(value, known), known) ?? 'define it under lookups';
  report(
    errorAt('ETL-REF-002', at, `unknown look-up "${value}"`, { label: 'no look-up has this name', help }),
  );
  return null;
}
