import type { ProblemCode } from '../contract/codes.js';
import type { Located, Position, Problem } from '../contract/problem.js';

/** Takes a problem; reading goes on, so that all problems of all files are found at once. */
export type Report = (problem: Problem) => void;

/** What is printed under the mark, and what to do next; null where there is nothing to say. */
export interface Words {
  readonly label?: string | null;
  readonly help?: string | null;
}

/** An error at a place of a file. */
export function errorAt(code: ProblemCode, at: Position, message: string, words: Words = {}): Problem {
  const label = words.label ?? null;
  const help = words.help ?? null;
  return {
    code,
    severity: 'error',
    message,
    at,
    ...(label === null ? {} : { label }),
    ...(help === null ? {} : { help }),
  };
}

/** What the language names and this version does not do: refused, never ignored. */
export function notYet(at: Position, what: string, help: string): Problem {
  const message = `${what} is part of the language, but this version does not carry it out`;
  return errorAt('ETL-LANG-007', at, message, { label: 'not carried out yet', help });
}

/** The help of an unknown name: the near one, else all there are. */
export function didYouMean(near: string | null, all: readonly string[]): string | null {
  if (near !== null) return `did you mean "${near}"?`;
  if (all.length === 0) return null;
  const shown = all.slice(0, 12).join(', ');
  return `known here: ${shown}${all.length > 12 ? ', …' : ''}`;
}

export function located<T>(value: T, at: Position): Located<T> {
  return { value, at };
}

/** The names that stand a second time, in their order. */
export function repeated(names: readonly Located<string>[]): Located<string>[] {
  const seen = new Set<string>();
  return names.filter((name) => seen.has(name.value) || !seen.add(name.value));
}
