import type { RowProgram } from '../../compile/program/program.js';
import type { Refusal } from '../../compile/program/refusal.js';
import type { Row } from '../../compile/program/row.js';
import { DigestMap, digestOf, type Digest } from '../../resolve/digest-map.js';

/** Decides of each row, when all else about it is decided, whether its values are taken. */
export interface UniqueWatch {
  /** Takes the values of the row just made, or says whose they are. @param warn is told of rules that only warn */
  take(row: Row, warn: (refusal: Refusal) => void): Refusal | null;
  /** The row taken last is a reject after all: its values are free again. */
  giveBack(): void;
  /** What decides of rows that are made once more. */
  again(): UniqueWatch;
}

type Program = Pick<RowProgram, 'key' | 'uniques'>;

/** Where no row is there yet: of several rows with one value the first that comes keeps it. */
export class FirstComes implements UniqueWatch {
  private readonly taken: readonly DigestMap[];
  private readonly losers: readonly DigestMap[];
  private last: readonly (Digest | null)[] = [];

  constructor(private readonly program: Program) {
    this.taken = program.uniques.map(() => new DigestMap());
    this.losers = program.uniques.map(() => new DigestMap());
  }

  take(row: Row, warn: (refusal: Refusal) => void): Refusal | null {
    const warnings: Refusal[] = [];
    const free: (Digest | null)[] = [];
    this.last = [];
    for (const [n, one] of this.program.uniques.entries()) {
      const text = one.of(row);
      const digest = text === null ? null : digestOf(text);
      const isTaken = digest !== null && this.taken[n]?.has(digest) === true;
      free.push(isTaken ? null : digest);
      if (!isTaken) continue;
      const refusal = one.refusal(row);
      if (one.rule.severity !== 'warn') return refusal;
      warnings.push(refusal);
      this.losers[n]?.set(digestOf(this.program.key(row) ?? ''), 0);
    }
    for (const [n, digest] of free.entries()) if (digest !== null) this.taken[n]?.set(digest, 0);
    for (const warning of warnings) warn(warning);
    this.last = free;
    return null;
  }

  giveBack(): void {
    for (const [n, digest] of this.last.entries()) if (digest !== null) this.taken[n]?.delete(digest);
    this.last = [];
  }

  again(): UniqueWatch {
    return new Decided(this.program, this.losers);
  }
}

/** Where it is known which rows lose, by rule and source key. */
export class Decided implements UniqueWatch {
  constructor(
    private readonly program: Program,
    private readonly losers: readonly DigestMap[],
  ) {}

  take(row: Row, warn: (refusal: Refusal) => void): Refusal | null {
    if (this.losers.every(({ size }) => size === 0)) return null;
    const key = digestOf(this.program.key(row) ?? '');
    for (const [n, one] of this.program.uniques.entries()) {
      if (this.losers[n]?.has(key) !== true) continue;
      const refusal = one.refusal(row);
      if (one.rule.severity !== 'warn') return refusal;
      warn(refusal);
    }
    return null;
  }

  giveBack(): void {
    // Nothing was taken.
  }

  again(): UniqueWatch {
    return this;
  }
}
