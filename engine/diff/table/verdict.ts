import type { ChangeClass } from '../../contract/diff.js';
import type { Mapping } from '../../contract/mapping.js';
import type { SqlTrees } from '../../sql/index.js';
import type { FacetValue } from '../facet.js';

/** What of a mapping's rows differs for those who refer to them, and so which of these must run again. */
export type Reach =
  /** Nothing. */
  | 'none'
  /** One column's values: for those whose references or look-ups yield it. */
  | 'value'
  /** Rows come or go: for those who refer to them, and on to whoever loses rows by that. */
  | 'rows'
  /** The keys by which rows are found: for all who refer to them. */
  | 'identity';

export interface Verdict {
  readonly class: ChangeClass;
  /** What will happen to the data. */
  readonly consequence: string;
  readonly reach: Reach;
}

/** A change to be judged. */
export interface Judged {
  /** Undefined where there was nothing. */
  readonly before: FacetValue | undefined;
  readonly after: FacetValue | undefined;
  /** Null where the mapping is on one side alone, or the project as a whole is meant. */
  readonly base: Mapping | null;
  readonly head: Mapping | null;
  /** The target column that it is about; else null. */
  readonly column: string | null;
  readonly sql: SqlTrees;
  /** Says of a source column whether another mapping refers to rows by it. */
  readonly isReferredBy: (column: string) => boolean;
}

/** How changes of one key of the language are judged. */
export interface KeyRule {
  /** The classes that it may give, most common first. */
  readonly classes: readonly ChangeClass[];
  /** For the reference: what decides, and what happens. */
  readonly doc: string;
  readonly judge: (judged: Judged) => Verdict;
}

/** A key whose changes are all of one class. */
export function always(own: ChangeClass, consequence: string, reach: Reach = 'none'): KeyRule {
  const verdict: Verdict = { class: own, consequence, reach };
  return { classes: [own], doc: consequence, judge: () => verdict };
}

export function judged(classes: readonly ChangeClass[], doc: string, judge: KeyRule['judge']): KeyRule {
  return { classes, doc, judge };
}

export const verdict = (own: ChangeClass, consequence: string, reach: Reach = 'none'): Verdict => ({
  class: own,
  consequence,
  reach,
});

/** The columns by which a mapping's rows are found in the target, and which references yield. */
function handleColumns({ target }: Mapping): readonly string[] {
  const own = target.identity === null ? [] : [target.identity.column.value];
  return [...target.key.map(({ value }) => value), ...own];
}

const FOUND_BY =
  'rows are found in the target by this column: those loaded before are not found again where its value differs, are loaded a second time or refused, and references to them lead elsewhere';

/** Another value in a column of rows that are loaded already. */
export function valueChange({ base, head, column }: Judged, more = ''): Verdict {
  const isHandle = [base, head].some(
    (one) => one !== null && column !== null && handleColumns(one).includes(column),
  );
  if (isHandle) return verdict('identity-changing', joined(FOUND_BY, more), 'identity');
  const mode = head?.target.mode.value;
  const how =
    mode === 'insert'
      ? 'rows already loaded keep the old value, for mode insert corrects none: roll the mapping back and run it again'
      : 'rows already loaded hold another value; a run of this mapping corrects them';
  return verdict('re-transform', joined(how, more), 'value');
}

const joined = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join('; ');

const LEFT =
  'rows that were loaded before stay in the target as they are and are kept up no more; what refers to them is rejected or left without its reference at the next run';

/** Rows that were loaded are refused from now on. */
export const rejectsMore = (what: string): Verdict =>
  verdict('destructive', `${what} are rejected: ${LEFT}`, 'rows');

/** Rows that were refused are loaded from now on. */
export const rejectsLess = (what: string): Verdict =>
  verdict(
    'additive',
    `${what} were rejected and are loaded from now on; rows already loaded stay as they are`,
    'rows',
  );

/** Rows that were read are not read any more, or not loaded. */
export function leavesOut(what: string, { head }: Judged): Verdict {
  const gone =
    head?.deletedRows === 'delete'
      ? 'those loaded before are deleted from the target (deleted_rows: delete)'
      : 'those loaded before stay in the target and are kept up no more';
  return verdict('destructive', `${what}: ${gone}; references to them are missing`, 'rows');
}

export const takesIn = (what: string): Verdict =>
  verdict('additive', `${what} are loaded from now on; rows already loaded stay as they are`, 'rows');

/** A key within another, whose changes are told as that one's. */
export interface Alias {
  readonly as: string;
}

export const within = (key: string): Alias => ({ as: key });

export type Table = Readonly<Record<string, KeyRule | Alias>>;
