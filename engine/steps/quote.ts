import { Failure } from '../contract/step.js';
import { indexAfter } from './characters.js';

const MOST_CHARACTERS = 80;

/** A value as a reason shows it: in double quotes, cut to 80 characters. */
export function quote(value: string): string {
  const end = indexAfter(value, MOST_CHARACTERS);
  return end === value.length ? `"${value}"` : `"${value.slice(0, end)}…"`;
}

/** The failure of a step on a value: the value and what is wrong with it, `"x" is no number`. */
export function fail(value: string, complaint: string): Failure {
  return new Failure(`${quote(value)} ${complaint}`);
}
