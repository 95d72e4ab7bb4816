import type { Parent, RuleSpec, StepUse } from '../contract/mapping.js';
import type { Observer, Written } from '../compile/program/observer.js';
import { Refusal } from '../compile/program/refusal.js';
import type { Resolved } from '../compile/program/refusal.js';
import type { Row } from '../compile/program/row.js';

/** One parent that a reference was asked. */
export interface Asked {
  readonly parent: Parent;
  readonly place: number;
  /** Canonical. */
  readonly key: string;
  readonly found: string | undefined;
}

/** What was heard of one column of a row; values are whole, not masked. */
export interface HeardColumn {
  origin: readonly (string | null)[] | null;
  readonly steps: { readonly use: StepUse; readonly result: Resolved }[];
  /** Of a map or look-up. */
  resolved: { readonly hasEntry: boolean; readonly result: Resolved } | null;
  readonly asked: Asked[];
  defaulted: boolean;
  written: Written | null;
}

/** What was heard of a row. */
export interface HeardRow {
  readonly columns: ReadonlyMap<number, HeardColumn>;
  readonly rules: readonly { readonly rule: RuleSpec; readonly refusal: Refusal | null }[];
}

interface Heard {
  readonly columns: Map<number, HeardColumn>;
  readonly rules: { readonly rule: RuleSpec; readonly refusal: Refusal | null }[];
}

/** Keeps what a row program tells of its rows: of several with one key, of the last. */
export class Recorder implements Observer {
  private readonly rows = new Map<string, Heard>();
  private now: Heard = { columns: new Map(), rules: [] };
  private hasEntry = true;

  get(key: string): HeardRow | undefined {
    return this.rows.get(key);
  }

  row({ key }: Row): void {
    this.now = { columns: new Map(), rules: [] };
    this.rows.set(key, this.now);
  }

  origin(column: number, values: readonly (string | null)[]): void {
    this.of(column).origin = values;
  }

  step(column: number, use: StepUse, result: Resolved): void {
    const { steps } = this.of(column);
    if (steps.at(-1)?.result instanceof Refusal) return;
    steps.push({ use, result });
  }

  unfound(): void {
    this.hasEntry = false;
  }

  resolved(column: number, result: Resolved): void {
    this.of(column).resolved = { hasEntry: this.hasEntry, result };
    this.hasEntry = true;
  }

  asked(column: number, parent: Parent, place: number, key: string, found: string | undefined): void {
    this.of(column).asked.push({ parent, place, key, found });
  }

  defaulted(column: number): void {
    this.of(column).defaulted = true;
  }

  written(column: number, written: Written): void {
    this.of(column).written = written;
  }

  rule(rule: RuleSpec, refusal: Refusal | null): void {
    this.now.rules.push({ rule, refusal });
  }

  private of(column: number): HeardColumn {
    const known = this.now.columns.get(column);
    if (known !== undefined) return known;
    const heard: HeardColumn = {
      ...{ origin: null, steps: [], resolved: null, asked: [], defaulted: false, written: null },
    };
    this.now.columns.set(column, heard);
    return heard;
  }
}
