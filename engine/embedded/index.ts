export { findEmbedded } from './attach.js';
export { buildDatabases } from './databases.js';
export { emptyTables } from './empty.js';
export { type EmbeddedServer, startEmbedded } from './server.js';
