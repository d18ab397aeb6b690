/**
 * Configuration: CONFIG of one server. Reads and changes its Settings by the rows of table.ts. All values of a CONFIG SET are read
 * before the first is written, so that a bad one changes nothing.
 */
import type { Client } from '../../commands/client.js';
import type { Configuration } from '../../commands/configuration.js';
import { configFailed, NO_CONFIG_FILE, rewriteFailed, SYNTAX, unknownDirective } from '../../commands/error.js';
import { allowsProtected } from '../../commands/protected.js';
import { Settings } from '../../commands/settings.js';
import { globMatch } from '../../storage/glob.js';
import type { SynapServer } from '../server.js';
import { ConfigError } from './kind.js';
import { rewritten } from './rewrite.js';
import type { Row } from './row.js';
import { readValue } from './store.js';
import type { Surroundings } from './surroundings.js';
import { BY_NAME } from './table.js';

/** A directive and the name by which it was called. */
interface Named {
  readonly name: string;
  readonly row: Row;
}

export class DirectiveConfiguration implements Configuration {
  private readonly server: SynapServer;
  /** Absolute path of the configuration file; undefined without one. */
  readonly file: string | undefined;
  private readonly around: Surroundings;

  constructor(server: SynapServer, file: string | undefined, around: Surroundings) {
    this.server = server;
    this.file = file;
    this.around = around;
  }

  get(patterns: readonly string[]): [string, string][] {
    const found = new Map<string, Named>();
    for (const pattern of patterns) {
      const exact = BY_NAME.get(pattern.toLowerCase());
      // A name comes back as it was written.
      if (exact !== undefined && !found.has(pattern.toLowerCase()))
        found.set(pattern.toLowerCase(), { name: pattern, row: exact });
      if (!/[*?[]/.test(pattern)) continue;
      for (const [name, row] of BY_NAME) if (!found.has(name) && matches(pattern, name)) found.set(name, { name, row });
    }
    const { settings } = this.server;
    return [...found.values()].map(({ name, row }) => [name, row.kind.show(row.get(settings))]);
  }

  set(words: readonly string[], c: Client): void {
    const named = this.chosen(words, c);
    const { settings } = this.server;
    const values = named.map(({ name, row }, i) => {
      const text = words[2 * i + 1];
      try {
        const parts = row.kind.several
          ? text.split(' ').filter((part, _, all) => part !== '' || all.length > 1)
          : [text];
        return readValue(row, parts, settings, { loading: false, again: false, around: this.around });
      } catch (e) {
        throw e instanceof ConfigError ? configFailed(name, e.message) : e;
      }
    });
    const hooks = new Set<(server: SynapServer) => void>();
    for (const [i, { row }] of named.entries()) {
      row.put(settings, values[i]);
      if (row.traits.changed !== undefined) hooks.add(row.traits.changed);
    }
    for (const hook of hooks) hook(this.server);
  }

  /** The directives of a CONFIG SET. @throws ReplyError when one does not exist, must not be changed, or is given twice */
  private chosen(words: readonly string[], c: Client): Named[] {
    if (words.length % 2 !== 0) throw SYNTAX;
    const named: Named[] = [];
    for (let i = 0; i < words.length; i += 2) {
      const given = words[i];
      const name = given.toLowerCase();
      const row = BY_NAME.get(name);
      if (row === undefined) throw unknownDirective(given);
      if (row.traits.set === 'start') throw configFailed(given, "can't set immutable config");
      if (row.traits.set === 'protected' && !allowsProtected(this.server.settings.enableProtectedConfigs, c))
        throw configFailed(given, "can't set protected config");
      if (named.some((other) => other.name === name)) throw configFailed(given, 'duplicate parameter');
      named.push({ name, row });
    }
    return named;
  }

  rewrite(): void {
    const { log, settings } = this.server;
    if (this.file === undefined) throw NO_CONFIG_FILE;
    try {
      const old = this.around.readFile(this.file);
      this.around.replaceFile(this.file, rewritten(old, settings, new Settings()));
    } catch (e) {
      log.warning(`CONFIG REWRITE failed: ${(e as Error).message}`);
      throw rewriteFailed((e as Error).message);
    }
    log.notice('CONFIG REWRITE executed with success.');
  }
}

function matches(pattern: string, name: string): boolean {
  const glob = Buffer.from(pattern, 'latin1');
  const bytes = Buffer.from(name);
  return globMatch(glob, 0, glob.length, bytes, 0, bytes.length, true);
}
