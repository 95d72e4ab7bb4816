import type { ColumnSpec, Origin } from '../contract/mapping.js';
import type { Position } from '../contract/problem.js';
import type { Build, NamedLookups } from './build.js';
import { checkName } from './names.js';
import { errorAt, located } from './report.js';
import { normaliseResolver } from './resolvers.js';
import type { RawColumn, RawColumns } from './spec/column.js';
import { toOrigin } from './spec/origin.js';
import type { Entry } from './tree.js';

/** `columns:` of a mapping. */
export interface Columns {
  readonly columns: readonly ColumnSpec[];
  /** The names of all listed columns, those that could not be read included. */
  readonly listed: ReadonlySet<string>;
  readonly sameName: Position | null;
}

export function normaliseColumns(raw: RawColumns, lookups: NamedLookups, build: Build): Columns {
  const star = raw.find(({ entry }) => entry.key === '*');
  if (star !== undefined) checkStar(star.entry, build);
  const named = raw.filter((each) => each !== star);
  for (const { entry } of named) checkName({ value: entry.key, at: entry.keyAt }, build.report);
  return {
    columns: named.flatMap(({ entry, value }) => {
      const column = located(entry.key, entry.keyAt);
      if (value === undefined) return [];
      if (value.kind === 'bare') {
        return [{ column, origin: value.origin, steps: [], resolver: null, default: null }];
      }
      const spec = normaliseColumn(value, lookups, build);
      return spec === null ? [] : [{ column, ...spec }];
    }),
    listed: new Set(named.map(({ entry }) => entry.key)),
    sameName: star?.entry.keyAt ?? null,
  };
}

function checkStar({ value }: Entry, { report }: Build): void {
  if (value.kind === 'scalar' && value.scalar.text === 'same_name') return;
  const message = '"*" can only be same_name: every column not listed that has a source column of its name';
  report(errorAt('ETL-LANG-012', value.at, message, { help: 'write "*": same_name' }));
}

function normaliseColumn(
  raw: RawColumn,
  lookups: NamedLookups,
  build: Build,
): Omit<ColumnSpec, 'column'> | null {
  const { values } = raw;
  const resolver = normaliseResolver(raw, lookups, build);
  const origin = toOrigin(raw);
  if (origin === undefined) return null;
  checkSeveral(origin, raw, build);
  return { origin, steps: values.steps?.items ?? [], resolver, default: values.default ?? null };
}

/** Several source columns become one value in a step made for several, or are a composite reference. */
function checkSeveral(origin: Origin, raw: RawColumn, { steps, unrun, report }: Build): void {
  if (origin.kind !== 'source' || origin.columns.length < 2 || unrun !== null) return;
  const unread = raw.keyAt.has('steps') && raw.values.steps?.complete !== true;
  const first = raw.values.steps?.items[0];
  const joined = first !== undefined && steps.get(first.name)?.kind === 'several';
  if (unread || joined || raw.keyAt.has('references')) return;
  const message = 'several source columns, but nothing makes one value of them';
  const help = 'begin the steps with one that takes several: steps: [{ join: " " }] or steps: [coalesce]';
  report(errorAt('ETL-LANG-014', origin.at, message, { help }));
}
