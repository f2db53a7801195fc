import { isIP, isIPv4, isIPv6 } from 'node:net';
import { ValueProblem } from './variable.ts';

/** The servers of `ip[:port],[v6]:port`, as Node's resolver takes them; none for an empty text. @throws ValueProblem */
export function parseDnsServers(text: string): readonly string[] {
  const servers = text === '' ? [] : text.split(',').map((entry) => entry.trim());
  if (!servers.every(isServer))
    throw new ValueProblem('must be a comma-separated list of ip, ip:port, or [ipv6]:port');
  return servers;
}

function isServer(text: string): boolean {
  if (isIP(text) !== 0) return true;
  const [, v6, v4, port] = /^(?:\[(.+)\]|([\d.]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const isAddress = isIPv6(v6 ?? '') || isIPv4(v4 ?? '');
  return isAddress && (port === undefined || (Number(port) > 0 && Number(port) < 65_536));
}
