import type { TableColumn } from '../contract/catalogue.js';
import type { CompiledIdentity } from '../contract/compiled.js';
import { bindColumn } from './columns.js';
import type { Context, Sides } from './context.js';
import { identityStrategy } from './identity.js';

/** The identity with its strategy and its place among the columns, where it is added if it is not listed. */
export function bindIdentity(context: Context): CompiledIdentity | null {
  const { mapping } = context.sides;
  const { identity } = mapping.target;
  if (identity === null) return null;
  const column = context.targetColumn(identity.column);
  if (column === null) return null;
  const { at } = identity.strategy ?? identity.column;
  const strategy = identityStrategy(context.sides, column);
  if (strategy === null) {
    const help = 'say it: identity: { column: …, strategy: preserve }, or map the column';
    context.problem('ETL-BIND-009', at, `how "${column.name}" gets its values cannot be told`, help);
    return null;
  }
  const listed = context.columns.findIndex((c) => c.column.name === column.name);
  // It is listed, and what is wrong with it has been said.
  if (strategy === 'mapped' && listed < 0 && identity.strategy === null) return null;
  const wrong = unfit(strategy, column, listed >= 0, context.sides);
  if (wrong !== null) {
    context.problem('ETL-BIND-009', at, wrong);
    return null;
  }
  if (strategy === 'mapped') return { strategy, column, index: listed };
  // Nobody but the target knows it: rows are found by their key, and references read it from them.
  if (strategy === 'database') return null;
  if (strategy === 'preserve') {
    const spec = {
      column: identity.column,
      origin: { kind: 'source', columns: mapping.source.key, at } as const,
      steps: [],
      resolver: null,
      default: null,
    };
    const bound = bindColumn(context, spec);
    if (bound === null) return null;
    return { strategy, column, index: context.columns.push(bound) - 1 };
  }
  const make = { kind: 'identity', strategy } as const;
  const index = context.columns.push({ column, at, make, volatile: false }) - 1;
  return { strategy, column, index };
}

/** Why a strategy does not go with the column, or null. */
function unfit(
  strategy: CompiledIdentity['strategy'],
  column: TableColumn,
  listed: boolean,
  { mapping, table }: Sides,
): string | null {
  if (strategy === 'mapped') return listed ? null : `"${column.name}" is not among the columns`;
  if (listed) return `"${column.name}" is among the columns: its strategy is mapped`;
  const isUuid = column.type.base === 'uuid';
  if (strategy === 'sequence' && column.sequence === null)
    return `"${column.name}" has no sequence of its own`;
  if ((strategy === 'uuid5' || strategy === 'uuid7') && !isUuid && column.type.base !== 'text') {
    return `"${column.name}" is ${column.type.display}, not uuid`;
  }
  if (strategy === 'preserve' && mapping.source.key.length !== 1)
    return 'a key of several columns cannot be one identity';
  if (strategy !== 'database') return null;
  const isAssigned = column.hasDefault || column.identity !== null || table.maySwallow;
  if (!isAssigned)
    return `the database gives "${column.name}" no value: it has no default, the table no trigger`;
  return mapping.target.key.length > 0
    ? null
    : 'rows whose identity the database assigns are found by their key: name it in target.key';
}
