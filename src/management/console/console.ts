import type { Config } from '../../config/config.ts';
import type { ManagementRoute } from '../management-route.ts';
import { factsOf } from './console.facts.ts';
import { consoleRoutes } from './console.routes.ts';
import type { ConsoleFeed } from './feed/console.feed.ts';
import { Consoles } from './feed/consoles.ts';
import type { Watched } from './feed/watched.ts';

/** Begins to watch, and gives what the console adds to the private listener; it ends when the listener closes. */
export function openConsole(
  feed: ConsoleFeed,
  config: Config,
  watched: Watched,
): readonly ManagementRoute[] {
  feed.start(watched);
  return consoleRoutes(new Consoles(feed, factsOf(config)), () => feed.stop());
}
