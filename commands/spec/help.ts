/** The entry of HELP, which every container of sub-commands has. */
import type { Spec } from './family.js';
import { LOADING, STALE } from './flags.js';

/** HELP of the container `name`, since a version. `acl` as in Spec. */
export function help(name: string, since: string, acl?: string): Spec {
  return {
    syntax: '',
    reply: 'array<status>',
    flags: LOADING | STALE,
    since,
    complexity: 'O(1)',
    summary: `Lists the sub-commands of ${name}.`,
    ...(acl === undefined ? {} : { acl }),
  };
}
