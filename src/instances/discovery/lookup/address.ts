import { isIPv6 } from 'node:net';
import type { Address } from '../../instance.ts';

/** What registries say, as an `Address` has it. */

/** A weight of 0 means "hardly ever" (RFC 2782), not never: less than the smallest other one, 1. */
const HARDLY_EVER = 0.1;

/** A server as a registry lists it. */
export interface Listed {
  /** An address or a name. */
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly weight: number;
  /** The name it was found under. */
  readonly hostname?: string;
}

/** One address, or none for what cannot be a server. */
export function addressesAt({ host, port, tls, weight, ...rest }: Listed): readonly Address[] {
  const url = URL.parse(`${tls ? 'https' : 'http'}://${isIPv6(host) ? `[${host}]` : host}:${port}`);
  if (url === null || url.pathname !== '/' || port < 1) return [];
  return [{ origin: url.origin, weight: weight > 0 ? weight : HARDLY_EVER, ...rest }];
}

/** The host that a name of the DNS stands for: the dot that makes it absolute is not part of it. */
export const hostOf = (name: string): string => name.replace(/\.$/, '').toLowerCase();
