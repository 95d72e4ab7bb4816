import type { CompiledMapping } from '../../contract/compiled.js';
import { referencesOf, referredTo } from '../../contract/references.js';
import type { ReferenceCount } from '../../contract/result.js';
import type { RunMarks } from '../../contract/watermark.js';
import type { Session } from '../../contract/session.js';
import { pastSteps, rejectedSince, type PastStep } from '../../state/history.js';
import { deltaCondition, readFrom } from './delta-sql.js';

/** Rejects whose keys are asked for one by one; beyond, everything is read. */
const REJECTS = 10_000;

/** What a run reads of a mapping, and why. */
export type Reading =
  | {
      readonly kind: 'full';
      readonly reason: string;
      /** Nothing was there to go on from. */ readonly first: boolean;
    }
  | {
      readonly kind: 'delta';
      /** ISO 8601 in UTC. */
      readonly from: string;
      /** The condition on `q`. */
      readonly only: string;
      readonly rejects: number;
      /** The run that succeeded last. */
      readonly base: PastStep;
      /** The mapping's rows in the target, by what runs have said; null where that is not known. */
      readonly rows: number | null;
      /** Rows whose reference was missing and that are loaded all the same, by column. */
      readonly without: ReadonlyMap<string, number>;
      /** Rows that refer to one of a mapping, by column and mapping: see {@link ledTo}. */
      readonly led: ReadonlyMap<string, number>;
    };

export interface ReadingFacts {
  readonly session: Session;
  /** The state schema, quoted. */
  readonly schema: string;
  readonly hashes: RunMarks['hashes'];
  readonly fresh: boolean;
}

const full = (reason: string, first = false): Reading => ({ kind: 'full', reason, first });

/**
 * Whether a run of the mapping reads what changed since the last one that succeeded, or everything. What shows only
 * when the run is under way (look-ups, the rows of other mappings, the target's own) is `whyFull`'s.
 */
export async function decideReading(compiled: CompiledMapping, facts: ReadingFacts): Promise<Reading> {
  const { changedAt, mapping, project } = compiled;
  const { session, schema, fresh } = facts;
  if (changedAt === null) return full('there is no changed_at', true);
  if (mapping.target.mode.value === 'replace') return full('mode: replace makes every row anew', true);
  if (fresh) return full('--fresh');
  const of = { project, mapping: mapping.name, connection: mapping.source.connection.value };
  const past = await pastSteps(session, schema, of);
  const at = past.findIndex(isBase);
  const base = past[at];
  if (base === undefined) return full('no run has loaded it yet', true);
  const reason = unlike(compiled, facts, past, at) ?? needsAll(compiled);
  if (reason !== null) return full(reason);
  if (base.watermark === null) return full(`the time of run ${base.run} is not known`);
  const since = { ...of, epoch: base.epoch, parts: compiled.key.length };
  const open = await rejectedSince(session, schema, since, REJECTS);
  if (open.keys.length > REJECTS) return full(`more than ${REJECTS.toLocaleString('en')} rejects are open`);
  const from = readFrom(base.watermark, changedAt);
  const standing = past.slice(0, wholeAt(past, at) + 1).filter(isStanding);
  const newer = past.slice(0, at).filter(isStanding);
  return {
    kind: 'delta',
    from,
    only: deltaCondition(compiled, changedAt, from, open),
    rejects: open.keys.length,
    base,
    rows:
      base.targetRows === null ? null : newer.reduce((sum, { inserted }) => sum + inserted, base.targetRows),
    without: summed(
      standing,
      ({ column }) => column,
      ({ missing, defaulted }) => missing + defaulted,
    ),
    led: summed(
      standing,
      ({ column, mapping: to }) => ledTo(column, to),
      ({ resolved }) => resolved,
    ),
  };
}

/** Why there is something to load of a mapping, by what runs have left; null where they leave nothing. */
export async function whyLoad(compiled: CompiledMapping, facts: ReadingFacts): Promise<string | null> {
  const { mapping, project } = compiled;
  const of = { project, mapping: mapping.name, connection: mapping.source.connection.value };
  const past = await pastSteps(facts.session, facts.schema, of);
  const at = past.findIndex(isBase);
  if (past[at] === undefined) return 'no run has loaded it yet';
  const broken = past.slice(0, at).find((step) => isStanding(step) && step.status !== 'succeeded');
  if (broken !== undefined) return `run ${broken.run} did not load it to its end`;
  return unlike(compiled, facts, past, at);
}

const isStanding = ({ runStatus }: PastStep): boolean => runStatus !== 'rolled_back';

/** A run that came to its end, whose mapping was loaded whole and checked. */
const isBase = (step: PastStep): boolean =>
  step.kind === 'run' && step.status === 'succeeded' && isStanding(step) && step.runStatus !== 'abandoned';

/** Why what the runs have left since the last whole one is not what this mapping would have made; null where it is. */
function unlike(
  compiled: CompiledMapping,
  { hashes }: ReadingFacts,
  past: readonly PastStep[],
  at: number,
): string | null {
  const { name: own } = compiled.mapping;
  const names = [own, ...referredTo(compiled.mapping)];
  const same = (step: PastStep, name: string): boolean => {
    const part = name === own ? 'rows' : 'identity';
    return step.hashes?.[name] !== undefined && step.hashes[name][part] === hashes[name]?.[part];
  };
  for (const [n, step] of past.slice(0, at + 1).entries()) {
    if (!isStanding(step)) continue;
    const other = names.find((name) => !same(step, name));
    if (other !== undefined) {
      const what = other === own ? 'the mapping or one of its tables' : `the mapping ${other}`;
      return `${what} has changed since run ${step.run}`;
    }
    if (n < at && step.readFrom === null && step.status !== 'succeeded') {
      return `run ${step.run} read everything and did not come to its end`;
    }
  }
  const undone = past.slice(at, wholeAt(past, at) + 1).find((step) => !isStanding(step));
  return undone === undefined ? null : `run ${undone.run} was rolled back`;
}

/** Where the last run before `at` stands, itself included, that read everything. */
function wholeAt(past: readonly PastStep[], at: number): number {
  const found = past.findIndex((step, n) => n >= at && isBase(step) && step.readFrom === null);
  return found < 0 ? past.length - 1 : found;
}

/** The name of a column's references to one mapping. */
export const ledTo = (column: string, mapping: string): string => JSON.stringify([column, mapping]);

/** What runs have counted of their references. */
function summed(
  steps: readonly PastStep[],
  name: (count: ReferenceCount) => string,
  what: (count: ReferenceCount) => number,
): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const count of steps.flatMap(({ references }) => references)) {
    sums.set(name(count), (sums.get(name(count)) ?? 0) + what(count));
  }
  return sums;
}

/** Why no run of the mapping can do with what changed in its own source; null where it can. */
function needsAll(compiled: CompiledMapping): string | null {
  const chained = referencesOf(compiled).find(({ parent }) => parent.by !== null)?.parent;
  if (chained !== undefined) {
    return `a reference goes by "${chained.by?.value ?? ''}" of ${chained.mapping.value}, which may change without a change here`;
  }
  const unique = compiled.rules.some(({ test }) => test.kind === 'unique');
  return unique ? 'the rule "unique" compares all rows' : null;
}

/** A delta or a full run in a sentence, for `plan --explain` and notices. */
export function readingWords(reading: Reading): string {
  if (reading.kind === 'full') return `reads everything: ${reading.reason}`;
  const { rejects, from, base } = reading;
  const open = rejects === 0 ? '' : `, and ${String(rejects)} rejected before`;
  return `reads what changed since ${from} (run ${base.run})${open}`;
}
