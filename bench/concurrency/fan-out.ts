import http from 'node:http';

/** The work that all models do alike: three calls at once, joined when the last one is there. */

const CALLS = 3;

// As many connections as there are calls under way, and kept: connecting is not what is compared.
const agent = new http.Agent({ keepAlive: true, maxFreeSockets: Infinity });

const call = (url: string): Promise<number> =>
  new Promise((resolve, reject) => {
    http
      .get(url, { agent }, (response) => {
        let length = 0;
        response.on('data', (chunk: Buffer) => (length += chunk.length));
        response.once('error', reject);
        response.once('end', () => resolve(length));
      })
      .once('error', reject);
  });

/** @returns bytes in all */
export async function fanOut(url: string): Promise<number> {
  const lengths = await Promise.all(Array.from({ length: CALLS }, () => call(url)));
  return lengths.reduce((sum, length) => sum + length, 0);
}
