import type { Mapping } from '../../contract/mapping.js';
import type { Position } from '../../contract/problem.js';
import type { Facet, FacetValue } from '../facet.js';
import type { Make } from './make.js';

/** What a mapping says of its target, the defaults of etl.yaml among it. */
export function targetFacets({ target, at, file }: Mapping, make: Make): readonly Facet[] {
  const own = (name: string, value: FacetValue, more?: Partial<Facet>): Facet =>
    make(`a target › ${name}`, ['target', name], `target: ${name}`, value, more);
  /** A setting that may come from `defaults` of etl.yaml: then its place is there. */
  const setting = (name: string, value: string, from: Position): Facet =>
    own(name, value, { near: from.file === file ? at : from, orElse: ['defaults', name] });
  const { identity } = target;
  return [
    own('connection', target.connection.value),
    own('table', target.table.value),
    own(
      'key',
      target.key.map(({ value }) => value),
    ),
    own('identity', identity === null ? null : 'one', { whole: true, shown: identity?.column.value ?? '' }),
    ...(identity === null
      ? []
      : [
          make(
            'an identity › column',
            ['target', 'identity', 'column'],
            'target: identity',
            identity.column.value,
          ),
          make(
            'an identity › strategy',
            ['target', 'identity', 'strategy'],
            'target: identity: strategy',
            identity.strategy?.value ?? null,
          ),
        ]),
    own('mode', target.mode.value),
    own('merge', target.merge !== null),
    setting('constraints', target.constraints.value, target.constraints.at),
    setting('triggers', target.triggers.value, target.triggers.at),
  ];
}
