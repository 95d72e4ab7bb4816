import type {
  CompiledColumn,
  CompiledIdentity,
  CompiledMapping,
  CompiledRule,
} from '../contract/compiled.js';
import type { TableColumn } from '../contract/catalogue.js';
import { ArgumentError } from '../contract/step.js';
import { bindColumn, bindSameNames } from './columns.js';
import type { Context } from './context.js';
import { identityStrategy, sourceKey } from './identity.js';

/** Compiles one mapping whose two sides are known; null where a problem was found. */
export function compileMapping(context: Context, sharesTable: boolean): CompiledMapping | null {
  const { mapping, shape, table } = context.sides;
  const key = bindKey(context);
  checkNames(context);
  const skip = bindSkip(context);
  for (const spec of mapping.columns) {
    const bound = bindColumn(context, spec);
    if (bound !== null) context.columns.push(bound);
  }
  const star = mapping.plainCopy ? mapping.at : mapping.sameName;
  if (star !== null) bindSameNames(context, star);
  const identity = bindIdentity(context);
  const targetKey = bindTargetKey(context);
  const rules = bindRules(context);
  checkFilled(context, identity);
  if (key === null) return null;
  const { columns } = context;
  const found =
    !sharesTable && targetKey.length > 0 && isPassedThrough(columns, targetKey, key) ? 'target' : 'key_map';
  const handle = identity !== null && identity.index >= 0 ? [identity.index] : targetKey;
  if (handle.length === 0 && mapping.target.mode.value !== 'insert') {
    context.problem(
      'ETL-BIND-011',
      mapping.target.at,
      'a loaded row could not be found again',
      'name its identity, or the unique columns in key:',
    );
  }
  return {
    mapping,
    rowsSql: shape.rowsSql,
    fields: context.fields.list,
    key,
    keyUnique: isUniqueSource(context),
    skip,
    table,
    columns,
    identity,
    handle,
    targetKey,
    found,
    rules,
    unmapped: unmapped(context),
    defaulted: table.columns
      .filter((column) => !column.generated && !columns.some((c) => c.column.name === column.name))
      .map((column) => column.name),
  };
}

function bindKey(context: Context): readonly number[] | null {
  const { mapping, table } = context.sides;
  if (mapping.plainCopy) {
    const names = sourceKey(context.sides);
    if (names.length === 0 || table.primaryKey.length === 0) {
      const side = names.length === 0 ? 'source' : 'target';
      context.problem('ETL-BIND-013', mapping.at, `the ${side} table "${mapping.name}" has no primary key`);
      return null;
    }
    return names.flatMap((name) => {
      const column = context.fields.column(name);
      return column === undefined ? [] : [context.fields.read(column)];
    });
  }
  const columns = mapping.source.key.map((name) => context.sourceColumn(name));
  const found = columns.filter((column) => column !== null);
  return found.length < columns.length ? null : found.map((column) => context.fields.read(column));
}

/** A query may give two columns of one name; only then is a name no name. */
function checkNames(context: Context): void {
  const { mapping, shape } = context.sides;
  const names = shape.columns.map((column) => column.name);
  const twice = names.find((name, n) => names.indexOf(name) !== n);
  if (twice === undefined) return;
  const { from } = mapping.source;
  context.problem(
    'ETL-BIND-015',
    from.kind === 'query' ? from.sql.at : from.table.at,
    `the query gives two columns named "${twice}"`,
    'give one of them another name with: as …',
  );
}

function bindSkip(context: Context): CompiledMapping['skip'] {
  const { skipWhen } = context.sides.mapping.source;
  const [first] = skipWhen;
  const type = first === undefined ? undefined : context.sides.shape.expressions.get(first.sql.value)?.type;
  if (type === undefined) return null;
  const whens = skipWhen.map(({ sql }, n) => `when (${sql.value}\n) then ${String(n + 1)}`).join(' ');
  return {
    field: context.fields.expression(`case ${whens} end`, type, 'skip_when'),
    names: skipWhen.map((condition) => condition.name),
  };
}

function bindIdentity(context: Context): CompiledIdentity | null {
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
  const wrong = unfit(strategy, column, listed >= 0, context.sides.mapping.source.key.length);
  if (wrong !== null) {
    context.problem('ETL-BIND-009', at, wrong);
    return null;
  }
  if (strategy === 'mapped') return { strategy, column, index: listed };
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
  keys: number,
): string | null {
  if (strategy === 'mapped') return listed ? null : `"${column.name}" is not among the columns`;
  if (listed) return `"${column.name}" is among the columns: its strategy is mapped`;
  const isUuid = column.type.base === 'uuid';
  if (strategy === 'sequence' && column.sequence === null)
    return `"${column.name}" has no sequence of its own`;
  if ((strategy === 'uuid5' || strategy === 'uuid7') && !isUuid && column.type.base !== 'text') {
    return `"${column.name}" is ${column.type.display}, not uuid`;
  }
  if (strategy === 'preserve' && keys !== 1) return 'a key of several columns cannot be one identity';
  if (strategy === 'database') {
    return 'the strategy "database" is part of the language, but this version does not carry it out yet';
  }
  return null;
}

function bindTargetKey(context: Context): readonly number[] {
  const { mapping, table } = context.sides;
  const names = mapping.plainCopy
    ? table.primaryKey.map((value) => ({ value, at: mapping.at }))
    : mapping.target.key;
  const indices = names.flatMap((name) => {
    const column = context.targetColumn(name);
    if (column === null) return [];
    const index = context.columns.findIndex((c) => c.column.name === name.value);
    if (index < 0) {
      context.problem('ETL-BIND-017', name.at, `the target key "${name.value}" is not among the columns`);
      return [];
    }
    return [index];
  });
  const unique = table.uniques.some((columns) => columns.every((c) => names.some((n) => n.value === c)));
  if (names.length > 0 && indices.length === names.length && !unique) {
    context.problem(
      'ETL-BIND-010',
      names[0]?.at ?? mapping.target.at,
      `"${names.map((n) => n.value).join(', ')}" is not unique in "${table.name}"`,
      'add a unique constraint on just these columns to the target',
    );
  }
  return indices;
}

function bindRules(context: Context): readonly CompiledRule[] {
  return context.sides.mapping.rules.flatMap((rule): readonly CompiledRule[] => {
    if (rule.test.kind === 'sql') {
      const described = context.sides.shape.expressions.get(rule.test.sql.value);
      if (described === undefined) return [];
      const field = context.fields.expression(rule.test.sql.value, described.type, rule.name);
      return [{ rule, test: { kind: 'sql', field } }];
    }
    const definition = context.registries.rules.get(rule.test.rule);
    if (definition === undefined) return [];
    const names = definition.columns(rule.test.argument);
    const columns = names.map((name) => context.columns.findIndex((c) => c.column.name === name));
    const absent = names[columns.indexOf(-1)];
    if (absent !== undefined) {
      const column = context.targetColumn({ value: absent, at: rule.at });
      if (column !== null) {
        context.problem(
          'ETL-BIND-017',
          rule.at,
          `the rule speaks of "${absent}", which the mapping does not fill`,
        );
      }
      return [];
    }
    const types = columns.map((index) => context.columns[index]?.column.type.base ?? 'text');
    try {
      definition.make(rule.test.argument, types);
    } catch (error) {
      if (!(error instanceof ArgumentError)) throw error;
      context.problem('ETL-BIND-018', rule.at, error.message);
      return [];
    }
    return [{ rule, test: { kind: 'rule', columns, types } }];
  });
}

/** Every column that must have a value has one. */
function checkFilled(context: Context, identity: CompiledIdentity | null): void {
  const { mapping, table } = context.sides;
  const listed = new Set(mapping.columns.map((spec) => spec.column.value));
  for (const column of table.columns) {
    if (!column.notNull || column.hasDefault || column.generated || listed.has(column.name)) continue;
    if (column.name === identity?.column.name) continue;
    if (context.columns.some((c) => c.column.name === column.name)) continue;
    if (mapping.target.identity?.column.value === column.name) continue;
    context.problem(
      'ETL-BIND-006',
      mapping.target.table.at,
      `"${column.name}" of "${table.name}" is not null, has no default and is not mapped`,
      `add "${column.name}" to columns`,
    );
  }
}

/** Whether the target's key columns hold the source key just as it came. */
function isPassedThrough(
  columns: readonly CompiledColumn[],
  targetKey: readonly number[],
  key: readonly number[],
): boolean {
  if (targetKey.length !== key.length) return false;
  return targetKey.every((index, n) => {
    const make = columns[index]?.make;
    return make?.kind === 'bytes' && make.field === key[n];
  });
}

function isUniqueSource(context: Context): boolean {
  const { shape } = context.sides;
  // A table with children also gives their rows, which its unique indexes do not know.
  if (shape.table?.kind !== 'r' || shape.table.hasChildren) return false;
  const { uniques } = shape.table;
  const key = sourceKey(context.sides);
  return uniques.some((unique) => unique.every((column) => key.includes(column)));
}

/** Source columns that no origin, key, condition or piece of SQL speaks of and that are not ignored. */
function unmapped(context: Context): readonly string[] {
  const { mapping, shape } = context.sides;
  const { ignore } = mapping.source;
  if (ignore === '*') return [];
  const ignored = new Set(ignore.map((column) => column.value));
  const where = mapping.source.from.kind === 'table' ? (mapping.source.from.where?.value ?? '') : '';
  const sql = [...shape.expressions.keys(), where];
  const read = new Set(context.fields.list.map((field) => field.name));
  const mentioned = (name: string): boolean =>
    sql.some((text) =>
      text.split(/[^\p{L}\p{N}_$]+/u).some((word) => word.toLowerCase() === name.toLowerCase()),
    );
  return shape.columns
    .map((column) => column.name)
    .filter((name) => !read.has(name) && !ignored.has(name) && !mentioned(name));
}
