import { BIND_CODES } from './codes-bind.js';
import { CHECK_CODES } from './codes-check.js';
import { LANGUAGE_CODES } from './codes-language.js';
import { TEST_CODES } from './codes-test.js';

/** Every problem that Crosswalk can report of a project: stable code → the paragraph of the reference. */
export const CODES = { ...LANGUAGE_CODES, ...BIND_CODES, ...CHECK_CODES, ...TEST_CODES } as const;

export type ProblemCode = keyof typeof CODES;
