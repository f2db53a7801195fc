import type { Contender } from './contender.ts';
import {
  EXPRESS_AXIOS,
  HAND_WRITTEN,
  NODE_HTTP,
  tributary,
  tributaryWithAxios,
  USUAL_NEST,
} from './node.ts';
import { AIOHTTP, FASTAPI, GO, NGINX } from './other-tools.ts';

export interface Choice {
  /** Keys of contenders; undefined for the usual ones. */
  readonly only: readonly string[] | undefined;
  /** Also those that need other tools than Node. */
  readonly all: boolean;
  readonly withAxios: boolean;
  /** The built service's entry file. */
  readonly service: string;
}

/** In the order of their turns; the bar is always among them. @throws Error for a name that is nobody's */
export function chooseContenders({ only, all, withAxios, service }: Choice): readonly Contender[] {
  const usual = [HAND_WRITTEN, tributary(service), NODE_HTTP, USUAL_NEST, EXPRESS_AXIOS];
  const withTools = [GO, AIOHTTP, FASTAPI, NGINX];
  const known = [...usual, tributaryWithAxios(service), ...withTools];
  if (only === undefined)
    return known.filter(
      (each) =>
        usual.includes(each) ||
        (all && withTools.includes(each)) ||
        (withAxios && each.key === 'tributary-axios'),
    );
  const unknown = only.filter((key) => !known.some((each) => each.key === key));
  if (unknown.length > 0)
    throw new Error(
      `--only: there is no ${unknown.join(', ')}; there are ${known.map(({ key }) => key).join(', ')}`,
    );
  return known.filter((each) => each === HAND_WRITTEN || only.includes(each.key));
}
