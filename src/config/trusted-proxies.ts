import { isIP } from 'node:net';
import { ValueProblem } from './variable.ts';

/** The networks of `10.0.0.0/8,2001:db8::/32,192.0.2.1`, or false for nobody. @throws ValueProblem */
export function parseTrustedProxies(text: string): readonly string[] | false {
  if (text === 'false') return false;
  const networks = text.split(',').map((entry) => entry.trim());
  if (!networks.every(isNetwork))
    throw new ValueProblem('must be false, or a comma-separated list of addresses and networks');
  return networks;
}

function isNetwork(text: string): boolean {
  const [, address = '', bits] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = isIP(address);
  if (family === 0) return false;
  return bits === undefined || (Number(bits) > 0 && Number(bits) <= (family === 4 ? 32 : 128));
}
