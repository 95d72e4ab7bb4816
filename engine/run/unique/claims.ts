import type { RowProgram } from '../../compile/program/program.js';
import type { Refusal } from '../../compile/program/refusal.js';
import type { Row } from '../../compile/program/row.js';
import { DigestMap, digestOf, type Digest } from '../../resolve/digest-map.js';
import { Decided, type UniqueWatch } from './watch.js';

/** Digests one after the other, four words each; a null is marked by a word of its own. */
class DigestList {
  private words = new Uint32Array(5 * 1024);
  length = 0;

  push(digest: Digest | null): void {
    const at = this.length++ * 5;
    if (at >= this.words.length) {
      const wider = new Uint32Array(this.words.length * 2);
      wider.set(this.words);
      this.words = wider;
    }
    this.words.set(digest ?? NOTHING, at);
    this.words[at + 4] = digest === null ? 0 : 1;
  }

  get(index: number): Digest | null {
    const [at, { words }] = [index * 5, this];
    if (words[at + 4] !== 1) return null;
    return [words[at] ?? 0, words[at + 1] ?? 0, words[at + 2] ?? 0, words[at + 3] ?? 0];
  }
}

const NOTHING: Digest = [0, 0, 0, 0];

const same = (a: Digest | null, b: Digest | null): boolean =>
  a === b || (a !== null && b !== null && a.every((word, n) => word === b[n]));

/**
 * All that a mapping's rows want and hold, gathered before the first of them is loaded: the values that stand in the
 * target, and in the source's order the rows whose values are others. It refuses nothing itself.
 *
 * A row that the run leaves as it is keeps its values, whatever its key; of those that want new ones the first gets
 * them. One that gets none keeps what it has in the target, and whoever was given that loses it again: what such a row
 * was given besides stays taken.
 */
export class Claims implements UniqueWatch {
  /** Stored rows: digest of the source key → place. */
  private readonly places = new DigestMap();
  /** Rule by rule, place by place. */
  private readonly stored: readonly DigestList[];
  /** The claim of each stored row, plus one; 0 where the source has not shown it, or leaves its values. */
  private claimOf = new Uint32Array(1024);
  private readonly keys = new DigestList();
  private readonly wanted: readonly DigestList[];
  /** Of each row that wants something: its place among the stored ones, or -1. */
  private readonly owns: number[] = [];
  /** Of a rule that only warns the rows that stay may have one value: all of them claim theirs, in their order. */
  private readonly warns: boolean;
  /** Whether the row taken last made a claim. */
  private claimed = false;

  /** @param fixed rows that are there are never changed (mode: insert) */
  constructor(
    private readonly program: Pick<RowProgram, 'key' | 'uniques'>,
    private readonly fixed: boolean,
  ) {
    this.warns = program.uniques.some(({ rule }) => rule.severity === 'warn');
    this.stored = program.uniques.map(() => new DigestList());
    this.wanted = program.uniques.map(() => new DigestList());
  }

  /** A row of the target: its canonical source key, and rule by rule what it must not share. */
  hold(key: string, identities: readonly (string | null)[]): void {
    const place = this.stored[0]?.length ?? 0;
    this.places.set(digestOf(key), place);
    for (const [n, text] of identities.entries()) this.stored[n]?.push(text === null ? null : digestOf(text));
    if (place < this.claimOf.length) return;
    const wider = new Uint32Array(this.claimOf.length * 2);
    wider.set(this.claimOf);
    this.claimOf = wider;
  }

  take(row: Row, _warn: (refusal: Refusal) => void): null {
    const { program, owns } = this;
    const key = digestOf(program.key(row) ?? '');
    const place = this.places.get(key) ?? -1;
    this.claimed = false;
    if (this.fixed && place >= 0) return null;
    const wants = program.uniques.map((one) => {
      const text = one.of(row);
      return text === null ? null : digestOf(text);
    });
    const isSame = wants.every((digest, n) => same(digest, this.stored[n]?.get(place) ?? null));
    if (place >= 0 && isSame && !this.warns) return null;
    this.claimed = true;
    this.keys.push(key);
    for (const [n, digest] of wants.entries()) this.wanted[n]?.push(digest);
    owns.push(place);
    if (place >= 0) this.claimOf[place] = owns.length;
    return null;
  }

  giveBack(): void {
    if (!this.claimed) return;
    this.claimed = false;
    const place = this.owns.pop() ?? -1;
    if (place >= 0) this.claimOf[place] = 0;
    this.keys.length--;
    for (const list of this.wanted) list.length--;
  }

  again(): UniqueWatch {
    return this;
  }

  /** Says which rows lose. */
  decide(): Decided {
    const { uniques } = this.program;
    const losers = uniques.map(() => new DigestMap());
    /** Who holds a value: the row that was given it, plus one; 0 for a row of the target. */
    const holders = uniques.map(() => new DigestMap());
    const lost = new Uint8Array(this.owns.length);
    const gone: number[] = [];
    const lose = (claim: number, rule: number): void => {
      const key = this.keys.get(claim);
      if (key !== null) losers[rule]?.set(key, 0);
      if (uniques[rule]?.rule.severity === 'warn' || lost[claim] === 1) return;
      lost[claim] = 1;
      gone.push(claim);
    };
    for (let place = 0; place < (this.stored[0]?.length ?? 0); place++) {
      for (const [n, list] of this.stored.entries()) {
        const digest = list.get(place);
        if (digest !== null && this.keeps(place, n)) holders[n]?.set(digest, 0);
      }
    }
    for (let claim = 0; claim < this.owns.length; claim++) this.claim(claim, holders, lost, lose);
    for (let claim = gone.pop(); claim !== undefined; claim = gone.pop()) {
      const place = this.owns[claim] ?? -1;
      if (place < 0) continue;
      for (const [n, holder] of holders.entries()) {
        const old = this.stored[n]?.get(place) ?? null;
        if (old === null) continue;
        const taker = (holder.get(old) ?? 0) - 1;
        holder.set(old, 0);
        if (taker >= 0 && taker !== claim) lose(taker, n);
      }
    }
    return new Decided(this.program, losers);
  }

  /** Whether the run leaves what a stored row has in the columns of a rule. */
  private keeps(place: number, rule: number): boolean {
    const claim = (this.claimOf[place] ?? 0) - 1;
    if (claim < 0 || this.program.uniques[rule]?.rule.severity === 'warn') return claim < 0;
    return same(this.wanted[rule]?.get(claim) ?? null, this.stored[rule]?.get(place) ?? null);
  }

  private claim(
    claim: number,
    holders: readonly DigestMap[],
    lost: Uint8Array,
    lose: (claim: number, rule: number) => void,
  ): void {
    const place = this.owns[claim] ?? -1;
    const wants = this.wanted.map((list, n) => (place >= 0 && this.keeps(place, n) ? null : list.get(claim)));
    for (const [n, digest] of wants.entries()) {
      if (digest !== null && holders[n]?.has(digest) === true) lose(claim, n);
    }
    if (lost[claim] === 1) return;
    for (const [n, digest] of wants.entries()) {
      if (digest !== null && holders[n]?.has(digest) !== true) holders[n]?.set(digest, claim + 1);
    }
  }
}
