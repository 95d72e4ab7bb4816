export { buildDatabases, type DatabaseFiles } from './databases.js';
export { type EmbeddedOptions, type EmbeddedServer, startEmbedded } from './server.js';
