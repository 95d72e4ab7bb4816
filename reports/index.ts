import type { Format } from './document.js';
import { htmlReport } from './html.js';
import { jsonReport } from './json.js';
import { junitReport } from './junit.js';
import { markdownReport } from './markdown.js';

/** Every format of the report, the one for people to sign first. */
export const FORMATS: readonly Format[] = [htmlReport, jsonReport, markdownReport, junitReport];
