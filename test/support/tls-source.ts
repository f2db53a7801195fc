import { spawnSync } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import tls, { type TLSSocket } from 'node:tls';
import { OK } from './transport.ts';

/** A certificate for one name and its key, made now; it is its own authority. */
export function certificateFor(name: string): { readonly key: string; readonly cert: string } {
  const args = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1
    -keyout - -out - -subj /CN=${name} -addext subjectAltName=DNS:${name}`;
  const { stdout } = spawnSync('openssl', args.split(/\s+/), { encoding: 'utf8' });
  const [key = '', cert = ''] = stdout.split(/(?=-----BEGIN CERTIFICATE)/);
  return { key, cert };
}

/** From here to the call of what it returns, this process trusts a certificate as if its system did. */
export function trust(cert: string): () => void {
  const before = tls.getCACertificates('default');
  tls.setDefaultCACertificates([...before, cert]);
  return () => tls.setDefaultCACertificates(before);
}

/** An https source that answers every request with the same, and knows for which name it was asked. */
export class TlsSource {
  /** The names that TLS said, handshake by handshake, also of those that the other side gave up then. */
  readonly names: string[] = [];
  /** What `Host` said, request by request. */
  readonly hosts: (string | undefined)[] = [];
  private readonly sockets = new Set<TLSSocket>();
  private readonly server: tls.Server;

  constructor(identity: { readonly key: string; readonly cert: string }) {
    const hear = (name: string, goOn: (error: null) => void): void => {
      this.names.push(name);
      goOn(null);
    };
    this.server = tls.createServer({ ...identity, SNICallback: hear }, (socket) => {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('data', (head) => {
        this.hosts.push(/^host: (.*)\r$/im.exec(head.toString('latin1'))?.[1]);
        socket.write(OK);
      });
    });
    this.server.on('tlsClientError', () => undefined);
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
