import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';

/** A JSON Web Key Set with a dozen keys is a tenth of it. */
const MAX_BYTES = 262_144;

const TIMEOUT_MS = 2_000;

/**
 * One GET for the issuer's keys, over a connection of its own, and never a redirect: whoever could send us elsewhere
 * could let anybody in. Resolves to the parsed JSON.
 *
 * @throws Error within 2 s, when the signal says so, or when the answer is not a short 200 with JSON
 */
export async function requestJwks(url: string, signal: AbortSignal): Promise<unknown> {
  const ends = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  const response = await responseOf(url, ends);
  if (response.statusCode !== 200) {
    response.destroy();
    throw new Error(`it answers ${response.statusCode}`);
  }
  return parse(await bodyOf(response));
}

function responseOf(url: string, signal: AbortSignal): Promise<IncomingMessage> {
  const { get } = url.startsWith('https:') ? https : http;
  return new Promise((resolve, reject) => {
    get(url, { agent: false, signal, headers: { accept: 'application/json' } }, resolve)
      .on('error', reject)
      .on('socket', (socket) => socket.unref());
  });
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let received = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    received += chunk.length;
    // Leaving the loop closes the connection.
    if (received > MAX_BYTES) throw new Error(`it answers more than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The parser's own message would quote what it read.
    throw new Error('it does not answer with JSON');
  }
}
