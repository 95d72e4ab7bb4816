import type { CompiledProject } from '../compile/project.js';
import type { CompiledMapping } from '../contract/compiled.js';
import type { Refused, Verdict } from '../contract/trace.js';
import { placeOf, refusedOf } from './columns.js';
import { decisive, type Fate } from './fates.js';
import type { Made } from './make.js';
import { chainFrom } from './parents.js';
import type { TracedRecord } from './record.js';

/** What a run would do with a record. @param differences columns of the standing row that it would change */
export function verdictOf(
  compiled: CompiledProject,
  made: Made,
  { key, rows }: TracedRecord,
  fates: readonly Fate[],
  differences: number,
): Verdict {
  const fate = decisive(fates);
  if (fate === undefined || rows.length === 0) return { kind: 'absent' };
  if (fate.kind === 'skip') return { kind: 'skip', rule: fate.skipped.rule, at: placeOf(fate.skipped.at) };
  if (fate.kind !== 'reject') {
    const kind = fate.kind === 'update' && differences === 0 ? 'unchanged' : fate.kind;
    const warnings = fate.warnings.map((warning): Refused => ({
      ...refusedOf({ ...warning, severity: 'reject', because: null }),
      sqlstate: null,
    }));
    return { kind, warnings, doubles: fates.length - 1 };
  }
  const { reject } = fate;
  const name = [...made.all.values()].find(({ mapping }) => made.fates.of(mapping.name, key).includes(fate))
    ?.mapping.name;
  const [own, ...chain] = chainFrom(made, { mapping: name ?? '', key });
  const whole = compiled.mappings.find(({ mapping }) => mapping.name === name);
  return {
    kind: 'reject',
    column: reject.column,
    rule: reject.rule,
    sqlstate: reject.sqlstate,
    reason: reject.reason,
    value: reject.value,
    at: placeOf(reject.at),
    chain: own === undefined ? [] : chain,
    stops_run: whole !== undefined && stopsRun(whole, reject.at),
  };
}

/** Whether the mapping says `fail` at the line that refused the row. */
function stopsRun({ rules, columns, mapping }: CompiledMapping, at: Refused['at']): boolean {
  const isHere = (place: Refused['at']): boolean => place.file === at.file && place.line === at.line;
  const fails = columns.flatMap(({ make }) => {
    const resolver = make.kind === 'value' ? make.spec.resolver : null;
    if (resolver === null) return [];
    const word = resolver.kind === 'map' ? resolver.unmapped.kind : resolver.missing;
    return word === 'fail' ? [resolver.at] : [];
  });
  const { duplicates } = mapping.source;
  return (
    fails.some(isHere) ||
    rules.some(({ rule }) => rule.severity === 'fail' && isHere(rule.at)) ||
    (duplicates.kind === 'fail' && isHere(mapping.source.key[0]?.at ?? mapping.source.at))
  );
}
