import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from './service.ts';

/** An OTLP/HTTP collector that keeps what it is sent. */

export const KINDS = { internal: 1, server: 2, client: 3 } as const;
export const ERROR = 2;

export interface CollectedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Undefined of a root. */
  readonly parentSpanId: string | undefined;
  readonly traceState: string | undefined;
  readonly kind: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly status: number;
  readonly links: readonly { readonly spanId: string; readonly traceId: string }[];
  readonly startMs: number;
  readonly endMs: number;
  readonly resource: Readonly<Record<string, unknown>>;
}

export class Collector {
  readonly posts: { path: string; headers: IncomingHttpHeaders; body: Buffer }[] = [];
  /** How it answers. */
  answer: (response: ServerResponse) => void = (response) =>
    void response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  private readonly server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { url: path = '', headers } = request;
      this.posts.push({ path, headers, body: Buffer.concat(chunks) });
      this.answer(response);
    });
  });

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** All that it was sent as text, where that was JSON. */
  get text(): string {
    return this.posts.map(({ body }) => body.toString()).join('\n');
  }

  get spans(): readonly CollectedSpan[] {
    return this.posts.flatMap(({ body }) => spansOf(JSON.parse(body.toString()) as Export));
  }

  /** Every span of a trace, once those of the request itself and of so many others have come. */
  async trace(traceId: string, count: number): Promise<Trace> {
    const mine = (): readonly CollectedSpan[] =>
      this.spans.filter((span) => span.traceId === traceId);
    await until(() => mine().length >= count, `${count} spans of ${traceId}`);
    return new Trace(mine());
  }
}

/** The spans of one request, by what they are. */
export class Trace {
  readonly all: readonly CollectedSpan[];

  constructor(all: readonly CollectedSpan[]) {
    this.all = all;
  }

  get server(): CollectedSpan {
    return this.one(({ kind }) => kind === KINDS.server);
  }

  call(source: string): CollectedSpan {
    return this.one(({ name }) => name === `source ${source}`);
  }

  /** In the order of sending. */
  attempts(source: string): readonly CollectedSpan[] {
    return this.all
      .filter(({ name }) => name === `GET ${source}`)
      .toSorted((a, b) => a.startMs - b.startMs);
  }

  private one(is: (span: CollectedSpan) => boolean): CollectedSpan {
    const [found, ...more] = this.all.filter(is);
    if (found === undefined || more.length > 0)
      throw new Error(`not one: ${JSON.stringify(this.all)}`);
    return found;
  }
}

interface Value {
  readonly stringValue?: string;
  readonly intValue?: number | string;
  readonly doubleValue?: number;
  readonly boolValue?: boolean;
  readonly arrayValue?: { readonly values: readonly Value[] };
}
interface KeyValue {
  readonly key: string;
  readonly value: Value;
}
interface WireSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly kind: number;
  readonly attributes: readonly KeyValue[];
  readonly status: { readonly code?: number };
  readonly links?: readonly { readonly spanId: string; readonly traceId: string }[];
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
}
interface Export {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeSpans: readonly { readonly spans: readonly WireSpan[] }[];
  }[];
}

const spansOf = ({ resourceSpans }: Export): readonly CollectedSpan[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        name: span.name,
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId === '' ? undefined : span.parentSpanId,
        traceState: span.traceState,
        kind: span.kind,
        attributes: recordOf(span.attributes),
        status: span.status.code ?? 0,
        links: span.links ?? [],
        startMs: Number(span.startTimeUnixNano) / 1e6,
        endMs: Number(span.endTimeUnixNano) / 1e6,
        resource: recordOf(resource.attributes),
      })),
    ),
  );

const recordOf = (attributes: readonly KeyValue[]): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, valueOf(value)]));

const valueOf = ({ stringValue, intValue, doubleValue, boolValue, arrayValue }: Value): unknown =>
  stringValue ??
  (intValue === undefined ? undefined : Number(intValue)) ??
  doubleValue ??
  boolValue ??
  arrayValue?.values.map(valueOf);
