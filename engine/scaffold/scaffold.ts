import type { Table, TableColumn } from '../contract/catalogue.js';
import { draftColumn, labelsOf, type ColumnEvidence, type Parent } from './draft-column.js';
import type { Draft, DraftColumn } from './draft.js';
import { withColumns } from './extend.js';
import { learnHabits, type Habits } from './habits.js';
import { matchTables, type TableMatch } from './match-tables.js';
import type { Memory } from './memory.js';
import { asParent, draftColumns, draftOf, propose, type Proposal } from './propose.js';
import { asItStands, dealtWith, parentOf, type Standing } from './standing.js';
import { mappingNames, phasesOf } from './names-of-mappings.js';

/** One database, as the scaffold sees it. */
export interface ScaffoldSide {
  readonly tables: readonly Table[];
  /** A table as the language writes it: with its schema where the search path does not lead to it. */
  readonly nameOf: (table: Table) => string;
}

export interface ScaffoldInput {
  readonly source: ScaffoldSide;
  readonly target: ScaffoldSide;
  readonly standing: readonly Standing[];
  readonly phases: readonly string[];
  readonly memory: Memory;
  /** The zone of the source's local times; null where nobody has said it. */
  readonly zone: string | null;
  /** The words that a column's check constraint allows. */
  readonly accepted: (table: Table, column: string) => readonly string[] | undefined;
}

/** What names, types and keys say, before any value is looked at. */
export interface Sketch {
  readonly habits: { readonly source: Habits; readonly target: Habits };
  readonly match: TableMatch;
  readonly proposals: readonly Proposal[];
  /** Source columns whose values would tell more. */
  readonly wanted: readonly { readonly table: Table; readonly column: string }[];
}

export interface Extension {
  readonly standing: Standing;
  readonly columns: readonly DraftColumn[];
  /** The new text; null where the file has no place for the columns. */
  readonly text: string | null;
}

export interface Scaffolded {
  readonly drafts: readonly Draft[];
  readonly extensions: readonly Extension[];
  /** Target tables that no source table is like, as drafts without one. */
  readonly withoutSource: readonly Draft[];
  /** Source tables that nothing takes, as the language writes them. */
  readonly unused: readonly string[];
  /** Mappings that an earlier call has written and somebody has taken away since. */
  readonly takenOut: readonly string[];
  readonly memory: Memory;
}

/** Matches tables and columns. */
export function sketch({ source, target, standing, accepted }: ScaffoldInput): Sketch {
  const habits = { source: learnHabits(source.tables), target: learnHabits(target.tables) };
  const given = standing.map((one) => ({ ...one, confidence: 1, shared: false }));
  const sources = [...new Set([...source.tables, ...given.map((pair) => pair.source)])];
  const match = matchTables(
    { tables: sources, habits: habits.source },
    { tables: target.tables, habits: habits.target },
    given,
  );
  const proposals = propose({ match, ...habits }).map((proposal) => {
    const one = standing.find(({ target: table }) => table === proposal.pair.target);
    return one === undefined ? proposal : asItStands(proposal, one);
  });
  const wanted = proposals
    .filter(({ pair }) => source.tables.includes(pair.source))
    .flatMap(({ pair, columns }) =>
      columns
        .filter(({ source: from, target: to }) => {
          const labels = labelsOf(to, accepted(pair.target, to.name));
          return labels !== null || TELLING.has(`${from.type.base} ${to.type.base}`);
        })
        .map((column) => ({ table: pair.source, column: column.source.name })),
    );
  return { habits, match, proposals, wanted };
}

/** Types whose values tell how they are to be read. */
const TELLING: ReadonlySet<string> = new Set([
  ...['boolean', 'date', 'timestamp', 'timestamptz', 'numeric', 'integer', 'float', 'json'].map(
    (to) => `text ${to}`,
  ),
  ...['integer boolean', 'integer timestamptz', 'integer timestamp'],
]);

/** Writes what is new. @param seen some values of a source column; null where it was not asked for */
export function scaffold(
  input: ScaffoldInput,
  { match, proposals }: Sketch,
  seen: ColumnEvidence['seen'],
): Scaffolded {
  const { source, target, standing, memory } = input;
  const covered = new Set(standing.map((one) => one.target));
  const fresh = proposals.filter(({ pair }) => !covered.has(pair.target));
  const names = mappingNames(
    [...fresh.map(({ pair }) => pair.target), ...match.targets.map(({ table }) => table)],
    target.nameOf,
    standing.map(({ mapping }) => mapping.name),
  );
  const nameOf = (table: Table): string => names.get(table) ?? table.name;
  const old = standing.map(parentOf);
  const phases = phasesOf(fresh, old, input.phases);
  const parents = [
    ...old,
    ...fresh.map((one) => asParent(one, nameOf(one.pair.target), phases.get(one) ?? null)),
  ];
  const labels = (table: Table, column: TableColumn): readonly string[] | null =>
    labelsOf(column, input.accepted(table, column.name));
  const evidence = { zone: input.zone, seen, labels };
  const isOut = (name: string): boolean => memory.mappings.has(name);

  const drafts = fresh
    .filter(({ pair }) => !isOut(nameOf(pair.target)))
    .map((one) => {
      const shown = { mapping: nameOf(one.pair.target), phase: phases.get(one) ?? null };
      const columns = draftColumns(one, parents, evidence);
      return draftOf(one, { ...shown, source: source.nameOf, target: target.nameOf }, columns);
    });
  const extensions = proposals.flatMap((one) => extended(one, input, parents, evidence));
  const withoutSource = match.targets.map(({ table, near }): Draft => ({
    mapping: nameOf(table),
    phase: input.phases[0] ?? null,
    source: null,
    near: near.map((pair) => ({ table: source.nameOf(pair.source), confidence: pair.confidence })),
    target: { table: target.nameOf(table), key: table.primaryKey, identity: null, mayBeNew: false },
    columns: table.columns.map((column) =>
      draftColumn({ source: table, target: table }, column, null, parents, evidence),
    ),
  }));
  return {
    drafts,
    extensions,
    withoutSource,
    unused: match.sources.filter((table) => source.tables.includes(table)).map(source.nameOf),
    takenOut: fresh.map(({ pair }) => nameOf(pair.target)).filter(isOut),
    memory: remembered(memory, drafts, standing),
  };
}

/** What a standing mapping's target table has and it does not speak of, nor did an earlier call. */
function extended(
  proposal: Proposal,
  { standing, memory, phases }: ScaffoldInput,
  parents: readonly Parent[],
  evidence: ColumnEvidence,
): readonly Extension[] {
  const [one, ...others] = standing.filter(({ target }) => target === proposal.pair.target);
  // Of several mappings that fill one table nobody but a human knows which is to fill the column.
  if (one?.file === undefined || one.file === null || others.length > 0) return [];
  const known = new Set([...dealtWith(one), ...(memory.mappings.get(one.mapping.name) ?? [])]);
  const late = (name: string): boolean => {
    const [own, its] = [one.mapping.phase, parents.find((parent) => parent.mapping === name)?.phase ?? null];
    return own !== null && its !== null && phases.indexOf(its) > phases.indexOf(own);
  };
  const columns = draftColumns(proposal, parents, evidence)
    .filter(({ column }) => !known.has(column))
    .map((column) => {
      const references = column.making?.references ?? null;
      if (typeof references !== 'string' || !late(references)) return column;
      return { ...column, active: false, todo: [...column.todo, `${references} is of a later phase`] };
    });
  return columns.length === 0 ? [] : [{ standing: one, columns, text: withColumns(one.file.text, columns) }];
}

function remembered(before: Memory, drafts: readonly Draft[], standing: readonly Standing[]): Memory {
  const mappings = new Map(before.mappings);
  for (const { mapping, columns } of drafts)
    mappings.set(mapping, new Set(columns.map(({ column }) => column)));
  for (const one of standing) {
    if (one.file === null) continue;
    const columns = one.target.columns.filter(({ generated }) => !generated).map(({ name }) => name);
    mappings.set(one.mapping.name, new Set([...(mappings.get(one.mapping.name) ?? []), ...columns]));
  }
  return { mappings };
}
