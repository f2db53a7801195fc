import type { AnswerBytes } from './faults.ts';

/** An answer in one of the two forms that HTTP/1.1 has for where a body ends. */

export type Framing = 'length' | 'chunks';

export function framed(status: number, body: Buffer, framing: Framing): AnswerBytes {
  const head = `HTTP/1.1 ${status} ${status === 200 ? 'OK' : 'No'}\r\ncontent-type: application/json\r\n`;
  if (framing === 'length') return of(`${head}content-length: ${body.length}\r\n\r\n`, [body]);
  const middle = Math.ceil(body.length / 2);
  return of(`${head}transfer-encoding: chunked\r\n\r\n`, [
    ...chunk(body.subarray(0, middle)),
    ...chunk(body.subarray(middle)),
    Buffer.from('0\r\n\r\n'),
  ]);
}

const of = (head: string, body: readonly Buffer[]): AnswerBytes => ({
  bytes: Buffer.concat([Buffer.from(head), ...body]),
  bodyAt: head.length,
});

/** An empty one would be the end. */
const chunk = (part: Buffer): readonly Buffer[] =>
  part.length === 0
    ? []
    : [Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')];
