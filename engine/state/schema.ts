import { upgrade1 } from './upgrade-1.js';
import { upgrade2 } from './upgrade-2.js';
import { upgrade3 } from './upgrade-3.js';
import { upgrade4 } from './upgrade-4.js';
import { upgrade5 } from './upgrade-5.js';

/**
 * The engine's own schema in the target: plain tables that a user may query. Each upgrade brings the schema
 * from the version before to its own; a released one is never edited.
 */
export const UPGRADES: readonly ((schema: string) => string)[] = [
  upgrade1,
  upgrade2,
  upgrade3,
  upgrade4,
  upgrade5,
];
