import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { z } from 'zod';
import { DOCS_CONTENT_SECURITY_POLICY } from './security-headers.ts';

/** `GET /openapi.json` (OpenAPI 3.1) and `GET /docs`, its page, which loads nothing from elsewhere. */
export function serveDocs(nest: NestFastifyApplication): void {
  nest
    .getHttpAdapter()
    .getInstance()
    .addHook('onRoute', (route: RouteOptions) => {
      if (!/^\/docs(\/|$)/.test(route.url)) return;
      route.onRequest = [...[route.onRequest ?? []].flat(), allowOwnPage];
    });
  SwaggerModule.setup('docs', nest, () => document(nest), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'Tributary',
    swaggerOptions: { validatorUrl: null },
  });
}

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;

function document(nest: NestFastifyApplication): OpenAPIObject {
  const about = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Tributary')
    .setDescription('One request, several services, one deadline, an honest answer.')
    .setVersion('1')
    .addBearerAuth({ type: 'http', description: 'Where the service runs with AUTH_MODE=jwt.' })
    .build();
  const openApi = SwaggerModule.createDocument(nest, about);
  openApi.components = {
    ...openApi.components,
    schemas: { ...openApi.components?.schemas, ...componentSchemas() },
  };
  return openApi;
}

/** Every zod schema with an id: what answers are checked with is what is documented. */
function componentSchemas(): Schemas {
  const { schemas } = z.toJSONSchema(z.globalRegistry, {
    uri: (id) => `#/components/schemas/${id}`,
    io: 'input',
  });
  for (const schema of Object.values(schemas)) {
    delete schema.$schema;
    delete schema.$id;
  }
  return schemas as Schemas;
}

function allowOwnPage(_request: FastifyRequest, reply: FastifyReply, done: () => void): void {
  reply.header('content-security-policy', DOCS_CONTENT_SECURITY_POLICY);
  done();
}
