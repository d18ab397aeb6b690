/**
 * VERSION: the version that package.json states. Looks upwards for that file, because this module runs from a tree of modules as well
 * as from one bundled file.
 */
import { existsSync, readFileSync } from 'node:fs';

function packageFile(): URL {
  let at = new URL('./package.json', import.meta.url);
  while (!existsSync(at)) {
    const above = new URL('../package.json', at);
    if (above.href === at.href) throw new Error(`no package.json above ${import.meta.url}`);
    at = above;
  }
  return at;
}

export const VERSION: string = JSON.parse(readFileSync(packageFile(), 'utf8')).version;
