import { isIP } from 'node:net';
import { fileURLToPath } from 'node:url';
import { parseOrigin, refuseCredentials, schemeOf } from './origin.ts';
import { ValueProblem } from '../variable.ts';

/** What `…_URL` can say: where a source's instances are listed. How they are found is in instances/discovery/. */
export type SourceUrl = ListUrl | DnsUrl | SrvUrl | ConsulUrl | FileUrl;

/** `http://a:1,https://b:2`: the instances themselves. */
export interface ListUrl {
  readonly scheme: 'list';
  /** As `URL` writes them, in the order of the list; each once. */
  readonly origins: readonly string[];
}

/** `dns://name:port`: every A and AAAA record. */
export interface DnsUrl {
  readonly scheme: 'dns';
  readonly name: string;
  readonly port: number;
  readonly tls: boolean;
}

/** `srv://_http._tcp.name`: every SRV record. */
export interface SrvUrl {
  readonly scheme: 'srv';
  readonly name: string;
  readonly tls: boolean;
}

/** `consul://agent:8500/service`: what a Consul agent says is healthy. */
export interface ConsulUrl {
  readonly scheme: 'consul';
  /** `http://host:port` */
  readonly agent: string;
  readonly service: string;
  /** An instance must have all of them. */
  readonly tags: readonly string[];
  /** Undefined: the agent's own. */
  readonly datacenter: string | undefined;
  readonly tls: boolean;
}

/** `file:///path.json`: what a file lists. */
export interface FileUrl {
  readonly scheme: 'file';
  readonly path: string;
}

const NAME = /^[\w-]+(\.[\w-]+)*\.?$/;
const SERVICE_NAME = /^_[\w-]+\._[\w-]+(\.[\w-]+)+\.?$/;
const DEFAULT_CONSUL_PORT = 8500;

/** @throws ValueProblem */
export function parseSourceUrl(text: string): SourceUrl {
  switch (schemeOf(text)) {
    case 'dns':
      return parseDns(text);
    case 'srv':
      return parseSrv(text);
    case 'consul':
      return parseConsul(text);
    case 'file':
      return parseFile(text);
    default:
      return { scheme: 'list', origins: [...new Set(text.split(',').map(parseOrigin))] };
  }
}

function parseDns(text: string): DnsUrl {
  const form = 'must be dns://name:port, with ?tls=true for https';
  const url = parse(text, form, ['tls']);
  const port = Number(url.port);
  if (isIP(url.hostname) !== 0)
    throw new ValueProblem('must have a name: an IP address is a list of its own, http://ip:port');
  if (!NAME.test(url.hostname) || port === 0 || !isPathless(url)) throw new ValueProblem(form);
  return { scheme: 'dns', name: url.hostname.toLowerCase(), port, tls: isTls(url) };
}

function parseSrv(text: string): SrvUrl {
  const form = 'must be srv://_service._tcp.name, with ?tls=true for https';
  const url = parse(text, form, ['tls']);
  if (url.port !== '') throw new ValueProblem('must have no port: SRV records name their own');
  if (!SERVICE_NAME.test(url.hostname) || !isPathless(url)) throw new ValueProblem(form);
  return { scheme: 'srv', name: url.hostname.toLowerCase(), tls: isTls(url) };
}

function parseConsul(text: string): ConsulUrl {
  const form = 'must be consul://agent:port/service, with ?tag=…, dc=… and tls=true where wanted';
  const url = parse(text, form, ['dc', 'tls'], ['tag']);
  // Read by the rules of http: in other schemes, hosts can be almost anything.
  const agent = URL.parse(`http://${url.hostname}:${url.port || DEFAULT_CONSUL_PORT}`);
  const service = decoded(url.pathname.slice(1));
  if (url.hostname === '' || agent === null || !service || service.includes('/'))
    throw new ValueProblem(form);
  return {
    scheme: 'consul',
    agent: agent.origin,
    service,
    tags: url.searchParams.getAll('tag'),
    datacenter: url.searchParams.get('dc') ?? undefined,
    tls: isTls(url),
  };
}

function parseFile(text: string): FileUrl {
  const form = 'must be file:///absolute/path.json';
  const url = parse(text, form, []);
  if (!/^file:\/\/\/[^/]/i.test(text) || url.host !== '' || decoded(url.pathname) === undefined)
    throw new ValueProblem(form);
  return { scheme: 'file', path: fileURLToPath(url) };
}

/** @param once query parameters that may stand there @param repeated … also more than once */
function parse(text: string, form: string, once: string[], repeated: string[] = []): URL {
  if (text.split(',').slice(1).some(schemeOf))
    throw new ValueProblem('must be one address: only http:// and https:// can be listed');
  const url = URL.parse(text);
  if (url === null || url.hash !== '') throw new ValueProblem(form);
  refuseCredentials(url);
  const names = [...url.searchParams.keys()];
  const known = [...repeated, ...once];
  if (names.some((name) => !known.includes(name)))
    throw new ValueProblem(
      known.length === 0
        ? 'must not have a query'
        : `must have no other query parameters than ${known.join(', ')}`,
    );
  if (once.some((name) => url.searchParams.getAll(name).length > 1))
    throw new ValueProblem('must not give a query parameter twice');
  if ([...url.searchParams.values()].includes(''))
    throw new ValueProblem('must not have an empty query parameter');
  return url;
}

function isTls({ searchParams }: URL): boolean {
  const tls = searchParams.get('tls') ?? 'false';
  if (tls !== 'true' && tls !== 'false') throw new ValueProblem('must have tls=true or tls=false');
  return tls === 'true';
}

const isPathless = ({ pathname }: URL): boolean => pathname === '' || pathname === '/';

/** Undefined for what is no path of ours: a broken escape, or one that hides a slash. */
function decoded(path: string): string | undefined {
  if (/%2f/i.test(path)) return undefined;
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
