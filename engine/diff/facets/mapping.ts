import type { Mapping } from '../../contract/mapping.js';
import type { Facet, FacetValue } from '../facet.js';
import type { SideInput } from '../side.js';
import { columnFacets } from './column.js';
import { hookFacets, thresholdText, type Make } from './make.js';
import { sourceFacets } from './source.js';
import { targetFacets } from './target.js';

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
