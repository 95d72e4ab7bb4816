import type { Table } from '../contract/catalogue.js';
import { draftColumn, type ColumnEvidence, type Parent } from './draft-column.js';
import type { Draft, DraftColumn } from './draft.js';
import { draftKey, targetKey, type KeyDraft } from './keys.js';
import { GUESSED, matchColumns, type ColumnPair, type Correspondence } from './match-columns.js';
import type { TablePair } from './match-tables.js';

/** A table as the language writes it: with its schema where the search path does not give it. */
export type TableName = (table: Table) => string;

/** A pair of tables with everything that names and types say of it. */
export interface Proposal {
  readonly pair: TablePair;
  readonly key: KeyDraft;
  readonly columns: readonly ColumnPair[];
}

/** Matches the columns of each pair of tables. */
export function propose(correspondence: Correspondence): readonly Proposal[] {
  return correspondence.match.pairs.map((pair) => {
    const key = draftKey(pair.source, pair.target, correspondence.target);
    const [own = '', ...others] = key.sourceKey;
    const kept = keptColumn(pair, key);
    const targets = new Set([key.identity, key.keeps].filter((name) => name !== null));
    const sources = new Set(kept === null || others.length > 0 ? [] : [own]);
    const found = matchColumns(pair, correspondence, { targets, sources });
    return { pair, key, columns: [...(kept === null ? [] : [kept]), ...found] };
  });
}

/** The source key and the column that is made to keep it. */
function keptColumn({ source, target }: TablePair, { keeps, sourceKey }: KeyDraft): ColumnPair | null {
  const ours = source.columns.find(({ name }) => name === sourceKey[0]);
  const theirs = target.columns.find(({ name }) => name === keeps);
  return ours === undefined || theirs === undefined ? null : { source: ours, target: theirs, confidence: 1 };
}

/** The target columns that a proposal fills, guesses that are too weak apart. */
const filled = ({ columns }: Proposal): ReadonlySet<string> =>
  new Set(columns.filter(({ confidence }) => confidence >= GUESSED).map(({ target }) => target.name));

/** The target key of a proposal; with a new identity and nothing that keeps the old key, the engine keeps the pair. */
function keyOf(proposal: Proposal): readonly string[] {
  const { pair, key } = proposal;
  if (key.identity !== null && key.keeps === null) return [];
  return targetKey(pair.target, filled(proposal), key.keeps);
}

/** As others refer to it. */
export function asParent(proposal: Proposal, mapping: string, phase: string | null): Parent {
  const { pair, key } = proposal;
  const { identity, sourceKey } = key;
  const names = keyOf(proposal);
  return {
    mapping,
    phase,
    target: pair.target,
    source: pair.source,
    sourceKey: sourceKey.map((name) => ({
      name,
      base: pair.source.columns.find((column) => column.name === name)?.type.base ?? 'text',
    })),
    yields: identity ?? (names.length === 1 ? (names[0] ?? null) : null),
  };
}

/** The columns of a proposal, of the target's table in its order; generated ones and the identity are left out. */
export function draftColumns(
  { pair, key, columns }: Proposal,
  parents: readonly Parent[],
  evidence: ColumnEvidence,
): readonly DraftColumn[] {
  return pair.target.columns
    .filter(({ name, generated }) => !generated && name !== key.identity)
    .map((column) => {
      const found = columns.find(({ target }) => target.name === column.name) ?? null;
      return draftColumn(pair, column, found, parents, evidence);
    });
}

/** A proposal as a mapping. */
export function draftOf(
  proposal: Proposal,
  names: {
    readonly mapping: string;
    readonly phase: string | null;
    readonly source: TableName;
    readonly target: TableName;
  },
  columns: readonly DraftColumn[],
): Draft {
  const { pair, key } = proposal;
  // What stands commented out is not decided either way.
  const used = new Set([...key.sourceKey, ...columns.flatMap(({ found }) => found?.source ?? [])]);
  const active = new Set(columns.filter((column) => column.active).map(({ column }) => column));
  return {
    mapping: names.mapping,
    phase: names.phase,
    near: [],
    source: {
      table: names.source(pair.source),
      key: key.sourceKey,
      confidence: pair.confidence,
      shared: pair.shared,
      unused: pair.source.columns.map(({ name }) => name).filter((name) => !used.has(name)),
    },
    target: {
      table: names.target(pair.target),
      key: keyOf(proposal).every((name) => active.has(name)) ? keyOf(proposal) : [],
      identity: key.identity,
      mayBeNew: key.mayBeNew,
    },
    columns,
  };
}
