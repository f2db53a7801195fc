import { parse } from 'node:querystring';
import type { FastifyError, FastifyRequest } from 'fastify';
import {
  BadRequestError,
  parseDashboardRequest,
} from '../../dashboard/contract/dashboard.request.ts';

/** A URL with broken percent-encoding never reaches a route; what is wrong with it is said as if it had. */

const DASHBOARD = /^\/dashboard\/([^/?#]*)(?:\?([^#]*))?$/;

/** Whether the router gave up on the URL itself. */
export const isBadUrl = ({ code }: FastifyError): boolean => code === 'FST_ERR_BAD_URL';

/** For an id all that is wrong with the request, else only that the path is. */
export function badUrl({ url, headers }: FastifyRequest): BadRequestError {
  const [, userId, query] = DASHBOARD.exec(url) ?? [];
  if (userId !== undefined) {
    try {
      parseDashboardRequest({
        // As it stands: a percent sign is in no id.
        params: { user_id: userId },
        query: parse(query ?? ''),
        timeoutHeader: headers['x-request-timeout-ms'] as string | undefined,
        mayExplain: true,
      });
    } catch (error) {
      if (error instanceof BadRequestError) return error;
    }
  }
  return new BadRequestError([{ field: 'path', message: 'must be percent-encoded UTF-8' }]);
}
