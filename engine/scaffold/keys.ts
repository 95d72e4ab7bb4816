import type { Table, TableColumn } from '../contract/catalogue.js';
import { tableReadings, type Habits } from './habits.js';
import { isOld, wordsOf } from './words.js';

/** What identifies the rows of a pair of tables, before its other columns are matched. */
export interface KeyDraft {
  /** Empty where the source table has nothing that tells its rows apart. */
  readonly sourceKey: readonly string[];
  /** The target column with a new key; null where rows keep the key that they have. */
  readonly identity: string | null;
  /** The target column that keeps the source key, where one is made for that; else null. */
  readonly keeps: string | null;
  /** The rows keep their keys although the target could give new ones. */
  readonly mayBeNew: boolean;
}

/** Decides how the rows of a target table are identified. */
export function draftKey(source: Table, target: Table, habits: Habits): KeyDraft {
  const sourceKey = rowKey(source);
  const [keyName, ...others] = sourceKey;
  const key = others.length > 0 ? undefined : source.columns.find(({ name }) => name === keyName);
  const keeps = key === undefined ? null : legacyColumn(target, key, habits);
  const surrogate = surrogateOf(target);
  if (surrogate === null) return { sourceKey, identity: null, keeps, mayBeNew: false };
  const isNew = keeps !== null || key?.type.base !== surrogate.type.base;
  return {
    sourceKey,
    identity: isNew ? surrogate.name : null,
    keeps: keeps ?? (isNew ? null : surrogate.name),
    mayBeNew: !isNew && surrogate.sequence !== null,
  };
}

/** The primary key, or the first columns that are unique and never null. */
function rowKey({ primaryKey, uniques, columns }: Table): readonly string[] {
  if (primaryKey.length > 0) return primaryKey;
  const isSet = (name: string): boolean => columns.find((column) => column.name === name)?.notNull === true;
  return uniques.find((names) => names.every(isSet)) ?? [];
}

/** A primary key of one column that says nothing of its own: a number of a sequence, a uuid. */
function surrogateOf({ primaryKey, columns, foreignKeys }: Table): TableColumn | null {
  const [name, ...others] = primaryKey;
  const column = columns.find((one) => one.name === name);
  if (column === undefined || others.length > 0) return null;
  if (foreignKeys.some((key) => key.columns.length === 1 && key.columns[0] === name)) return null;
  return column.sequence !== null || column.type.base === 'uuid' ? column : null;
}

/** A unique column that is named as the place of the old key: `legacy_id`, `old_patient_id`, `customer_source_key`. */
function legacyColumn(target: Table, key: TableColumn, habits: Habits): string | null {
  const own = new Set(tableReadings(target.name, habits).flatMap(({ words }) => words));
  const keyWords = new Set([...wordsOf(key.name), 'id', 'key', 'pk', 'identifier', 'no', 'number', 'code']);
  const fits = ({ name, type }: TableColumn): boolean => {
    const words = wordsOf(name);
    const isNamed =
      words.some(isOld) && words.every((word) => isOld(word) || own.has(word) || keyWords.has(word));
    return isNamed && (type.base === key.type.base || type.base === 'text');
  };
  const isUnique = (name: string): boolean =>
    target.uniques.some((names) => names.length === 1 && names[0] === name);
  return target.columns.find((column) => fits(column) && isUnique(column.name))?.name ?? null;
}

/** The columns that find a target row again, of those that are mapped; empty where no unique ones are. */
export function targetKey(
  target: Table,
  mapped: ReadonlySet<string>,
  keeps: string | null,
): readonly string[] {
  if (keeps !== null) return [keeps];
  const whole = (names: readonly string[]): boolean =>
    names.length > 0 && names.every((name) => mapped.has(name));
  return [target.primaryKey, ...target.uniques].find(whole) ?? [];
}
