import { hash } from 'node:crypto';
import { z } from 'zod';

/** Where an answer stands in Redis. */
export interface SharedPlace {
  /** Of the Redis key: nothing in it tells of a user. */
  readonly name: string;
  /** SHA-256 of the key that it stands for. */
  readonly digest: Buffer;
}

/** Names for the answers of one source: `tributary:<source>:<version of its contract>:<hash of the key>`. */
export class SharedPlaces {
  private readonly source: string;
  private version: string | undefined;

  constructor(source: string) {
    this.source = source;
  }

  of(key: string, schema: z.ZodType): SharedPlace {
    const digest = hash('sha256', key, 'buffer');
    // A source has one schema.
    this.version ??= versionOf(schema);
    const name = `tributary:${this.source}:${this.version}:${digest.toString('base64url')}`;
    return { name, digest };
  }
}

/** Replicas with another contract, as in a rolling update, neither read nor overwrite each other's answers. */
const versionOf = (schema: z.ZodType): string =>
  hash(
    'sha256',
    JSON.stringify(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })),
    'base64url',
  ).slice(0, 8);
