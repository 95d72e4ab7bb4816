import type { CompiledColumn, CompiledMapping } from '../contract/compiled.js';
import type { Position } from '../contract/problem.js';
import type { Place, Refused, Stage, TracedColumn, TracedRule, AskedParent } from '../contract/trace.js';
import { sourcesOf } from '../compile/outline.js';
import { sensitiveColumns } from '../compile/program/program.js';
import { Refusal } from '../compile/program/refusal.js';
import { OUTCOME } from '../compile/program/resolver.js';
import type { HeardColumn, HeardRow } from './recorder.js';

export const placeOf = ({ file, line }: Position): Place => ({ file, line });

/** A refusal as a trace tells it. */
export const refusedOf = ({ column, rule, reason, value, at }: Omit<Refusal, 'masked'>): Refused => ({
  ...{ column, rule, sqlstate: null, reason, value, at: placeOf(at) },
});

/** What a trace knows of the rows that a reference names. */
export interface Parents {
  /** What became of the row that was asked for, and why it is missing. */
  readonly stateOf: (
    asked: HeardColumn['asked'][number],
    isLate: boolean,
  ) => Pick<AskedParent, 'state' | 'chain'>;
  /** Why the value that a row gives is not known yet; null where it is. */
  readonly unknown: (asked: HeardColumn['asked'][number], yields: string | null) => string | null;
  /** What a second pass finds for a column that waits, by the column's name. */
  readonly late: ReadonlyMap<string, readonly HeardColumn['asked'][number][]>;
}

const OUTCOMES: Readonly<Record<number, Extract<Stage, { kind: 'reference' }>['outcome']>> = {
  [OUTCOME.resolved]: 'resolved',
  [OUTCOME.null]: 'null',
  [OUTCOME.defaulted]: 'defaulted',
  [OUTCOME.missing]: 'missing',
  [OUTCOME.pending]: 'second pass',
};

/** How each column of a row comes about. */
export function tracedColumns(
  compiled: CompiledMapping,
  heard: HeardRow,
  parents: Parents,
  ownId: string | null,
): readonly TracedColumn[] {
  const hidden = sensitiveColumns(compiled);
  return compiled.columns.map((column, index) => {
    const { name, type } = column.column;
    const isHidden = hidden.has(name);
    const mask = (text: string | null): string | null => (isHidden && text !== null ? '***' : text);
    const told = heard.columns.get(index);
    const stages = told === undefined ? [] : stagesOf(column, told, parents, mask);
    const refusal = told?.written?.refusal ?? null;
    const given = told === undefined ? null : givenBy(column, told, parents);
    const isOwn = column.make.kind === 'identity' || compiled.identity?.index === index;
    const value = given === null ? (told?.written?.value ?? null) : given.value;
    const unknown = given?.unknown ?? (isOwn && value !== null ? ownId : null);
    return {
      column: name,
      type: type.display,
      at: placeOf(column.at),
      sensitive: isHidden,
      origin: { from: originOf(compiled, column), values: (told?.origin ?? []).map(mask) },
      stages,
      value: unknown === null ? mask(value) : null,
      unknown: unknown ?? (column.volatile && value !== null ? 'differs from run to run' : null),
      refused: refusal === null ? null : refusedOf(isHidden ? refusal.masked() : refusal),
    };
  });
}

/** What a column begins with, in words of the mapping. */
function originOf({ fields, mapping }: CompiledMapping, { make, column }: CompiledColumn): readonly string[] {
  if (make.kind === 'identity') return [`identity: ${make.strategy}`];
  if (make.kind === 'bytes') {
    const spec = mapping.columns.find((one) => one.column.value === column.name);
    if (spec?.origin.kind === 'sql') return [`sql: ${spec.origin.sql.value.trim()}`];
    return [fields[make.field]?.name ?? ''];
  }
  const { from, sql, made } = sourcesOf(make.spec.origin);
  return [...from, ...sql.map((text) => `sql: ${text.trim()}`), ...made];
}

/** What a reference gives in the end, where a second pass or the database decides it. */
function givenBy(
  { make, column }: CompiledColumn,
  { asked, written }: HeardColumn,
  { late, unknown }: Parents,
): { readonly value: string | null; readonly unknown: string | null } | null {
  if (make.kind !== 'value' || make.reference === null || written === null) return null;
  const ways = written.outcome === OUTCOME.pending ? (late.get(column.name) ?? []) : asked;
  const found = ways.find((way) => way.found !== undefined);
  if (found === undefined) {
    const fallback = make.spec.default?.value;
    const standIn = fallback === undefined || fallback.type === 'null' ? null : fallback.text;
    return written.outcome === OUTCOME.pending ? { value: standIn, unknown: null } : null;
  }
  const yields = make.reference.parents[found.place]?.yields ?? null;
  return { value: found.found ?? null, unknown: unknown(found, yields) };
}

function stagesOf(
  { make }: CompiledColumn,
  heard: HeardColumn,
  parents: Parents,
  mask: (text: string | null) => string | null,
): readonly Stage[] {
  if (make.kind !== 'value') return [];
  const { resolver, default: fallback } = make.spec;
  const valueOf = (result: string | null | Refusal): string | null =>
    result instanceof Refusal ? null : mask(result);
  const stages = heard.steps.map(({ use, result }): Stage => ({
    kind: 'step',
    name: use.name,
    argument: use.argument,
    value: valueOf(result),
    at: placeOf(use.at),
  }));
  if (heard.resolved !== null && resolver !== null && resolver.kind !== 'references') {
    const { hasEntry, result } = heard.resolved;
    const name = resolver.kind === 'lookup' ? resolver.lookup.name : null;
    stages.push({
      kind: resolver.kind,
      name,
      entry: hasEntry,
      value: valueOf(result),
      at: placeOf(resolver.at),
    });
  }
  const outcome = OUTCOMES[heard.written?.outcome ?? OUTCOME.none];
  if (resolver?.kind === 'references' && outcome !== undefined) {
    stages.push(referenceStage(outcome, heard, placeOf(resolver.at), parents, mask));
  }
  if (heard.defaulted && fallback !== null) {
    const { type, text } = fallback.value;
    stages.push({ kind: 'default', value: type === 'null' ? null : mask(text), at: placeOf(fallback.at) });
  }
  return stages;
}

function referenceStage(
  outcome: Extract<Stage, { kind: 'reference' }>['outcome'],
  heard: HeardColumn,
  at: Place,
  parents: Parents,
  mask: (text: string | null) => string | null,
): Stage {
  const isLate = outcome === 'second pass';
  const ways = isLate ? lateWays(heard, parents) : heard.asked;
  const asked = ways.map((way): AskedParent => ({
    mapping: way.parent.mapping.value,
    by: way.parent.by?.value ?? null,
    key: mask(way.key) ?? '',
    found: way.found !== undefined,
    ...parents.stateOf(way, isLate),
  }));
  const found = ways.find((way) => way.found !== undefined);
  return { kind: 'reference', outcome, asked, value: mask(found?.found ?? null), at };
}

/** What a second pass asks: the column is told by the line that its parents stand in. */
function lateWays({ asked }: HeardColumn, { late }: Parents): readonly HeardColumn['asked'][number][] {
  const all = [...late.values()].flat();
  const own = asked.map(({ parent }) => parent);
  const found = all.filter(({ parent }) => own.includes(parent));
  return found.length === 0 ? asked : found;
}

/** The verdict of each rule; of one over all rows what became of the row says it. */
export function tracedRules(
  compiled: CompiledMapping,
  heard: HeardRow | undefined,
  refused: Pick<Refused, 'rule' | 'reason'> | null,
  warned: readonly Pick<Refused, 'rule' | 'reason'>[],
): readonly TracedRule[] {
  const hidden = sensitiveColumns(compiled);
  const isRefused = [...(heard?.columns.values() ?? [])].some(({ written }) => written?.refusal != null);
  return compiled.rules.map(({ rule, test }) => {
    const head = { rule: rule.name, severity: rule.severity, at: placeOf(rule.at) };
    if (test.kind === 'unique') {
      const against = [...(refused === null ? [] : [refused]), ...warned].find(
        (one) => one.rule === rule.name,
      );
      const wasAsked = heard !== undefined && !isRefused && (refused === null || against !== undefined);
      const verdict = against !== undefined ? 'fails' : wasAsked ? 'holds' : 'not asked';
      return { ...head, verdict, reason: against?.reason ?? null };
    }
    const told = heard?.rules.find((one) => one.rule === rule);
    if (told === undefined) return { ...head, verdict: 'not asked', reason: null };
    const { refusal } = told;
    const shown = refusal?.column != null && hidden.has(refusal.column) ? refusal.masked() : refusal;
    return { ...head, verdict: refusal === null ? 'holds' : 'fails', reason: shown?.reason ?? null };
  });
}
