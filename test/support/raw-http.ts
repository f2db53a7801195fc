import { expect } from '@jest/globals';
import { ProblemSchema } from '../../src/http/problem/problem.ts';
import { SECURITY_HEADERS } from '../../src/http/security-headers.ts';
import { exchange, type Exchange, type RawAnswer } from './raw-client.ts';
import type { TestService } from './service.ts';

export const HOST = 'Host: x\r\n';

/** A request as bytes. */
export const get = (headers = '', target = '/dashboard/41', version = '1.1'): string =>
  `GET ${target} HTTP/${version}\r\n${HOST}${headers}\r\n`;

/** One answer, a problem with all that an answer carries; the connection is closed and no source was asked. */
export async function expectRefused(
  service: TestService,
  bytes: string | readonly string[],
  status: number,
): Promise<RawAnswer> {
  const { answers, isClosed } = await exchange(service.port, bytes);
  expect(answers.map((answer) => answer.status)).toEqual([status]);
  const [answer] = answers as [RawAnswer];
  expect(answer.headers).toMatchObject({
    ...SECURITY_HEADERS,
    'content-type': 'application/problem+json; charset=utf-8',
    'cache-control': 'private, no-store',
    vary: 'Accept',
    connection: 'close',
  });
  const problem = ProblemSchema.parse(JSON.parse(answer.body));
  expect(problem.status).toBe(status);
  expect(problem.requestId).toBe(answer.headers['x-request-id']);
  expect(isClosed).toBe(true);
  expect(service.asked).toBe(0);
  return answer;
}

/** These answers in this order. */
export async function expectAnswered(
  service: TestService,
  bytes: string,
  ...statuses: number[]
): Promise<Exchange> {
  const outcome = await exchange(service.port, bytes);
  expect(outcome.answers.map(({ status }) => status)).toEqual(statuses);
  for (const { headers } of outcome.answers) expect(headers).toMatchObject(SECURITY_HEADERS);
  return outcome;
}
