import type { Table } from '../contract/catalogue.js';
import type { CompiledIdentity, CompiledMapping, SharedWith } from '../contract/compiled.js';
import { isCompletedLater } from '../contract/references.js';
import { bindChecks } from './bind-checks.js';
import { bindChangedAt } from './bind-changed.js';
import { bindDuplicates } from './bind-duplicates.js';
import { bindIdentity } from './bind-identity.js';
import { bindKey, bindTargetKey, isPassedThrough, isUniqueSource, numbered } from './bind-keys.js';
import { bindRules } from './bind-rules.js';
import { bindColumn, bindSameNames } from './columns.js';
import { isKeyless, referenceColumns } from './identity.js';
import type { Context } from './context.js';

/** Compiles one mapping whose two sides are known; null where a problem was found. */
export function compileMapping(context: Context, sharedWith: readonly SharedWith[]): CompiledMapping | null {
  const { mapping, shape, table } = context.sides;
  const key = bindKey(context);
  checkNames(context);
  const skip = bindSkip(context);
  for (const spec of mapping.columns) {
    const bound = bindColumn(context, spec);
    if (bound !== null) context.columns.push(bound);
  }
  // Rows that refer to themselves for the time being must have their handle first.
  const first = new Set(referenceColumns(context.sides));
  if (context.opened.length > 0) {
    const place = (name: string): number => (first.has(name) ? 0 : 1);
    context.columns.sort((a, b) => place(a.column.name) - place(b.column.name));
  }
  const star = mapping.plainCopy ? mapping.at : mapping.sameName;
  if (star !== null) bindSameNames(context, star);
  const identity = bindIdentity(context);
  const targetKey = bindTargetKey(context);
  const rules = bindRules(context);
  bindChecks(context);
  const changedAt = bindChangedAt(context);
  checkFilled(context, identity, sharedWith);
  if (key === null) return null;
  const keyUnique = isKeyless(mapping) || isUniqueSource(context);
  const kept = keyUnique ? null : bindDuplicates(context, key, skip?.field ?? null);
  const { columns } = context;
  const holdsKey = targetKey.length > 0 && isPassedThrough(context, targetKey, key);
  const handle = identity !== null && identity.index >= 0 ? [identity.index] : targetKey;
  checkWidth(context, handle.length);
  const isNamed = mapping.target.identity !== null || mapping.target.key.length > 0;
  const mustBeFound = mapping.target.mode.value === 'upsert' || context.opened.length > 0;
  if (handle.length === 0 && !isNamed && mustBeFound) {
    context.problem(
      'ETL-BIND-011',
      mapping.target.at,
      'a loaded row could not be found again',
      'name its identity, or the unique columns in key:',
    );
  }
  return {
    project: context.project,
    mapping,
    rowsSql: numbered(mapping, shape.rowsSql),
    fields: context.fields.list,
    key,
    keyless: isKeyless(mapping),
    keyUnique,
    skip,
    kept,
    changedAt,
    table: mapping.target.triggers.value === 'disable' ? withoutTriggers(table) : table,
    columns,
    identity,
    handle,
    targetKey,
    found: holdsKey && sharedWith.length === 0 ? 'target' : 'key_map',
    holdsKey,
    sharedWith,
    rules,
    unmapped: unmapped(context),
    defaulted: table.columns
      .filter((column) => !column.generated && !columns.some((c) => c.column.name === column.name))
      .map((column) => column.name),
  };
}

/** Columns of a table at the most (PostgreSQL's MaxHeapAttributeNumber). */
const MOST_COLUMNS = 1600;

/** Changed rows stand in a table of their own for a moment: number, handle, columns, and a mark for each that may wait. */
function checkWidth(context: Context, handle: number): void {
  const { columns, sides } = context;
  const waits = columns.filter(({ make }) => isCompletedLater(make)).length;
  const needed = 1 + handle + columns.length + waits;
  if (needed <= MOST_COLUMNS) return;
  const { table } = sides.mapping.target;
  context.problem(
    'ETL-BIND-019',
    table.at,
    `"${table.value}" cannot be loaded: ${String(columns.length)} columns are too many to be compared at once`,
    `leave ${String(needed - MOST_COLUMNS)} out`,
  );
}

/** A table as a load meets it whose user triggers are disabled. */
const withoutTriggers = (table: Table): Table => ({
  ...table,
  maySwallow: table.ruled,
  maySwallowUpdates: table.ruled,
});

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

/** Every column that must have a value has one. */
function checkFilled(
  context: Context,
  identity: CompiledIdentity | null,
  sharedWith: readonly SharedWith[],
): void {
  const { mapping, table } = context.sides;
  const filled = new Set(sharedWith.flatMap(({ merges, columns }) => (merges ? columns : [])));
  const listed = new Set(mapping.columns.map((spec) => spec.column.value));
  for (const column of table.columns) {
    if (!column.notNull || column.hasDefault || column.generated || listed.has(column.name)) continue;
    if (column.name === identity?.column.name || filled.has(column.name)) continue;
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

/** Source columns that no origin, key, condition or piece of SQL speaks of and that are not ignored. */
function unmapped(context: Context): readonly string[] {
  const { mapping, shape } = context.sides;
  const { ignore } = mapping.source;
  if (ignore === '*') return [];
  const ignored = new Set(ignore.map((column) => column.value));
  const where = mapping.source.from.kind === 'table' ? (mapping.source.from.where?.value ?? '') : '';
  const sql = [...shape.expressions.keys(), where];
  const { used } = context.fields;
  const mentioned = (name: string): boolean =>
    sql.some((text) =>
      text.split(/[^\p{L}\p{N}_$]+/u).some((word) => word.toLowerCase() === name.toLowerCase()),
    );
  return shape.columns
    .map((column) => column.name)
    .filter((name) => !used.has(name) && !ignored.has(name) && !mentioned(name));
}
