import { fileURLToPath } from 'node:url';
import { runNode } from '../lib/process.mjs';

const MIGRATE = fileURLToPath(new URL('script/migrate.mjs', import.meta.url));

export const script = {
  name: 'script',
  title: 'a hand-written Node script: cursor of 5,000 rows, look-up maps, INSERTs of 1,000 rows',
  holds: 'made',
  missing: () => null,
  run: ({ urls }) => runNode([MIGRATE, urls.source, urls.target]),
};
