import http from 'node:http';
import type { Call } from './load.ts';

/**
 * Callers who ask at a steady rate whatever comes back, over connections they keep. A process of its own: it measures
 * what callers see, not what the event loop of a test does to them.
 */

const LONGEST_LAG_MS = 200;

const [url = '', perSecond = ''] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true, timeout: 30_000 });
const calls: Call[] = [];
let underWay = 0;
let isStopping = false;

const everyMs = 1000 / Number(perSecond);
let dueAt = performance.now();
const ticker = setInterval(() => {
  const now = performance.now();
  // Late ticks are made up for, so that the rate holds; a long stall of this process is not, as it would be a burst.
  dueAt = Math.max(dueAt, now - LONGEST_LAG_MS);
  for (; dueAt <= now; dueAt += everyMs) ask();
}, 5);

process.on('disconnect', () => process.exit(0));
process.on('message', () => {
  clearInterval(ticker);
  isStopping = true;
  reportWhenDone();
});

function ask(): void {
  // A thousand users in turn: no two requests under way are alike.
  const userId = String((calls.length % 1000) + 1);
  const call: Call = { sentAt: Date.now(), endedAt: Number.POSITIVE_INFINITY };
  calls.push(call);
  underWay += 1;
  const request = http.get(`${url}/dashboard/${userId}`, { agent }, (response) => {
    let body = '';
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => (body += chunk));
    response.on('error', (error) => end(call, `cut short: ${error.message}`));
    response.on('end', () => end(call, whatIsWrong(userId, response.statusCode, body)));
  });
  request.on('error', (error) => end(call, error.message));
  request.setTimeout(10_000, () => request.destroy(new Error('no answer within 10 s')));
}

function whatIsWrong(userId: string, status: number | undefined, body: string): string | undefined {
  try {
    const answer = JSON.parse(body) as { status?: unknown; userId?: unknown; sources?: unknown };
    if (status === 200 && answer.status === 'success' && answer.userId === userId) return undefined;
    return `${status} ${JSON.stringify(answer.sources ?? answer)}`;
  } catch {
    return `${status} and not JSON: ${body}`;
  }
}

function end(call: Call, problem: string | undefined): void {
  // An error of the request can follow one of its answer.
  if (call.endedAt !== Number.POSITIVE_INFINITY) return;
  call.endedAt = Date.now();
  if (problem !== undefined) call.problem = problem;
  underWay -= 1;
  reportWhenDone();
}

function reportWhenDone(): void {
  if (isStopping && underWay === 0) process.send?.(calls);
}
