import type { CompiledMapping } from '../../contract/compiled.js';
import type { RuleDefinition } from '../../contract/rule.js';
import type { StepDefinition } from '../../contract/step.js';
import { canonicalKey, type KeyMap } from '../../resolve/key-map.js';
import type { RejectedKeys } from '../../resolve/rejected-keys.js';
import type { ValueMap } from '../../resolve/value-map.js';
import { columnWriter } from './column.js';
import type { ColumnWriter, ProgramParts, WantedKey } from './parts.js';
import { watched, type Observer } from './observer.js';
import { fieldValue, fieldsOf, keyJson, rowJson, type RunFacts } from './origin.js';
import type { Output } from './output.js';
import type { Refusal } from './refusal.js';
import type { Row } from './row.js';
import { ruleRunner } from './rules.js';
import { OUTCOME } from './resolver.js';
import { outcomeSlots, type OutcomeSlot } from './slots.js';
import { uniqueTests, type UniqueTest } from './uniques.js';

export interface ProgramInputs {
  readonly steps: ReadonlyMap<string, StepDefinition>;
  readonly rules: ReadonlyMap<string, RuleDefinition>;
  readonly facts: RunFacts;
  readonly lookups: ReadonlyMap<string, ValueMap>;
  readonly keyMaps: ReadonlyMap<string, readonly KeyMap[]>;
  readonly rejected: ReadonlyMap<string, RejectedKeys>;
  /** Told of each value; left out in a run. */
  readonly observer?: Observer;
}

/**
 * One mapping as one function from a source row to a line of COPY: a composition of closures, one a column;
 * measured as fast as generated code, and nothing can be injected into it.
 */
export interface RowProgram {
  /** The number, from 1, of the `skip_when` condition that holds; 0 for none. */
  skipped(row: Row): number;
  /** Whether no part of the source key is null. */
  hasKey(row: Row): boolean;
  /** The canonical source key, or null where a part of it is null. */
  key(row: Row): string | null;
  /** The key as it is shown and kept: its text, or a JSON array of several. */
  keyText(row: Row): string;
  /** The row as JSON, sensitive values masked. */
  json(row: Row): string;
  /**
   * Writes the row's line, `row.id` and `row.key` being set. Where it is refused the caller cuts `out` back.
   * @param warn is told of rules of severity `warn`
   */
  write(row: Row, out: Output, warn: (refusal: Refusal) => void): Refusal | null;
  /** The made text of a column of the last row written (for handles); null for null. */
  value(row: Row, column: number): string | null;
  /** What became of the last row's references: see OUTCOME. */
  readonly outcomes: Uint8Array;
  /** What each of `outcomes` is about. */
  readonly references: readonly OutcomeSlot[];
  /** The last row's references that a second pass must complete: column → see `waitingKey`. */
  readonly pending: ReadonlyMap<string, string>;
  /** The rules that no row decides alone. */
  readonly uniques: readonly UniqueTest[];
  /** What must be fetched before a row is written; empty where all keys are in memory. */
  readonly wanted: readonly WantedKey[];
}

/** The target columns that are made of sensitive source columns. */
export function sensitiveColumns({ columns, fields }: CompiledMapping): ReadonlySet<string> {
  const isSensitive = (field: number): boolean => fields[field]?.sensitive === true;
  const made = columns.filter(({ make }) => {
    if (make.kind === 'identity') return false;
    return make.kind === 'bytes' ? isSensitive(make.field) : fieldsOf(make.origin).some(isSensitive);
  });
  return new Set(made.map(({ column }) => column.name));
}

/** Composes the row program of a compiled mapping. */
export function rowProgram(compiled: CompiledMapping, inputs: ProgramInputs): RowProgram {
  const { fields, key, columns, skip } = compiled;
  const references = outcomeSlots(compiled);
  const outcomes = new Uint8Array(references.length);
  const pending = new Map<string, string>();
  const values = columns.map((): string | null => null);
  const wanted: WantedKey[] = [];
  const valued = new Set([
    ...compiled.handle,
    ...(compiled.sharedWith.some(({ merges }) => merges) ? compiled.targetKey : []),
    ...compiled.rules.flatMap(({ test }) => (test.kind === 'sql' ? [] : test.columns)),
  ]);
  const plain = fields.map((_, field) => fieldValue(fields, field));
  const value = (row: Row, index: number): string | null => {
    const make = columns[index]?.make;
    if (make?.kind === 'identity') return row.id;
    return make?.kind === 'bytes' ? (plain[make.field]?.(row) ?? null) : (values[index] ?? null);
  };
  const ownHandle: ProgramParts['ownHandle'] = (column) => {
    const [handle = -1, second] = compiled.handle;
    const known = handle < column || columns[handle]?.make.kind !== 'value';
    return handle >= 0 && second === undefined && known ? (row) => value(row, handle) : null;
  };
  const observer = inputs.observer ?? null;
  const parts: ProgramParts = {
    compiled, ...inputs, slots: references, outcomes, pending, values, valued, wanted, ownHandle, observer,
  }; // prettier-ignore
  const outcomeOf = (name: string): number =>
    Math.max(...references.map(({ column }, n) => (column === name ? (outcomes[n] ?? 0) : OUTCOME.none)), 0);
  const writers: readonly ColumnWriter[] = columns.map(({ column: { name } }, index) =>
    watched(observer, columnWriter(parts, index), (o, refusal, row) => {
      const made = refusal === null ? value(row, index) : null;
      const waiting = pending.get(name) ?? null;
      o.written(index, { value: made, refusal, outcome: outcomeOf(name), waiting });
    }),
  );
  const sensitive = sensitiveColumns(compiled);
  const rules = ruleRunner(compiled, inputs.rules, value, sensitive, observer);
  const mask = (refusal: Refusal): Refusal =>
    refusal.column !== null && sensitive.has(refusal.column) ? refusal.masked() : refusal;
  const keyTypes = key.map((field) => fields[field]?.type.base ?? 'text');
  const [only] = key;

  const write: RowProgram['write'] = (row, out, warn) => {
    if (pending.size > 0) pending.clear();
    for (let i = 0; i < outcomes.length; i++) outcomes[i] = OUTCOME.none;
    for (let i = 0; i < writers.length; i++) {
      if (i > 0) out.tab();
      const refusal = writers[i]?.(row, out) ?? null;
      if (refusal === null) continue;
      if (observer !== null) for (const left of writers.slice(i + 1)) left(row, out);
      return mask(refusal);
    }
    const refusal = rules(row, (warning) => {
      warn(mask(warning));
    });
    if (refusal !== null) return mask(refusal);
    out.newline();
    return null;
  };

  return {
    references,
    outcomes,
    pending,
    wanted,
    uniques: uniqueTests(compiled, inputs.rules, value, sensitive),
    value,
    skipped: (row) => (skip === null || row.isNull(skip.field) ? 0 : row.integer(skip.field)),
    hasKey: (row) => !key.some((field) => row.isNull(field)),
    key: (row) => {
      if (key.length === 1 && only !== undefined) {
        const text = row.ownText(only);
        return text === null ? null : keyTypes[0] === 'integer' ? text : canonicalKey([text], keyTypes);
      }
      const texts = key.map((field) => row.text(field));
      const present = texts.filter((text) => text !== null);
      return present.length < texts.length ? null : canonicalKey(present, keyTypes);
    },
    keyText: (row) =>
      key.length === 1 && only !== undefined ? (row.text(only) ?? 'null') : keyJson(row, key),
    json: (row) => rowJson(row, fields),
    write:
      observer === null
        ? write
        : (row, out, warn) => {
            observer.row(row);
            return write(row, out, warn);
          },
  };
}
