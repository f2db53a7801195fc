import { describe, expect, it } from '@jest/globals';
import { negotiate, type Format } from './negotiate.ts';

/** Which form of the answer an Accept header asks for. */

const BROWSER =
  'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8';
const SSE = 'text/event-stream';
const NDJSON = 'application/x-ndjson';

const check = ({ accept, format }: { accept: string | undefined; format: Format }): void =>
  expect(negotiate(accept)).toBe(format);

const rows = (...table: [string | undefined, Format][]) =>
  table.map(([accept, format]) => ({ accept, format }));

describe('a stream', () => {
  it.each(
    rows(
      [SSE, 'sse'],
      [NDJSON, 'ndjson'],
      ['Text/Event-Stream', 'sse'],
      [`  ${SSE}  `, 'sse'],
      [`${SSE};charset=utf-8`, 'sse'],
      [`${SSE} ; q=0.1`, 'sse'],
      [`${SSE};Q=1.0`, 'sse'],
      [`text/html, ${NDJSON}`, 'ndjson'],
      ['text/*', 'sse'],
    ),
  )('$accept', check);

  it.each(
    rows(
      [`${SSE}, */*;q=0.1`, 'sse'],
      [`application/json;q=0.5, ${SSE}`, 'sse'],
      [`application/json;q=0.998, ${NDJSON};q=0.999`, 'ndjson'],
      [`${SSE};q=0.5, ${NDJSON};q=0.6`, 'ndjson'],
      [`${NDJSON};q=0.5, ${SSE};q=0.6, application/json;q=0.4`, 'sse'],
      [`application/json;q=0, ${NDJSON};q=0.1`, 'ndjson'],
    ),
  )('that weighs more: $accept', check);

  it.each(
    rows(
      [`${SSE}, */*`, 'sse'],
      [`*/*, ${NDJSON}`, 'ndjson'],
      [`application/*, ${NDJSON}`, 'ndjson'],
      ['*/*, text/*', 'sse'],
    ),
  )('that is named more exactly: $accept', check);

  it.each(
    rows(
      [`${NDJSON}, ${SSE}`, 'sse'],
      ['application/json;q=0, application/*', 'ndjson'],
      ['application/json;q=0, */*', 'sse'],
      ['Application/JSON ;q=0.1, */*', 'sse'],
      ['application/*;q=0.1, */*', 'sse'],
    ),
  )('where JSON is not as good, events first: $accept', check);

  it.each(
    rows(
      [`${SSE};x=",";q=0.9, application/json;q=0.8`, 'sse'],
      [`${SSE};x=";q=0", application/json;q=0.8`, 'sse'],
      [`${SSE};x="\\",application/json", application/json;q=0.8`, 'sse'],
      [`${SSE};q=0.1, ${SSE}, application/json;q=0.5`, 'sse'],
    ),
  )('whatever else is said of it: $accept', check);
});

describe('JSON', () => {
  it.each(rows([undefined, 'json'], ['*/*', 'json'], ['application/json', 'json'], ['', 'json']))(
    'is the default: $accept',
    check,
  );

  it.each(
    rows(
      [BROWSER, 'json'],
      ['application/*', 'json'],
      ['application/json, text/plain, */*', 'json'],
      [`application/json, ${SSE}`, 'json'],
      [`${SSE}, application/json`, 'json'],
      [`${NDJSON};q=0.7, application/json;q=0.7`, 'json'],
      [`${SSE};q=0.2, application/json;q=0.3`, 'json'],
      [`application/json, */*;q=0.9, ${SSE};q=0.9`, 'json'],
    ),
  )('wins ties and where it weighs more: $accept', check);

  it.each(
    rows(
      [`${SSE};q=0`, 'json'],
      [`${SSE};q=0.000, */*;q=0.1`, 'json'],
      [`${SSE};q=0, ${NDJSON};q=0, text/*`, 'json'],
      ['application/json;q=0', 'json'],
      ['*/*;q=0', 'json'],
    ),
  )('is what a refusal of the others leaves: $accept', check);

  it.each(
    rows(
      ['text/html', 'json'],
      ['image/*', 'json'],
      ['application/problem+json', 'json'],
      ['text/event-stream-not', 'json'],
      ['event-stream', 'json'],
      [`${SSE};q=abc`, 'json'],
      [`${SSE};q=2`, 'json'],
      [`${SSE};q=-1`, 'json'],
      [`"${SSE}"`, 'json'],
      [`"unended, ${SSE}`, 'json'],
      [',,;;=,"\\', 'json'],
      ['__proto__', 'json'],
      ['application/json;q=0.5,,', 'json'],
    ),
  )('is the answer to anything else: $accept', check);
});

it('a header as long as they come is read in no time', () => {
  for (const piece of [',', ';', '"', '\\', '"\\', 'q=', `${SSE};q=0,`, ';q=,*/*'])
    expect(negotiate(piece.repeat(16_384 / piece.length))).toBeDefined();
});
