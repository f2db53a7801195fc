import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathOfUser } from '../throughput/generators/generator.ts';

/**
 * Open-loop load, in a process of its own: a request goes out when it is due, whether or not those before have been
 * answered. Takes one `LoadJob`, says every `Call`.
 */

export interface LoadJob {
  readonly origin: string;
  readonly perSecond: number;
  /** The first request's time, in `Date.now()` ms. */
  readonly from: number;
  readonly seconds: number;
  /** So many different ones, in turn; 0: never the same twice. */
  readonly users: number;
}

/** `stale`: every section is there, some of them from memory. `partial`: some are not. */
export type Outcome = 'complete' | 'stale' | 'partial' | 'failed' | 'hung_up';

export interface Call {
  /** In `Date.now()` ms. */
  readonly sentAt: number;
  readonly tookMs: number;
  readonly outcome: Outcome;
  /** Why it is not complete, as far as the answer says: a status, or the reasons of what is missing or stale. */
  readonly why?: string;
}

/** Who waits in front of a page is gone by then. */
const PATIENCE_MS = 5_000;

/** Those of the warm-up do not come again either. */
let asked = 0;

const agent = new http.Agent({ keepAlive: true, maxFreeSockets: Infinity });

interface Answer {
  readonly status: string;
  readonly missing: readonly string[];
  readonly sources: Readonly<Record<string, { readonly reason?: string }>>;
}

type Verdict = Pick<Call, 'outcome' | 'why'>;

function verdictOn(status: number | undefined, text: string): Verdict {
  if (status !== 200) return { outcome: 'failed', why: String(status) };
  const { status: word, missing, sources } = JSON.parse(text) as Answer;
  if (word === 'success') return { outcome: 'complete' };
  const reasons = Object.entries(sources).flatMap(([name, { reason }]) =>
    reason === undefined ? [] : [`${name} ${reason}`],
  );
  return { outcome: missing.length === 0 ? 'stale' : 'partial', why: reasons.join(', ') };
}

function call(url: string): Promise<Call> {
  const sentAt = Date.now();
  const began = performance.now();
  return new Promise((resolve) => {
    const end = (verdict: Verdict): void => {
      clearTimeout(timer);
      resolve({ sentAt, tookMs: performance.now() - began, ...verdict });
    };
    const fail = ({ message }: Error): void => end({ outcome: 'failed', why: message });
    const request = http.get(url, { agent }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.once('error', fail);
      response.once('end', () => end(verdictOn(response.statusCode, text)));
    });
    const timer = setTimeout(() => {
      end({ outcome: 'hung_up' });
      request.destroy();
    }, PATIENCE_MS);
    request.once('error', fail);
  });
}

async function run({ origin, perSecond, from, seconds, users }: LoadJob): Promise<Call[]> {
  const calls: Promise<Call>[] = [];
  const total = perSecond * seconds;
  await sleep(Math.max(0, from - Date.now()));
  while (calls.length < total) {
    const due = Math.min(total, ((Date.now() - from) / 1_000) * perSecond);
    while (calls.length < due) {
      asked += 1;
      calls.push(call(origin + pathOfUser(users === 0 ? asked : asked % users)));
    }
    await sleep(2);
  }
  return Promise.all(calls);
}

process.on('disconnect', () => process.exit(0));
process.on('message', (job: LoadJob) => void run(job).then((calls) => process.send?.(calls)));
