import { once } from 'node:events';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { sweepClusters } from '../../engine/embedded/base.js';
import { isAlive } from '../../engine/embedded/orphan.js';
import { type EmbeddedServer, startEmbedded } from '../../engine/embedded/index.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where a test process asks for the shared server's url; the first question starts the server. */
    readonly databaseServer: string;
  }
}

const PREFIX = 'crosswalk-tests-';

/** Stops and removes what a test run left behind that was killed; leaves a living run alone. */
async function clearKilledRuns(): Promise<void> {
  const names = await readdir(os.tmpdir());
  for (const name of names.filter((entry) => entry.startsWith(PREFIX))) {
    const folder = path.join(os.tmpdir(), name);
    if (isAlive(Number(name.slice(PREFIX.length).split('-', 1)[0]))) continue;
    await sweepClusters(folder, () => Promise.resolve(false));
    // Another user's stay.
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function startServer(): Promise<{ server: EmbeddedServer; folder: string }> {
  await clearKilledRuns();
  const folder = await mkdtemp(path.join(os.tmpdir(), `${PREFIX}${process.pid}-`));
  // As root the server runs as another user, who has to reach its data.
  await chmod(folder, 0o755);
  return { server: await startEmbedded({ folder, durable: false }), folder };
}

/** One server for a whole test run, started when the first test asks for it: pure tests do not wait for it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  let started: ReturnType<typeof startServer> | null = null;
  const broker: Server = createServer((_request, response) => {
    started ??= startServer();
    started.then(
      ({ server }) =>
        response.end(
          server.url('postgres', 'admin') + '\n' + server.url('', 'source') + '\n' + server.url('', 'target'),
        ),
      (error: unknown) => response.writeHead(500).end(error instanceof Error ? error.message : String(error)),
    );
  });
  broker.listen(0, '127.0.0.1');
  await once(broker, 'listening');
  const address = broker.address();
  if (typeof address !== 'object' || address === null) throw new Error('the broker has no port');
  project.provide('databaseServer', `http://127.0.0.1:${address.port}`);
  return async () => {
    broker.closeAllConnections();
    broker.close();
    if (started === null) return;
    const { server, folder } = await started;
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
}
