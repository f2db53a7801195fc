import { readdirSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';

/** The files of the demo page and what it shares with the console, by their path in the project. */

export interface PageFile {
  readonly contentType: string;
  readonly body: string;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  ts: 'text/javascript; charset=utf-8',
};

const ROOT = new URL('../../', import.meta.url);
const FOLDERS = ['demo/page/', 'src/management/console/page/', 'src/management/console/view/'];

/** What is not in the list cannot be asked for. Scripts are served without their types, as there is no build. */
export function pageFiles(): ReadonlyMap<string, PageFile> {
  const files = new Map<string, PageFile>();
  for (const folder of FOLDERS)
    for (const name of readdirSync(new URL(folder, ROOT), { recursive: true, encoding: 'utf8' })) {
      const contentType = CONTENT_TYPES[name.slice(name.lastIndexOf('.') + 1)];
      if (contentType === undefined || name.endsWith('.spec.ts')) continue;
      const text = readFileSync(new URL(folder + name, ROOT), 'utf8');
      const body = name.endsWith('.ts') ? stripTypeScriptTypes(text) : text;
      files.set(`/${folder}${name}`, { contentType, body });
    }
  return files;
}
