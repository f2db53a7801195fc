import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SOURCE_NAMES } from '../src/clients/sources.ts';
import { REASONS } from '../src/errors/reason.ts';
import { TestService } from './support/service.ts';

/** What the service says of itself, and its probes. */

let service: TestService;
beforeAll(async () => {
  service = await TestService.start();
});
afterAll(() => service.stop());

interface Document {
  readonly openapi: string;
  readonly paths: Record<
    string,
    {
      get: {
        operationId: string;
        tags: string[];
        parameters: { name: string; in: string }[];
        responses: Record<string, { content: Record<string, { schema: { $ref: string } }> }>;
      };
    }
  >;
  readonly components: {
    schemas: Record<string, { properties: Record<string, unknown>; enum?: string[] }>;
  };
}

describe('/openapi.json', () => {
  let document: Document;
  let text: string;
  beforeAll(async () => {
    ({ text } = await service.request('/openapi.json'));
    document = JSON.parse(text) as Document;
  });

  it('is OpenAPI 3.1 with every status of the dashboard', () => {
    expect(document.openapi).toBe('3.1.0');
    const operation = document.paths['/dashboard/{user_id}']?.get;
    if (operation === undefined) throw new Error('not documented');
    const { responses, parameters } = operation;
    expect(Object.keys(responses)).toEqual([
      '200',
      '400',
      '401',
      '403',
      '404',
      '429',
      '500',
      '502',
      '503',
      '504',
    ]);
    expect(responses['200']?.content['application/json']?.schema.$ref).toBe(
      '#/components/schemas/DashboardAnswer',
    );
    for (const stream of ['text/event-stream', 'application/x-ndjson']) {
      const described = JSON.stringify(responses['200']?.content[stream]);
      for (const name of ['section', 'complete', 'error'])
        expect(described).toContain(`{"const":"${name}"}`);
      for (const schema of ['SectionEvent', 'CompleteEvent', 'Problem'])
        expect(described).toContain(`{"$ref":"#/components/schemas/${schema}"}`);
    }
    for (const status of ['400', '401', '403', '404', '429', '500', '502', '503', '504'])
      expect(responses[status]?.content['application/problem+json']?.schema.$ref).toBe(
        '#/components/schemas/Problem',
      );
    expect(parameters.map(({ name }) => name).toSorted()).toEqual([
      'explain',
      'include',
      'require',
      'user_id',
      'x-request-id',
      'x-request-timeout-ms',
    ]);
  });

  it('has every schema, the closed list of reasons, and a property for every source', () => {
    const { schemas } = document.components;
    expect(Object.keys(schemas)).toEqual(
      expect.arrayContaining([
        'CompleteEvent',
        'DashboardAnswer',
        'Order',
        'Problem',
        'Reason',
        'Recommendation',
        'SectionEvent',
        'SourceName',
        'SourceReport',
        'User',
      ]),
    );
    expect(schemas.Reason?.enum).toEqual([...REASONS]);
    expect(schemas.SourceName?.enum).toEqual([...SOURCE_NAMES]);
    const data = schemas.DashboardAnswer?.properties.data as {
      properties: Record<string, unknown>;
    };
    expect(Object.keys(data.properties)).toEqual([...SOURCE_NAMES]);
  });

  it('documents the probes, and no operation twice', () => {
    expect(Object.keys(document.paths).toSorted()).toEqual([
      '/dashboard/{user_id}',
      '/health/live',
      '/health/ready',
    ]);
    const operations = Object.values(document.paths).map(({ get }) => get);
    expect(operations.map(({ operationId }) => operationId).toSorted()).toEqual([
      'getDashboard',
      'getLiveness',
      'getReadiness',
    ]);
    for (const { tags } of operations) expect(tags).toHaveLength(1);
  });

  it('refers to nothing that is not there', () => {
    const refs = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref ?? '');
    expect(refs.length).toBeGreaterThan(5);
    for (const ref of refs)
      expect(document.components.schemas).toHaveProperty(ref.replace('#/components/schemas/', ''));
  });
});

describe('/docs', () => {
  it('is a page that loads nothing from elsewhere, and may not', async () => {
    const page = await service.request('/docs');
    expect(page.status).toBe(200);
    expect(page.headers['content-type']).toContain('text/html');
    expect(page.headers['content-security-policy']).toContain("default-src 'self'");
    const assets = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(
      ([, asset]) => asset ?? '',
    );
    expect(assets.length).toBeGreaterThan(3);
    for (const asset of assets) {
      expect(asset).toMatch(/^\.\/docs\//);
      expect((await service.request(asset.slice(1))).status).toBe(200);
    }
  });
});

describe('/health', () => {
  it.each(['/health/live', '/health/ready'])(
    '%s is 200 with the body of terminus',
    async (path) => {
      const { status, text } = await service.request(path);
      expect(status).toBe(200);
      expect(JSON.parse(text)).toMatchObject({ status: 'ok', info: {}, error: {}, details: {} });
    },
  );

  it('ready names every source', async () => {
    const { text } = await service.request('/health/ready');
    const { info } = JSON.parse(text) as { info: Record<string, unknown> };
    for (const name of SOURCE_NAMES) expect(info[name]).toEqual({ status: 'up' });
  });

  it('HEAD works for probes that use it', async () => {
    expect((await service.request('/health/ready', { method: 'HEAD' })).status).toBe(200);
  });
});
