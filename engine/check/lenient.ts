import type { CompiledColumn, CompiledMapping } from '../contract/compiled.js';
import type { Resolver } from '../contract/mapping.js';
import type { Position } from '../contract/problem.js';

/** A mapping that goes through all of its rows, and the lines that would have ended the run. */
export interface Lenient {
  readonly compiled: CompiledMapping;
  /** {@link placeOf} of each rule, map, look-up and reference that says `fail`. */
  readonly fatal: ReadonlySet<string>;
}

/** A line of a file as a key. */
export const placeOf = ({ file, line }: Pick<Position, 'file' | 'line'>): string => `${file}:${String(line)}`;

function lenientResolver(resolver: Resolver): Resolver {
  if (resolver.kind === 'map') {
    return resolver.unmapped.kind === 'fail' ? { ...resolver, unmapped: { kind: 'reject' } } : resolver;
  }
  return resolver.missing === 'fail' ? { ...resolver, missing: 'reject' } : resolver;
}

/** Rejects where the mapping says `fail`, and stops at no number of rejects: so every row is looked at. */
export function lenient(compiled: CompiledMapping): Lenient {
  const fatal = new Set<string>();
  const columns = compiled.columns.map((column): CompiledColumn => {
    const { make } = column;
    const resolver = make.kind === 'value' ? make.spec.resolver : null;
    if (make.kind !== 'value' || resolver === null) return column;
    const gentle = lenientResolver(resolver);
    if (gentle === resolver) return column;
    fatal.add(placeOf(resolver.at));
    return { ...column, make: { ...make, spec: { ...make.spec, resolver: gentle } } };
  });
  const rules = compiled.rules.map((one) => {
    if (one.rule.severity !== 'fail') return one;
    fatal.add(placeOf(one.rule.at));
    return { ...one, rule: { ...one.rule, severity: 'reject' as const } };
  });
  const stopAt = { unit: 'rows', count: Infinity } as const;
  return { compiled: { ...compiled, columns, rules, mapping: { ...compiled.mapping, stopAt } }, fatal };
}
