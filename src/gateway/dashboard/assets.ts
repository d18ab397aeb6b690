/** The files of the page: where they are, what they are. Read when they are first asked for. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Asset {
  readonly url: string;
  /** Media type. */
  readonly type: string;
  /** ETag: changes with the content. */
  readonly tag: string;
  readonly body: () => Buffer;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Beside the bundle, where the build copies them, or where they are written (dist/src/gateway/dashboard is four below). */
const PLACES = ['./dashboard/', '../../../../src/gateway/dashboard/assets/'];

/**
 * All files, with the page itself at `/` and the others under `/dashboard/`.
 * @throws Error when they are not there: the build has not copied them
 */
export function assets(): Asset[] {
  const folder = PLACES.map((place) => new URL(place, import.meta.url)).find((url) =>
    existsSync(new URL('index.html', url)),
  );
  if (folder === undefined) throw new Error("the dashboard's files are missing: run the build");
  const require = createRequire(import.meta.url);
  return [
    ...readdirSync(folder)
      .filter((name) => extname(name) in TYPES)
      .map((name) => asset(name === 'index.html' ? '/' : `/dashboard/${name}`, fileURLToPath(new URL(name, folder)))),
    asset('/dashboard/uplot.js', require.resolve('uplot/dist/uPlot.esm.js')),
    asset('/dashboard/uplot.css', require.resolve('uplot/dist/uPlot.min.css')),
  ];
}

function asset(url: string, path: string): Asset {
  let content: Buffer | undefined;
  const body = (): Buffer => (content ??= readFileSync(path));
  let tag: string | undefined;
  return {
    url,
    type: TYPES[extname(path)],
    get tag() {
      return (tag ??= `"${createHash('sha256').update(body()).digest('base64url').slice(0, 22)}"`);
    },
    body,
  };
}
