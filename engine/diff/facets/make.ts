import type { Hooks } from '../../contract/mapping.js';
import type { Position } from '../../contract/problem.js';
import type { Threshold } from '../../contract/threshold.js';
import { SqlPart, type Facet, type FacetValue, type Path } from '../facet.js';

/** Makes facets of one mapping. */
export type Make = (key: string, path: Path, what: string, value: FacetValue, more?: Partial<Facet>) => Facet;

/** SQL around a load or a run; each list is one facet, for its order counts. */
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
