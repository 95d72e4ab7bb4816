import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { buildDatabases, startEmbedded } from '../../../dist/engine/embedded/index.js';
import { delayProxy } from '../proxy.mjs';
import { startSystem } from './system.mjs';

const SIGNALS = ['SIGINT', 'SIGTERM'];

/** What each open bed does to leave nothing behind. */
const open = new Set();
let cutting = null;

/** Ctrl-C: neither servers nor data stay. */
function cut() {
  cutting ??= Promise.allSettled([...open].map((clear) => clear())).finally(() => process.exit(130));
}

/**
 * A server with a source and a target database, for the length of `work(bed)`:
 * - `urls` { source, target }: as the migration's roles, through the latency asked for
 * - `admin(database)`: as superuser, near
 * - `through`: the port behind which the latency is, or the server's own
 * - `query(url, sql)`: the last statement's rows
 * - `reset(kept)`: the target as it was built, the etl schema gone, a checkpoint done; schemas of these names stay
 * - `project(content)`: a project folder, copied from a folder's path or made of file names and texts
 * - `version` of the server, `folder` (goes with the bed)
 *
 * @param options `server` embedded | system, `source` and `target` each an SQL text or a list of files, `settings` that
 * these read, `latencyMs` of a round trip, `data`: where an embedded server has its data, below `folder`, `keep`: the
 * folder does not go
 */
export async function withBed({ server = 'embedded', latencyMs = 0, data = 'server', keep, ...sql }, work) {
  const folder = mkdtempSync(path.join(tmpdir(), 'crosswalk-bench-'));
  // As root the server runs as another user, who has to reach its data.
  chmodSync(folder, 0o755);
  const undo = keep ? [] : [() => rmSync(folder, { recursive: true, force: true })];
  const clear = async () => {
    for (let step = undo.pop(); step; step = undo.pop()) await step();
  };
  if (open.size === 0) for (const signal of SIGNALS) process.on(signal, cut);
  open.add(clear);
  try {
    const started = await start(server, folder, data);
    undo.push(() => started.stop());
    const proxy =
      latencyMs > 0 ? await delayProxy({ host: '127.0.0.1', port: started.port, latencyMs }) : null;
    if (proxy) undo.push(() => proxy.close());
    return await work(await furnish(started, { folder, ...sql, port: proxy?.port ?? started.port }));
  } finally {
    await (cutting ?? clear());
    open.delete(clear);
    if (open.size === 0) for (const signal of SIGNALS) process.off(signal, cut);
  }
}

async function start(server, folder, data) {
  if (server === 'embedded') return startEmbedded({ folder: path.join(folder, data) });
  const place = mkdtempSync(path.join(folder, 'system-'));
  return startSystem(place);
}

async function furnish(started, { folder, source, target, settings, port }) {
  const files = (name, sql) => {
    if (typeof sql !== 'string') return sql;
    const file = path.join(folder, `${name}.sql`);
    writeFileSync(file, sql);
    return [file];
  };
  const built = { source: files('source', source), target: files('target', target) };
  await buildDatabases(started, { ...built, settings });
  const again = built.target.map((file) => readFileSync(file, 'utf8')).join('\n');
  const through = (database) => {
    const url = new URL(started.url(database));
    url.port = String(port);
    return url.href;
  };
  const admin = (database) => started.url(database, 'admin');
  const [{ server_version: version }] = await query(admin('target'), 'show server_version');
  return {
    urls: { source: through('source'), target: through('target') },
    admin,
    query,
    reset: (kept = []) => reset(admin('target'), started.url('target'), { target: again, kept }),
    project: (content) => makeProject(folder, content),
    version: version.split(' ')[0],
    folder,
    through: port,
  };
}

/** Runs SQL on a connection of its own: rows of the last statement that it holds. */
export async function query(url, sql) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return [await client.query(sql)].flat().at(-1).rows;
  } finally {
    await client.end();
  }
}

/** Not TRUNCATE: what a run that failed in its middle left undone must not reach the next one. */
async function reset(admin, owner, { target, kept }) {
  const stays = ['information_schema', ...kept].map((name) => `'${name}'`).join(', ');
  await query(
    admin,
    `do $$ declare name text; begin
       for name in select nspname from pg_namespace where nspname !~ '^pg_' and nspname not in (${stays}) loop
         execute format('drop schema %I cascade', name);
       end loop;
       create schema public authorization pg_database_owner;
       grant usage on schema public to public;
     end $$`,
  );
  await query(owner, target);
  await query(admin, 'checkpoint');
}

/** The project file of a project that brings none. */
export const ETL = `version: 1
project: bench
connections:
  source: { url: '\${SOURCE_DATABASE_URL}' }
  target: { url: '\${TARGET_DATABASE_URL}' }
`;

let projects = 0;

function makeProject(folder, content) {
  projects += 1;
  const place = path.join(folder, `project-${projects}`);
  if (typeof content === 'string') {
    cpSync(content, place, { recursive: true, filter: (file) => path.basename(file) !== '.etl' });
    return place;
  }
  mkdirSync(place);
  for (const [name, text] of Object.entries({ 'etl.yaml': ETL, ...content })) {
    writeFileSync(path.join(place, name), text);
  }
  return place;
}
