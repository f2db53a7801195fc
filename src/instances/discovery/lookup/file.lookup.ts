import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { parseOrigin } from '../../../config/url/origin.ts';
import type { FileUrl } from '../../../config/url/source-url.ts';
import type { Address } from '../../instance.ts';
import { readJson } from './json.ts';
import type { Lookup } from './lookup.ts';

/** `["http://a:1", {"url": "http://b:2", "weight": 3}]` */
const FileSchema = z.array(
  z.union([
    z.string().transform((url) => ({ url, weight: 1 })),
    z.strictObject({ url: z.string(), weight: z.number().positive().default(1) }),
  ]),
);

const MAX_BYTES = 1_048_576;

/**
 * `file:///path.json`: what a file lists, read again every 2 s, whether it was written in place or replaced. A file
 * that is half written, or wrong in one entry, is as bad as none: the list before stays.
 */
export class FileLookup implements Lookup {
  // A change must be seen within 5 s, also after an error.
  readonly refreshMs = 2_000;
  private readonly path: string;

  constructor({ path }: FileUrl) {
    this.path = path;
  }

  async find(): Promise<readonly Address[]> {
    const about = await stat(this.path);
    if (!about.isFile() || about.size > MAX_BYTES)
      throw new Error(`not a file of at most ${MAX_BYTES} bytes`);
    const entries = readJson(await readFile(this.path, 'utf8'), FileSchema);
    return entries.map(({ url, weight }, index) => ({ origin: originAt(index, url), weight }));
  }

  /** Reading ends by itself. */
  cancel(): void {}
}

/** @throws Error that does not quote the address: it may hold a password */
function originAt(index: number, url: string): string {
  try {
    return parseOrigin(url);
  } catch {
    throw new Error(`not http://host:port or https://host:port at [${index}]`);
  }
}
