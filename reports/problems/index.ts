import type { Problem } from '../../engine/contract/problem.js';
import { githubAnnotations } from './github.js';
import { junitProblems } from './junit.js';
import { sarifLog } from './sarif.js';

/** What a reporter of problems is given: `files` are those that were looked at, `version` is the engine's. */
export interface ProblemsReport {
  readonly problems: readonly Problem[];
  readonly files: readonly string[];
  readonly version: string;
  /** `etl validate`: what has looked at them. */
  readonly command: string;
}

/** A format's name → the document, without a line break at its end; empty where there is nothing to say. */
export const PROBLEM_FORMATS = {
  github: ({ problems }: ProblemsReport) => githubAnnotations(problems),
  sarif: ({ problems, version }: ProblemsReport) => sarifLog(problems, version),
  junit: ({ problems, files, command }: ProblemsReport) => junitProblems(problems, files, command),
} as const;

export type ProblemFormat = keyof typeof PROBLEM_FORMATS;
