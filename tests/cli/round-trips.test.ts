import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDatabases } from '../../engine/cli/databases.js';
import { prepare } from '../../engine/cli/prepare.js';
import { readProject, selectMappings } from '../../engine/cli/project.js';
import { createDatabases, type Databases } from '../support/database.js';

const QUIET = { json: false, quiet: true, verbose: false, color: false, colorOut: false, tty: false };
const COUNT = 40;
const numbers = Array.from({ length: COUNT }, (_, n) => n + 1);

let databases: Databases;
beforeAll(async () => {
  databases = await createDatabases({
    source: numbers.map((n) => `create table t${String(n)} (id int primary key, v text);`).join('\n'),
    target: numbers.map((n) => `create table t${String(n)} (id int primary key, v text, w text);`).join('\n'),
  });
});
afterAll(() => databases.drop());

const mapping = (n: number): string => `source: { table: t${String(n)}, key: id }
target: { table: t${String(n)}, key: id }
columns: { id: id, v: { sql: upper(v) }, w: { sql: "v || '${String(n)}'" } }
`;

/** A server before another one that counts how often a client speaks after it was answered. */
async function openRelay(url: string): Promise<{ readonly url: string; turns(): number; close(): void }> {
  const behind = new URL(url);
  let turns = 0;
  const server = createServer((near) => {
    const far = connect({ host: behind.hostname, port: Number(behind.port) });
    let answered = true;
    near.on('data', (bytes) => {
      if (answered) turns += 1;
      answered = false;
      far.write(bytes);
    });
    far.on('data', (bytes) => {
      answered = true;
      near.write(bytes);
    });
    near.on('close', () => far.destroy()).on('error', () => far.destroy());
    far.on('close', () => near.destroy()).on('error', () => near.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const through = new URL(url);
  through.host = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return { url: through.href, turns: () => turns, close: () => void server.close() };
}

/** Round trips to the source and to the target for planning so many mappings. */
async function planned(count: number): Promise<readonly [source: number, target: number]> {
  const relays = [await openRelay(databases.source), await openRelay(databases.target)] as const;
  const folder = await mkdtemp(path.join(os.tmpdir(), 'crosswalk-turns-'));
  try {
    const connections = `connections: { source: { url: "${relays[0].url}" }, target: { url: "${relays[1].url}" } }`;
    await writeFile(path.join(folder, 'etl.yaml'), `version: 1\nproject: turns\n${connections}\n`);
    for (const n of numbers.slice(0, count)) {
      await writeFile(path.join(folder, `t${String(n)}.yaml`), mapping(n));
    }
    const loaded = await readProject(folder, 'connections', QUIET);
    const selected = selectMappings(loaded, [], [], QUIET);
    const opened = await openDatabases(loaded.project, false, () => undefined);
    const { plan } = await prepare(loaded, selected, opened, QUIET);
    expect(plan.steps).toHaveLength(count);
    await opened.close();
    return [relays[0].turns(), relays[1].turns()];
  } finally {
    for (const relay of relays) relay.close();
    await rm(folder, { recursive: true });
  }
}

it('planning takes as many round trips for forty mappings as for two', async () => {
  const [few, many] = [await planned(2), await planned(COUNT)];
  // What is sent at once may be answered before its last bytes have gone: a few turns are none of ours.
  const spare = 8;
  expect(few[0]).toBeLessThanOrEqual(14 + spare);
  expect(few[1]).toBeLessThanOrEqual(9 + spare);
  expect(many[0]).toBeLessThanOrEqual(few[0] + spare);
  expect(many[1]).toBeLessThanOrEqual(few[1] + spare);
});
