import { Failure } from '../contract/step.js';

const MOST_CHARACTERS = 80;

/** A value as a reason shows it: in double quotes, cut to 80 characters. */
export function quote(value: string): string {
  if (value.length <= MOST_CHARACTERS) return `"${value}"`;
  const start = value.slice(0, 2 * MOST_CHARACTERS);
  const characters = [...start];
  if (characters.length <= MOST_CHARACTERS && start.length === value.length) return `"${value}"`;
  return `"${characters.slice(0, MOST_CHARACTERS).join('')}…"`;
}

/** The failure of a step on a value: the value and what is wrong with it, `"x" is no number`. */
export function fail(value: string, complaint: string): Failure {
  return new Failure(`${quote(value)} ${complaint}`);
}
