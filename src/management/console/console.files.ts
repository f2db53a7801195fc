import { readdirSync, readFileSync } from 'node:fs';
import { createRequire, stripTypeScriptTypes } from 'node:module';

/** The files of the page, read once: what is not in the list cannot be asked for. */

export interface PageFile {
  readonly contentType: string;
  readonly body: string;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  js: 'text/javascript; charset=utf-8',
  ts: 'text/javascript; charset=utf-8',
};

const FOLDERS = ['page', 'view'];
const SERVED = /^(?!.*\.(?:spec|d)\.ts$).*\.(?:html|css|svg|js|ts)$/;

/**
 * By path below `/assets/`, e.g. `page/main.js`. Compiled they are served as they are; a service that runs from its
 * sources serves those, without their types.
 */
export function consoleFiles(): ReadonlyMap<string, PageFile> {
  const files = new Map<string, PageFile>();
  for (const folder of FOLDERS) {
    const root = new URL(`./${folder}/`, import.meta.url);
    for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(isServed)) {
      const file = read(new URL(name, root), name);
      files.set(`${folder}/${name}`, file);
      files.set(`${folder}/${name.replace(/\.ts$/, '.js')}`, file);
    }
  }
  files.set('page/vendor/uplot.js', ofPackage('uplot/dist/uPlot.esm.js'));
  files.set('page/vendor/uplot.css', ofPackage('uplot/dist/uPlot.min.css'));
  return files;
}

const isServed = (name: string): boolean => SERVED.test(name);

const ofPackage = (path: string): PageFile =>
  read(createRequire(import.meta.url).resolve(path), path);

function read(place: URL | string, name: string): PageFile {
  const text = readFileSync(place, 'utf8');
  const extension = name.slice(name.lastIndexOf('.') + 1);
  return {
    contentType: CONTENT_TYPES[extension] ?? 'application/octet-stream',
    body: extension === 'ts' ? stripTypeScriptTypes(text) : text,
  };
}
