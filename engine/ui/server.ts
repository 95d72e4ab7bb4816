import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EXIT, EtlError } from '../contract/errors.js';
import { PAGE, readAssets } from './assets.js';
import { Desk } from './desk.js';
import { Events } from './events.js';
import { judge, type Door } from './guard.js';
import { failure, problem, protect, send, type Reply } from './reply.js';
import { route } from './routes.js';
import type { Site } from './site.js';

export interface ServeOptions extends Door {
  /** 0: any that is free. */
  readonly port: number;
}

/** A dashboard that answers. */
export interface Dashboard {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** Connections of browsers at the most: a page needs two or three. */
const CONNECTIONS = 512;

/** Milliseconds that a request may take to come in. */
const REQUEST_MS = 10_000;

/** Starts the dashboard's server. @throws EtlError exit 2 where the address cannot be had */
export async function serve(site: Site, options: ServeOptions): Promise<Dashboard> {
  const desk = new Desk(site);
  const events = new Events(desk);
  const assets = readAssets(PAGE);
  const server = createServer(
    { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS },
    (request, response) => {
      void answer({ desk, events, assets, door: options }, request, response);
    },
  );
  server.maxConnections = CONNECTIONS;
  await listen(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      await events.stop();
      server.closeAllConnections();
      server.close();
      await desk.pool.close();
    },
  };
}

async function listen(server: Server, { host, port }: ServeOptions): Promise<void> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    const why = code === 'EADDRINUSE' ? 'is in use' : `cannot be had (${code})`;
    throw new EtlError(`the address ${host}, port ${String(port)}, ${why}`, {
      exitCode: EXIT.usage,
      help: 'name another --port (0 for any that is free), or another --host',
      cause,
    });
  }
}

interface House {
  readonly desk: Desk;
  readonly events: Events;
  readonly assets: ReadonlyMap<string, Reply>;
  readonly door: Door;
}

async function answer(house: House, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const url = urlOf(request);
    if (url === null) {
      send(request, response, problem(400, 'the address is not well formed'));
      return;
    }
    const verdict = judge(request, url, house.door);
    if (verdict.kind === 'welcome') {
      protect(response);
      response.writeHead(303, { Location: verdict.location, 'Set-Cookie': verdict.cookie }).end();
    } else if (verdict.kind === 'refuse') {
      if (verdict.status === 405) response.setHeader('Allow', 'GET, HEAD');
      if (verdict.status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
      send(request, response, problem(verdict.status, verdict.error, verdict.help));
    } else if (url.pathname === '/api/events' && request.method === 'GET') {
      look(house.events, url, request, response);
    } else {
      send(request, response, await replyTo(house, url));
    }
  } catch (error) {
    if (response.headersSent) response.destroy();
    else send(request, response, failure(error));
  }
}

/** On an origin of no meaning; dots are resolved within it. Null for what is no path. */
function urlOf({ url = '' }: IncomingMessage): URL | null {
  if (!url.startsWith('/')) return null;
  try {
    return new URL(`http://dashboard${url.startsWith('//') ? '/.' : ''}${url}`);
  } catch {
    return null;
  }
}

function look(events: Events, url: URL, request: IncomingMessage, response: ServerResponse): void {
  if (events.isFull) send(request, response, problem(503, 'too many pages look on', 'close some of them'));
  else events.add(url.searchParams.get('run') ?? 'last', response);
}

async function replyTo({ desk, assets }: House, url: URL): Promise<Reply> {
  const asset = assets.get(url.pathname);
  if (asset !== undefined) return asset;
  const reply = await route(url, desk);
  return reply ?? problem(404, 'there is nothing here', 'docs/dashboard.md lists what the server answers');
}
