import http, { type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, type JWK } from 'jose';

/** An issuer of tokens whose key set can be scripted, and that counts who asks for it. */

export const ISSUER = 'https://issuer.example/';
export const AUDIENCE = 'dashboards';

export type Algorithm = 'RS256' | 'ES256' | 'EdDSA';

/** What a token says; wrong things too. */
export type Claims = Readonly<Record<string, unknown>>;

/** A key pair that can sign, and say what a key set says of it. */
export class SigningKey {
  readonly algorithm: string;
  readonly kid: string | undefined;
  readonly jwk: JWK;
  /** The public key as people paste it, for who takes it for a secret. */
  readonly pem: string;
  private readonly secret: CryptoKey;

  private constructor(algorithm: string, jwk: JWK, pem: string, secret: CryptoKey) {
    this.algorithm = algorithm;
    this.kid = jwk.kid;
    this.jwk = jwk;
    this.pem = pem;
    this.secret = secret;
  }

  static async make(algorithm: Algorithm, kid?: string): Promise<SigningKey> {
    const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
    const named = kid === undefined ? {} : { kid };
    const jwk = { ...(await exportJWK(publicKey)), ...named, alg: algorithm, use: 'sig' };
    return new SigningKey(algorithm, jwk, await exportSPKI(publicKey), privateKey);
  }

  /** A token of user 42 that is good for a minute, unless said otherwise; a claim that is undefined is left out. */
  sign(claims: Claims = {}, header: { kid?: string; typ?: string } = {}): Promise<string> {
    const named = this.kid === undefined ? {} : { kid: this.kid };
    return new SignJWT(claimsOf(claims))
      .setProtectedHeader({ alg: this.algorithm, ...named, ...header })
      .sign(this.secret);
  }
}

export const claimsOf = (claims: Claims = {}): Claims => ({
  iss: ISSUER,
  aud: AUDIENCE,
  sub: '42',
  exp: inSeconds(60),
  ...claims,
});

export const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

/** What the issuer does instead of giving its keys. */
export type Trouble = 'hang' | 'garbage' | 'error' | 'redirect' | 'endless' | 'empty';

export class TestIssuer {
  keys: readonly SigningKey[];
  trouble: Trouble | undefined;
  /** How often the keys were asked for. */
  asked = 0;
  private readonly held: (() => void)[] = [];
  private readonly server = http.createServer((_request, response) => this.answer(response));
  private port = 0;

  constructor(...keys: readonly SigningKey[]) {
    this.keys = keys;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/jwks.json`;
  }

  /** The variables of a service that asks it. */
  get env(): Readonly<Record<string, string>> {
    return {
      AUTH_MODE: 'jwt',
      JWT_JWKS_URL: this.url,
      JWT_ISSUER: ISSUER,
      JWT_AUDIENCE: AUDIENCE,
    };
  }

  /** On the port it had before, where it had one. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    if (!this.server.listening) return;
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Who hangs is answered after all, and so is everybody from now on. */
  giveHeld(): void {
    this.trouble = undefined;
    for (const give of this.held.splice(0)) give();
  }

  private answer(response: ServerResponse): void {
    this.asked += 1;
    const keys = JSON.stringify({ keys: this.keys.map(({ jwk }) => jwk) });
    switch (this.trouble) {
      case undefined:
        return void response.end(keys);
      case 'hang':
        return void this.held.push(() => void response.end(keys));
      case 'garbage':
        return void response.end('<html>welcome</html>');
      case 'error':
        return void response.writeHead(500).end(keys);
      case 'redirect':
        return void response.writeHead(302, { location: `${this.url}?again` }).end(keys);
      case 'endless':
        return void response.end(`${keys}${' '.repeat(1_000_000)}`);
      case 'empty':
        return void response.end('{"keys":[]}');
      default:
        return this.trouble satisfies never;
    }
  }
}
