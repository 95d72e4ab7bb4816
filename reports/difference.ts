import type { MappingResult, RunResult, RunStatus } from '../engine/contract/result.js';
import { causesOf, identityOf, type Cause } from './causes.js';

/** What a rehearsal brought that the one before did not. */
export interface Difference {
  readonly before: { readonly run: string; readonly startedAt: Date; readonly status: RunStatus };
  /** Mappings of either run, in the order of the later one. */
  readonly mappings: readonly MappingDifference[];
  /** Causes of rejects of the later run alone, and of the earlier one alone. */
  readonly appeared: readonly Cause[];
  readonly vanished: readonly Cause[];
  /** Causes of both with another number of rows. */
  readonly changed: readonly { readonly cause: Cause; readonly before: number }[];
}

/** Null on the side of a run that did not have the mapping. */
export interface MappingDifference {
  readonly mapping: string;
  readonly before: Figures | null;
  readonly now: Figures | null;
}

export interface Figures {
  readonly read: number;
  readonly loaded: number;
  readonly skipped: number;
  readonly rejected: number;
  readonly duration_ms: number;
}

/** Compares a run with an earlier one of the same project. */
export function differenceOf(result: RunResult, before: RunResult): Difference {
  const [now, then] = [causesById(result), causesById(before)];
  return {
    before: { run: before.run, startedAt: before.startedAt, status: before.status },
    mappings: mappingDifferences(result, before),
    appeared: [...now].filter(([id]) => !then.has(id)).map(([, cause]) => cause),
    vanished: [...then].filter(([id]) => !now.has(id)).map(([, cause]) => cause),
    changed: [...now].flatMap(([id, cause]) => {
      const old = then.get(id);
      return old === undefined || old.count === cause.count ? [] : [{ cause, before: old.count }];
    }),
  };
}

/** Whether anything but times differs. */
export function isSame({ mappings, appeared, vanished, changed }: Difference): boolean {
  const counts = (figures: Figures | null): string =>
    JSON.stringify(figures === null ? null : { ...figures, duration_ms: 0 });
  return (
    appeared.length + vanished.length + changed.length === 0 &&
    mappings.every(({ before, now }) => counts(before) === counts(now))
  );
}

/** A constraint and its column may stand on two lines of one mapping: one cause here. */
function causesById(result: RunResult): ReadonlyMap<string, Cause> {
  const byId = new Map<string, Cause>();
  for (const cause of causesOf(result)) {
    const id = identityOf(cause);
    const found = byId.get(id);
    byId.set(id, found === undefined ? cause : { ...found, count: found.count + cause.count });
  }
  return byId;
}

function mappingDifferences(result: RunResult, before: RunResult): readonly MappingDifference[] {
  const then = new Map(before.mappings.map((mapping) => [mapping.mapping, mapping]));
  const now = new Set(result.mappings.map(({ mapping }) => mapping));
  const figures = (mapping: MappingResult | undefined): Figures | null =>
    mapping === undefined ? null : figuresOf(mapping);
  return [
    ...result.mappings.map((mapping) => ({
      mapping: mapping.mapping,
      before: figures(then.get(mapping.mapping)),
      now: figuresOf(mapping),
    })),
    ...before.mappings
      .filter(({ mapping }) => !now.has(mapping))
      .map((mapping) => ({ mapping: mapping.mapping, before: figuresOf(mapping), now: null })),
  ];
}

function figuresOf(mapping: MappingResult): Figures {
  const { read, inserted, updated, unchanged, skipped, rejected, duration_ms } = mapping;
  return { read, loaded: inserted + updated + unchanged, skipped, rejected, duration_ms };
}
