import net from 'node:net';

/** Sends exactly these bytes, and hears exactly what is answered: for what no HTTP client would send. */

export interface RawAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Exchange {
  /** In their order, interim ones (1xx) included. */
  readonly answers: readonly RawAnswer[];
  /** Whether the other side closed the connection. */
  readonly isClosed: boolean;
  /** Whether it did so while there was something left to read: an answer may then be lost. */
  readonly isReset: boolean;
}

interface Patience {
  /** With an answer and nothing more for this long, and no word of closing, it is the end. */
  readonly quietMs?: number;
  /** Whether the other side is still working for the connection from this port: quiet is not the end then. */
  readonly isBusy?: (localPort: number | undefined) => boolean;
  /** Longer than this is a hang. Time in which this process itself was not served does not count. */
  readonly withinMs?: number;
  /** Between the pieces that are sent. */
  readonly pauseMs?: number;
  /** Called once something has been answered or closed. */
  readonly onSettled?: () => void;
}

const TICK_MS = 100;

/** @param pieces bytes, sent one after the other; text is latin1 */
export function exchange(
  port: number,
  pieces: string | readonly (string | Buffer)[],
  { quietMs = 40, withinMs = 5_000, pauseMs = 2, isBusy, onSettled }: Patience = {},
): Promise<Exchange> {
  return new Promise((resolve, reject) => {
    let text = '';
    let isReset = false;
    let quiet: NodeJS.Timeout | undefined;
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
    const end = (isClosed: boolean): void => {
      clearTimeout(quiet);
      clearInterval(patience);
      socket.destroy();
      onSettled?.();
      resolve({ answers: answersIn(text), isClosed, isReset });
    };
    let ticksLeft = withinMs / TICK_MS;
    const patience = setInterval(() => {
      ticksLeft -= 1;
      if (ticksLeft > 0) return;
      reject(new Error(`no end after ${withinMs} ms: ${JSON.stringify([pieces, text])}`));
      end(false);
    }, TICK_MS);
    const endWhenIdle = (): void => {
      const due = quiet;
      // Looks at the sockets once more: after a stall the other side may not have had its turn.
      setImmediate(() => {
        if (quiet !== due) return;
        if (isBusy?.(socket.localPort) === true) quiet = setTimeout(endWhenIdle, quietMs);
        else end(false);
      });
    };
    socket.on('data', (chunk: Buffer) => {
      onSettled?.();
      text += chunk.toString('latin1');
      clearTimeout(quiet);
      quiet = undefined;
      const last = answersIn(text).at(-1);
      if (last !== undefined && last.status >= 200 && last.headers.connection !== 'close')
        quiet = setTimeout(endWhenIdle, quietMs);
    });
    socket.on('error', () => (isReset = true));
    socket.on('close', () => end(true));
    void send(socket, typeof pieces === 'string' ? [pieces] : pieces, pauseMs);
  });
}

async function send(
  socket: net.Socket,
  pieces: readonly (string | Buffer)[],
  pauseMs: number,
): Promise<void> {
  for (const [at, piece] of pieces.entries()) {
    if (at > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    if (!socket.writable) return;
    socket.write(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece);
  }
}

/** Every answer whose head is there. A body that is announced and followed by another answer is that of a HEAD. */
function answersIn(text: string): RawAnswer[] {
  const answers: RawAnswer[] = [];
  let rest = text;
  for (let end = rest.indexOf('\r\n\r\n'); end >= 0; end = rest.indexOf('\r\n\r\n')) {
    const [statusLine = '', ...lines] = rest.slice(0, end).split('\r\n');
    // 0 for what is not an answer: no test expects it.
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1] ?? 0);
    const headers = Object.fromEntries(
      lines.map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
    rest = rest.slice(end + 4);
    const isChunked = headers['transfer-encoding'] === 'chunked';
    const length = rest.startsWith('HTTP/1.1 ') ? 0 : Number(headers['content-length'] ?? 0);
    const [body, after] = isChunked ? unchunked(rest) : [rest.slice(0, length), rest.slice(length)];
    answers.push({ status, headers, body });
    rest = after;
  }
  return answers;
}

/** The chunks that are there, and what comes after the last one. */
function unchunked(text: string): [body: string, after: string] {
  let body = '';
  let rest = text;
  for (let head = CHUNK.exec(rest); head !== null; head = CHUNK.exec(rest)) {
    const from = head[0].length;
    const end = from + Number.parseInt(head[1] ?? '', 16);
    body += rest.slice(from, end);
    rest = rest.slice(end + 2);
    if (end === from) break;
  }
  return [body, rest];
}

const CHUNK = /^([0-9a-f]+)\r\n/;
