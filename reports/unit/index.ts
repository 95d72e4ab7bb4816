import type { UnitTestReport } from '../../engine/contract/unit-test.js';
import { unitGithub } from './github.js';
import { unitJson } from './json.js';
import { unitJunit } from './junit.js';
import { unitText } from './text.js';

/** A format of unit tests' results: a pure function. */
export type UnitReport = (report: UnitTestReport, options: { readonly color: boolean }) => string;

/** By the name that `etl test --format` takes. */
export const UNIT_REPORTS: Readonly<Record<string, UnitReport>> = {
  text: unitText,
  junit: unitJunit,
  github: unitGithub,
  json: unitJson,
};
