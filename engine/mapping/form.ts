import type { Position } from '../contract/problem.js';
import type { SqlText } from '../contract/sql-text.js';
import type { RuleDefinition } from '../contract/rule.js';
import type { StepDefinition } from '../contract/step.js';
import { errorAt } from './report.js';
import type { Report } from './report.js';
import { describeShape } from './shape.js';
import type { Shape, SqlKind } from './shape.js';
import { describeNode } from './tree.js';
import type { Node } from './tree.js';

/** What reading needs beside the node. */
export interface Reading {
  readonly report: Report;
  readonly steps: ReadonlyMap<string, StepDefinition>;
  readonly rules: ReadonlyMap<string, RuleDefinition>;
  /**
   * Where modules of the project were not run: the digest of their texts. Steps and rules that nobody knows may be
   * theirs then, and are taken as they are; else null.
   */
  readonly unrun: string | null;
  /** Takes each piece of SQL, to be parsed when all has been read. */
  readonly onSql: (sql: SqlText, holds: SqlKind) => void;
}

/** The key that holds a value: named in messages, marked where the value lacks something. */
export interface Place {
  readonly name: string;
  readonly at: Position;
}

/**
 * One form of the language: its shape as data, and the reading of a node of that shape. `read` reports what
 * is wrong at the very node and gives undefined where nothing usable is left.
 */
export interface Form<T> {
  readonly shape: Shape;
  readonly read: (node: Node, place: Place, reading: Reading) => T | undefined;
}

/** `form`, its result made into another; `make` may report and give undefined. */
export function mapForm<T, U>(
  form: Form<T>,
  make: (value: T, place: Place, reading: Reading) => U | undefined,
): Form<U> {
  return {
    shape: form.shape,
    read: (node, place, reading) => {
      const value = form.read(node, place, reading);
      return value === undefined ? undefined : make(value, place, reading);
    },
  };
}

/** Reports a node of the wrong kind. */
export function reportForm(node: Node, place: Place, shape: Shape, reading: Reading, help?: string): void {
  const found = describeNode(node);
  const message = `"${place.name}" must be ${describeShape(shape)}, not ${found}`;
  const at = node.kind === 'scalar' && node.raw === '' ? place.at : node.at;
  reading.report(errorAt('ETL-LANG-003', at, message, { label: `this is ${found}`, help: help ?? null }));
}
