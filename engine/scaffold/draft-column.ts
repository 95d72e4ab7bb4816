import { plainType, type Table, type TableColumn } from '../contract/catalogue.js';
import type { BaseType, Json } from '../contract/value.js';
import { convert, listed, type Conversion, type Evidence } from './convert.js';
import { plainly, type DraftColumn } from './draft.js';
import { mapLabels } from './labels.js';
import { GUESSED, isTable, keyOf, type ColumnPair } from './match-columns.js';

/** A mapping that columns may refer to: one that stands, or one that is being written. */
export interface Parent {
  readonly mapping: string;
  readonly phase: string | null;
  readonly target: { readonly schema: string; readonly name: string };
  /** Null where it is no single table. */
  readonly source: { readonly schema: string; readonly name: string } | null;
  readonly sourceKey: readonly { readonly name: string; readonly base: BaseType }[];
  /** The target column that a reference to it gives; null where it is not a single one. */
  readonly yields: string | null;
}

export interface ColumnEvidence {
  readonly zone: string | null;
  /** Some values of a source column; null where they were not asked for. */
  readonly seen: (table: Table, column: string) => readonly string[] | null;
  /** The words that a target column takes; null where it takes others, too. */
  readonly labels: (table: Table, column: TableColumn) => readonly string[] | null;
}

/** The words that a column's type, or else a check constraint on it, allows; null where it takes others, too. */
export const labelsOf = (
  column: TableColumn,
  accepted: readonly string[] | undefined,
): readonly string[] | null => {
  const type = plainType(column.type);
  return type.kind === 'enum' ? type.labels : (accepted ?? null);
};

/** From here on a name speaks for itself. */
const SURE = 0.75;

/** One column with its source column, or without one. */
export function draftColumn(
  tables: { readonly source: Table; readonly target: Table },
  column: TableColumn,
  pair: ColumnPair | null,
  parents: readonly Parent[],
  evidence: ColumnEvidence,
): DraftColumn {
  if (pair === null) {
    const isOwed = column.notNull && !column.hasDefault;
    const todo = isOwed ? ['not null, without a default, and no source column was found'] : [];
    return { column: column.name, making: null, active: false, found: null, todo };
  }
  const { source, confidence } = pair;
  const doubt = confidence < SURE ? [`is it this column? ${confidence.toFixed(2)} by its name`] : [];
  const made = making(tables, pair, parents, evidence);
  return {
    column: column.name,
    making: made.making,
    active: made.complete && confidence >= GUESSED,
    found: { source: source.name, confidence },
    todo: [...doubt, ...made.todo],
  };
}

function making(
  tables: { readonly source: Table; readonly target: Table },
  { source, target }: ColumnPair,
  parents: readonly Parent[],
  evidence: ColumnEvidence,
): Conversion {
  const seen = evidence.seen(tables.source, source.name);
  const own: Evidence = { seen, zone: evidence.zone };
  const labels = evidence.labels(tables.target, target);
  const key = keyOf(tables.target, target.name);
  if (key !== null) {
    const parent = parents.find((one) => isTable({ ...tables.target, ...one.target }, key.table));
    if (parent !== undefined) return referring(tables.source, source, parent, key.referenced[0] ?? '');
    const plain = convert(source, target, own);
    return { ...plain, todo: [...plain.todo, `no mapping loads ${key.table.name}, which it refers to`] };
  }
  return labels === null || seen === null ? convert(source, target, own) : byMap(own, source, target, labels);
}

/** By a map of the values seen, where they are other words than the target's. */
function byMap(
  evidence: Evidence,
  source: TableColumn,
  target: TableColumn,
  labels: readonly string[],
): Conversion {
  const values = (evidence.seen ?? []).filter((value) => value !== '');
  const { map, open, same } = mapLabels(values, labels);
  if (same) return convert(source, target, evidence);
  const steps = values.length === evidence.seen?.length ? [] : ['empty_to_null'];
  const todo = [
    ...(Object.keys(map).length === 0 ? [] : ['is the map right? It is made of values seen']),
    ...(open.length === 0 ? [] : [`no counterpart for ${listed(open)}; there are ${labels.join(', ')}`]),
  ];
  if (Object.keys(map).length === 0) {
    return { making: { ...plainly(source.name), map: { '…': labels[0] ?? '' } }, complete: false, todo };
  }
  return { making: { ...plainly(source.name), steps, map }, complete: true, todo };
}

/** A number finds a text that is one; nothing else goes together. */
const comparable = (a: BaseType, b: BaseType): boolean => {
  const numbers = ['integer', 'numeric'];
  return a === b || (numbers.includes(a) && numbers.includes(b));
};

/** By the mapping of the table that the target's foreign key points at. @param referenced its column there */
function referring(table: Table, source: TableColumn, parent: Parent, referenced: string): Conversion {
  const key = keyOf(table, source.name);
  const isOther =
    key !== null && parent.source !== null && !isTable({ ...table, ...parent.source }, key.table);
  const by = key === null || isOther ? null : (key.referenced[0] ?? null);
  const [keyColumn, ...others] = parent.sourceKey;
  const isByOther = by !== null && (others.length > 0 || by !== keyColumn?.name);
  const isYielded = parent.yields !== referenced;
  const references: Json =
    isByOther || isYielded
      ? {
          mapping: parent.mapping,
          ...(isByOther ? { by } : {}),
          ...(isYielded ? { yields: referenced } : {}),
        }
      : parent.mapping;
  const fits = isByOther || (others.length === 0 && comparable(source.type.base, keyColumn?.base ?? 'other'));
  const keyless = parent.sourceKey.length === 0;
  return {
    making: { ...plainly(source.name), references },
    complete: fits && !keyless,
    todo: [
      ...(isOther ? [`in the source it refers to ${key.table.name}`] : []),
      ...(keyless ? [`the source of ${parent.mapping} has no key: name one first`] : []),
      ...(fits || keyless
        ? []
        : [`its values are no keys of ${parent.mapping}: by which column is it found?`]),
    ],
  };
}
