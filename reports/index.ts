import { htmlReport } from './html.js';
import { jsonReport } from './json.js';
import type { Report } from './report.js';
import { textReport } from './text.js';

export type { Report } from './report.js';

/** Every format of the report, the one for people to sign first. */
export const REPORTS: readonly Report[] = [htmlReport, jsonReport, textReport];
