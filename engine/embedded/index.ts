export { buildDatabases } from './databases.js';
export { type EmbeddedServer, startEmbedded } from './server.js';
