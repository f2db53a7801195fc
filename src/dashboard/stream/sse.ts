import type { Encoding } from './events.ts';

/** Server-sent events, as `EventSource` reads them. JSON has no bare line break in it, so one `data` line does. */
export const sse: Encoding = {
  contentType: 'text/event-stream; charset=utf-8',
  encode: (event, data) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`,
  heartbeat: ': heartbeat\n\n',
};
