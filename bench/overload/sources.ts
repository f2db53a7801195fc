import { createServer, type AddressInfo, type Socket } from 'node:net';
import { BODIES, type SourceUrls } from '../bodies.ts';

/**
 * Sources that can carry so much and no more, in a process of their own, over bare sockets so that they cost little: each has `workers` and every answer takes one
 * of them for `serviceMs`; who comes meanwhile waits in line, for as long as it takes. Says where they listen.
 */

const serviceMs = Number(process.env['SERVICE_MS']);
const workers = Number(process.env['WORKERS']);

async function listen(name: keyof SourceUrls): Promise<string> {
  const body = JSON.stringify(BODIES[name]);
  const answer = Buffer.from(
    'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n' +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  const line: Socket[] = [];
  let first = 0;
  let busy = 0;
  const next = (): void => {
    while (busy < workers && first < line.length) {
      const socket = line[first];
      first += 1;
      // Whoever has hung up costs nothing.
      if (socket === undefined || socket.destroyed) continue;
      busy += 1;
      setTimeout(() => {
        busy -= 1;
        if (!socket.destroyed) socket.write(answer);
        next();
      }, serviceMs);
    }
    if (first === line.length) first = line.length = 0;
  };
  const server = createServer({ noDelay: true }, (socket) => {
    let last = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      // A request has no body and nothing comes behind it: its end is the end of what was read.
      last = (last + chunk).slice(-4);
      if (last !== '\r\n\r\n') return;
      line.push(socket);
      next();
    });
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 16_384, resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

process.on('disconnect', () => process.exit(0));
process.send?.({
  user: await listen('user'),
  orders: await listen('orders'),
  recommendations: await listen('recommendations'),
} satisfies SourceUrls);
