import type { CompiledMapping } from '../contract/compiled.js';
import type { ConstraintPlan } from '../contract/constraints.js';
import type { RangeChoice } from '../contract/plan.js';
import { MOST_RANGES } from './side-by-side.js';

/** Rows that are worth a reader and a loader of their own. */
const ROWS = 250_000;

/** Ranges where the servers' processors are not known; each takes up to four of their connections. */
const ELSEWHERE = 2;

export interface RangeFacts {
  readonly compiled: CompiledMapping;
  readonly estimatedRows: number;
  /** Processors that source and target have for it: of this machine where both run on it, else unknown. */
  readonly processors: number | null;
  /** Why its rows must come one range after the other, or null. */
  readonly inOrder: string | null;
  /** Foreign keys are checked row by row: the target's process is busy while the others wait. */
  readonly checksRows: boolean;
}

/** Whether the lowest of several rows with one unique value stays only if rows come in the order of their keys. */
export function mustBeInOrder(compiled: CompiledMapping, constraints: ConstraintPlan['mode']): string | null {
  const rule = compiled.rules.find(({ test }) => test.kind === 'unique')?.rule.name;
  if (rule !== undefined) return `the rule ${rule}: of several rows with one value the first stays`;
  return constraints === 'rebuild' ? null : uniqueInTarget(compiled);
}

function uniqueInTarget({ table, targetKey, columns, identity }: CompiledMapping): string | null {
  const own = [
    targetKey.map((index) => columns[index]?.column.name ?? ''),
    identity === null ? [] : [identity.column.name],
  ].map((names) => [...names].sort().join(','));
  const other = table.uniques.find((names) => !own.includes([...names].sort().join(',')));
  const what = other === undefined ? table.keptApartBy : other.join(', ');
  if (what === null) return null;
  return `the target is unique in ${what}: of several rows with one value the first stays`;
}

/** Into how many key ranges a mapping is split that are read and loaded side by side, and why. */
export function chooseRanges(facts: RangeFacts): RangeChoice {
  const { compiled, estimatedRows, processors, inOrder, checksRows } = facts;
  const { partition, from } = compiled.mapping.source;
  const [first] = compiled.key;
  const one = (reason: string): RangeChoice => ({ count: 1, rows: null, reason });
  if (partition.kind === 'none') return one('partition: none');
  if (first === undefined || compiled.keyless) return one('there is no key');
  if (compiled.mapping.target.mode.value === 'replace')
    return one('mode: replace empties the table with the first batch');
  if (inOrder !== null) return one(inOrder);
  if (partition.kind === 'rows') {
    const count = Math.max(1, Math.ceil(estimatedRows / partition.rows));
    return { count, rows: partition.rows, reason: `partition: { rows: ${String(partition.rows)} }` };
  }
  if (from.kind === 'query') return one('a query is read once: its ranges may cost as much as the whole');
  if (estimatedRows < 2 * ROWS) return one(`fewer than ${(2 * ROWS).toLocaleString('en')} rows`);
  const share = checksRows ? 1 : 2;
  const most = processors === null ? ELSEWHERE : Math.floor(processors / share);
  if (most < 2) return one(`both servers share ${String(processors)} processors with this process`);
  const count = Math.min(MOST_RANGES, most, Math.floor(estimatedRows / ROWS));
  const busy = checksRows ? ', and foreign keys that are checked row by row' : '';
  const where =
    (processors === null ? 'the servers run elsewhere' : `${String(processors)} processors`) + busy;
  return {
    count,
    rows: null,
    reason: `about ${Math.round(estimatedRows).toLocaleString('en')} rows, ${where}`,
  };
}
