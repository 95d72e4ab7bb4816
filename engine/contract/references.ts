import type { TableColumn } from './catalogue.js';
import type { BoundParent, ColumnMake, CompiledMapping } from './compiled.js';
import type { ColumnSpec, Mapping, Parent, References } from './mapping.js';

/** One way from a column to another mapping's rows; a column that may lead to several mappings has several. */
export interface Reference {
  readonly column: TableColumn;
  readonly resolver: References;
  readonly parent: Parent;
  readonly bound: BoundParent;
  /** The parent's place among those of its column. */
  readonly place: number;
  /** The column's `default`: what rows without the reference have in its place; else null. */
  readonly standIn: ColumnSpec['default'];
}

/** All ways by which rows of a mapping refer to rows, in the order of its columns and their parents. */
export const referencesOf = ({ columns }: CompiledMapping): readonly Reference[] =>
  columns.flatMap(({ column, make }) => {
    const resolver = make.kind === 'value' ? make.spec.resolver : null;
    if (make.kind !== 'value' || resolver?.kind !== 'references') return [];
    return resolver.parents.flatMap((parent, place): readonly Reference[] => {
      const bound = make.reference?.parents[place];
      return bound === undefined
        ? []
        : [{ column, resolver, parent, bound, place, standIn: make.spec.default }];
    });
  });

/** The names of the mappings that a mapping's columns refer to, itself among them where they do. */
export const referredTo = ({ columns }: Mapping): readonly string[] =>
  columns.flatMap(({ resolver }) =>
    resolver?.kind === 'references' ? resolver.parents.map(({ mapping }) => mapping.value) : [],
  );

/** Whether a second pass completes the column where the row that it refers to is not there yet. */
export const isCompletedLater = (make: ColumnMake): boolean =>
  make.kind === 'value' && make.reference?.parents.some(({ isLate }) => isLate) === true;

/** The column of the other mapping's table whose value a reference gives; empty where that mapping has none. */
export const givenColumn = (to: CompiledMapping, { yields }: BoundParent): string =>
  yields ?? to.columns[to.handle[0] ?? -1]?.column.name ?? '';
