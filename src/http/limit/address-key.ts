import { hash } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';

/** Whom an address stands for: an IPv6 customer has a whole /64, an IPv4 one has the address. Hashed. */
export function addressKey(address: string): string {
  return hash('sha256', `address:${networkOf(address)}`, 'base64url');
}

/** @param address as a proxy wrote it: maybe with a port or a zone, maybe nonsense, which is then one more caller */
export function networkOf(address: string): string {
  const bare = withoutPort(address);
  if (!isIPv6(bare)) return bare;
  const groups = groupsOf(bare.replace(/%.*$/, '').toLowerCase());
  if (groups.slice(0, 6).join(':') === '0:0:0:0:0:ffff') return ipv4Of(groups.slice(6));
  return `${groups.slice(0, 4).join(':')}::/64`;
}

/** `192.0.2.1:80` and `[2001:db8::1]:80` are what some proxies put into X-Forwarded-For. */
function withoutPort(address: string): string {
  const [, v6, v4] = /^(?:\[(.+)\]|([\d.]+))(?::\d+)?$/.exec(address) ?? [];
  const bare = v6 ?? v4 ?? address;
  return isIPv4(bare) || isIPv6(bare) ? bare : address;
}

/** All eight, without leading zeros. */
function groupsOf(address: string): readonly string[] {
  const [left = [], right] = address.split('::').map((part) => part.split(':').flatMap(hexOf));
  if (right === undefined) return left;
  return [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
}

function hexOf(group: string): readonly string[] {
  if (group === '') return [];
  if (!isIPv4(group)) return [Number.parseInt(group, 16).toString(16)];
  const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
  return [(a * 256 + b).toString(16), (c * 256 + d).toString(16)];
}

const ipv4Of = (groups: readonly string[]): string =>
  groups
    .map((group) => Number.parseInt(group, 16))
    .map((pair) => `${Math.floor(pair / 256)}.${pair % 256}`)
    .join('.');
