import type { Hooks, Mapping } from '../../contract/mapping.js';
import type { Position } from '../../contract/problem.js';
import type { Threshold } from '../../contract/threshold.js';
import { SqlPart, type Facet, type FacetValue, type Path } from '../facet.js';
import type { SideInput } from '../side.js';
import { columnFacets } from './column.js';
import { sourceFacets } from './source.js';
import { targetFacets } from './target.js';

/** Makes facets of one mapping. */
export type Make = (key: string, path: Path, what: string, value: FacetValue, more?: Partial<Facet>) => Facet;

const makerOf =
  (mapping: Mapping): Make =>
  (key, path, what, value, more = {}) => ({
    ...{ id: path.map(String), key, path, what, value, column: null, near: mapping.at },
    ...more,
  });

/** Everything that a mapping says; rules, checks and hooks, which have no names of their own, are paired elsewhere. */
export function mappingFacets(mapping: Mapping, side: SideInput): readonly Facet[] {
  const make = makerOf(mapping);
  const own = (name: string, value: FacetValue, more?: Partial<Facet>): Facet =>
    make(`a mapping › ${name}`, [name], name, value, more);
  return [
    own('description', mapping.description),
    own('phase', mapping.phase),
    own('tags', [...mapping.tags].sort()),
    own('depends_on', mapping.dependsOn.map(({ value }) => value).sort()),
    own('max_rejects', thresholdText(mapping.maxRejects), { orElse: ['defaults', 'max_rejects'] }),
    own('stop_at', thresholdText(mapping.stopAt), { orElse: ['defaults', 'stop_at'] }),
    own('deleted_rows', mapping.deletedRows),
    ...hookFacets(mapping.hooks, ['hooks'], mapping.at),
    ...sourceFacets(mapping, make),
    ...targetFacets(mapping, make),
    ...columnFacets(mapping, make, side),
  ];
}

export function hookFacets(hooks: Hooks, path: Path, near: Position): readonly Facet[] {
  return (['before', 'after'] as const).map((when) => ({
    id: [...path.map(String), when],
    key: `hooks › ${when}`,
    what: `hooks: ${when}`,
    value: hooks[when].map((sql) => SqlPart.of(sql, false)),
    column: null,
    path: [...path, when],
    near,
  }));
}

export const thresholdText = (threshold: Threshold): string =>
  threshold.unit === 'rows' ? String(threshold.count) : `${String(threshold.percent)}%`;
