export { formatProblems } from './frames.js';
export { loadProject } from './load.js';
export type { LoadedProject, LoadOptions } from './load.js';
export { shownPath } from './shown.js';
export { stampOf } from './load-stamp.js';
