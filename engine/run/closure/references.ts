import type { CompiledMapping } from '../../contract/compiled.js';
import { quoteText, tableRows } from '../../postgres/identifier.js';
import { ledJoin, type LedRows } from '../late/led.js';
import {
  handleOfRow,
  isRow,
  keyOfRow,
  linkPairs,
  passesOf,
  provisionalSql,
  waitsFor,
  wasWholeSql,
  type RowLink,
} from '../late/links.js';
import { isAt, type Edge } from './edge.js';

/** A reference of mappings as a way of the closure. */
export interface ReferenceEdge extends Edge {
  readonly link: RowLink;
  /** Rows that wait for their second pass; else those that hold the value of a row. */
  readonly waits: boolean;
  /** A query of the rows that came by the way of a number, with the columns {@link REACHED}. */
  readonly reachedSql: (n: number) => string;
}

/**
 * Of a row that came by a reference: its handle, its canonical source key, whether it leaves the target, how it was
 * counted, its entry in `second_pass`, the key of the row that it referred to, and in which order it was found.
 */
export const REACHED = 'handle, source_key, take, was, pass, parent_key, found';

/** A number for each mapping whose rows are told apart. */
export type Kinds = (compiled: CompiledMapping) => number;

/** The members `c` that came by a way, with their row and the one that they came from. */
const reached = ({ from, to }: RowLink): string =>
  `from pg_temp.etl_closure c join ${tableRows(from.table)} t on ${isAt('t', 'c')}
    join ${tableRows(to.table)} m on ${isAt('m', 'c', true)}`;

/** What the way by held values asks besides the link. */
export interface HoldingNeeds {
  /** The state schema, quoted. */
  readonly schema: string;
  readonly run: string;
  readonly led: LedRows;
}

/**
 * Rows of the target that hold the value of a row. Of them those stay that the run has changed and others had made: they
 * become what they were, and whoever refers to them stays, too.
 * @param named where the keys of both are asked for, as `linkPairs` has them
 */
export function holdingEdge(
  link: RowLink,
  kinds: Kinds,
  { schema, run, led }: HoldingNeeds,
  named = link.isAmbiguous,
): ReferenceEdge {
  const { from, to, isAmbiguous } = link;
  const changed = wasWholeSql({ schema, run, compiled: from });
  const { pairs, where, key, parentKey } = linkPairs(link, schema, named);
  return {
    ...{ link, waits: false, from: kinds(from), to: kinds(to) },
    pairs: `${pairs} ${ledJoin(link, key, parentKey)}`,
    where,
    onwards: `not ${changed}`,
    ask: isAmbiguous ? () => led.tell(link, kinds(to)) : null,
    reachedSql: (n) => {
      const child = keyOfRow(from, 't', schema);
      const parent = keyOfRow(to, 'm', schema, 'km');
      return `select ${handleOfRow(from, 't')}, ${child.key}, c.onwards, case when not c.onwards then 'updated' end, null::bigint, ${parent.key}, c.n
        ${reached(link)} ${child.join} ${parent.join} where c.edge = ${String(n)}`;
    },
  };
}

/** Rows that wait in a run for the key of a row; of them only those go that were never whole. */
export function waitingEdge(link: RowLink, kinds: Kinds, schema: string, run: string): ReferenceEdge {
  const { from, to, column } = link;
  const parent = keyOfRow(to, 'm', schema, 'km');
  const which = `${passesOf(schema, from)} and p.run = ${quoteText(run)} and p.column_name = ${quoteText(column)}`;
  const entry = `join ${schema}.second_pass p on ${isRow(from, 't', 'p.target_key')}`;
  return {
    ...{ link, waits: true, from: kinds(from), to: kinds(to) },
    pairs: `${tableRows(from.table)} t ${entry} cross join ${tableRows(to.table)} m ${parent.join}`,
    where: `${which} and ${waitsFor(link)} = ${parent.key} and ${parent.where}`,
    onwards: provisionalSql(schema, from),
    ask: null,
    reachedSql: (n) =>
      `select ${handleOfRow(from, 't')}, p.source_key, c.onwards, case when p.inserted then 'inserted' end, p.id, ${parent.key}, c.n
       ${reached(link)} ${entry} ${parent.join} where c.edge = ${String(n)} and ${which}`,
  };
}
