import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** What becomes of what the server answers on a connection. */
type Answers =
  | 'pass'
  /** Swallowed; the connection stays as it is. */
  | 'swallow'
  /** The first is waited for, so that what was asked is done; then the connection is cut. */
  | 'cut';

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  answers: Answers;
  /** Bytes of the server that went through. */
  passed: number;
}

/** A TCP proxy before a PostgreSQL server that fails on request. */
export interface Proxy {
  /** The same login, by way of the proxy. */
  through(url: string): string;
  /** Is asked of every piece that a client sends what becomes of the answers from then on; null leaves them as they are. */
  onRequest: (bytes: Buffer) => Answers | null;
  /** Bytes of the server after which a connection is cut. */
  most: number;
  /** Cuts all connections. Gives how many they were. */
  cut(): number;
  /** While true nothing goes through, either way, and nobody is told; connections are taken. */
  isStalled: boolean;
  /** Where connections lead from now on. */
  port: number;
  close(): Promise<void>;
}

/** @param url of the server: its port is where connections lead at first */
export async function openProxy(url: string): Promise<Proxy> {
  const pairs = new Set<Pair>();
  const server = createServer((near) => {
    const far = connect(proxy.port, new URL(url).hostname);
    const pair: Pair = { near, far, answers: 'pass', passed: 0 };
    pairs.add(pair);
    const end = (): void => {
      pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) socket.setNoDelay(true).on('error', end).on('close', end);
    near.on('data', (bytes: Buffer) => {
      if (proxy.isStalled) return;
      pair.answers = proxy.onRequest(bytes) ?? pair.answers;
      far.write(bytes);
    });
    far.on('data', (bytes: Buffer) => {
      if (proxy.isStalled || pair.answers === 'swallow') return;
      const passing = pair.answers === 'cut' ? 0 : proxy.most - pair.passed;
      pair.passed += bytes.length;
      if (passing > 0) near.write(bytes.subarray(0, passing));
      if (passing < bytes.length) end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the proxy has no port');
  const own = String(address.port);
  const proxy: Proxy = {
    through: (login) => {
      const changed = new URL(login);
      changed.port = own;
      return changed.href;
    },
    onRequest: () => null,
    most: Infinity,
    cut: () => {
      const { size } = pairs;
      for (const { near, far } of pairs) {
        near.destroy();
        far.destroy();
      }
      return size;
    },
    isStalled: false,
    port: Number(new URL(url).port),
    close: async () => {
      proxy.cut();
      server.close();
      await once(server, 'close');
    },
  };
  return proxy;
}
