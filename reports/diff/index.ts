export { diffAnnotations } from './github.js';
export { diffSummary } from './json.js';
export { diffMarkdown } from './markdown.js';
export { diffText } from './text.js';
