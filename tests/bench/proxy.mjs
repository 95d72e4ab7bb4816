import { connect, createServer } from 'node:net';
import { once } from 'node:events';

/**
 * A TCP proxy on a free port of 127.0.0.1 that holds every byte back by half of `latencyMs` each way, so that a round
 * trip costs `latencyMs` and throughput nothing: `{ port, close() }`.
 */
export async function delayProxy({ host, port, latencyMs }) {
  const sockets = new Set();
  const server = createServer((near) => {
    const far = connect({ host, port });
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    }
    carry(near, far, latencyMs / 2);
    carry(far, near, latencyMs / 2);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: server.address().port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Timers of one length fire in the order in which they were set, so bytes keep theirs. */
function carry(from, to, delayMs) {
  from.on('data', (bytes) => {
    setTimeout(() => {
      if (to.destroyed || to.write(bytes)) return;
      from.pause();
      to.once('drain', () => from.resume());
    }, delayMs);
  });
  from.on('end', () => setTimeout(() => to.end(), delayMs));
  from.on('error', () => to.destroy());
}
