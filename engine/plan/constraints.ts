import { referencesOf, type Reference } from '../contract/references.js';
import type { CompiledMapping } from '../contract/compiled.js';
import type { BulkObject, ConstraintPlan, TableConstraints } from '../contract/constraints.js';

/** Rows from which `auto` drops and rebuilds. */
export const MANY_ROWS = 50_000;

const keep = (reason: string): ConstraintPlan => ({ mode: 'keep', drop: [], reason, kept: [] });

/** What decides about a load's constraints, besides the mapping itself. */
export interface ConstraintFacts {
  readonly estimatedRows: number;
  /** No other mapping of the run loads the table. */
  readonly alone: boolean;
  readonly table: TableConstraints;
}

/** Decides, from the catalogue alone, what a load drops before its rows; the load itself proves that it can come back. */
export function planConstraints(compiled: CompiledMapping, facts: ConstraintFacts): ConstraintPlan {
  const plan = decide(compiled, facts);
  const names = facts.table.objects.map(({ name }) => name);
  return { ...plan, stays: names.filter((name) => !plan.drop.includes(name)) };
}

function decide(compiled: CompiledMapping, facts: ConstraintFacts): ConstraintPlan {
  const { table, estimatedRows } = facts;
  const asked = compiled.mapping.target.constraints.value;
  if (compiled.mapping.target.mode.value === 'replace')
    return keep('mode: replace: old rows are there until the first batch');
  if (compiled.mapping.target.merge !== null) return keep('merge: others fill the rows, too');
  if (compiled.keyless) return keep('a source without a key is loaded in one transaction');
  if (asked === 'keep') return keep('the mapping says keep');
  if (asked === 'auto' && estimatedRows < MANY_ROWS) {
    return keep(`fewer than ${MANY_ROWS.toLocaleString('en')} rows`);
  }
  if (!facts.alone) return keep('several mappings load the table');
  if (table.reason !== null) return keep(table.reason);
  if (!table.empty && asked === 'auto') return keep('the table is not empty');
  const frail = table.empty
    ? ofEmpty(compiled, table)
    : 'the table is not empty, and a refused update could not be taken back';
  const named = (object: BulkObject): string | null => object.reason ?? (object.steady ? null : frail);
  const drop = table.objects.filter((object) => named(object) === null).map(({ name }) => name);
  const kept = table.objects.flatMap((object) => {
    const reason = named(object);
    return reason === null ? [] : [{ name: object.name, reason }];
  });
  if (drop.length === 0) {
    const plan = { ...keep('there is nothing that may be dropped'), kept };
    return table.empty ? plan : { ...plan, again: true };
  }
  const reason = table.empty ? null : 'the table is not empty: only indexes that no row can break';
  return { mode: 'rebuild', drop, reason, kept };
}

/** A row that was taken by mistake is taken back and offered again: so it must be found, and its turn be its own. */
function ofEmpty(compiled: CompiledMapping, { objects }: TableConstraints): string | null {
  const handle = compiled.handle.map((index) => compiled.columns[index]?.column);
  const nameless = handle.length === 0 || handle.some((column) => column?.notNull !== true);
  if (compiled.found === 'key_map' && nameless) {
    return 'the mapping has no identity or key, never null, by which rows could be taken back';
  }
  const inOrder = objects.find(({ own }) => own !== null && !isOwnReference(compiled, own));
  if (inOrder !== undefined)
    return `which rows ${inOrder.name} takes depends on the order in which they come`;
  // It would refuse rows because of rows that are taken back later.
  const stays = objects.find(
    ({ reason, unique }) => reason !== null && unique !== null && !holds(compiled, unique),
  );
  return stays === undefined
    ? null
    : `what ${stays.name}, which stays, refuses depends on the rows that others refuse`;
}

/** Whether no two rows of the mapping can be equal in these columns: made ids, or the source key. */
function holds({ identity, found, targetKey, columns }: CompiledMapping, unique: readonly string[]): boolean {
  const made = identity !== null && identity.strategy !== 'mapped' && unique.includes(identity.column.name);
  const keyed =
    targetKey.length > 0 && targetKey.every((index) => unique.includes(columns[index]?.column.name ?? ''));
  return made || (found === 'target' && keyed);
}

/** Whether the column's values are the engine's own keys of rows that it has loaded before. */
function isOwnReference(compiled: CompiledMapping, columns: readonly string[]): boolean {
  const make = compiled.columns.find(({ column }) => column.name === columns[0])?.make;
  if (columns.length !== 1 || make?.kind !== 'value' || make.spec.default !== null) return false;
  const ways = referencesOf(compiled).filter(({ column }) => column.name === columns[0]);
  const isOwn = ({ parent, bound }: Reference): boolean =>
    parent.mapping.value === compiled.mapping.name && bound.yields === null;
  return ways.length > 0 && ways.every(isOwn);
}
