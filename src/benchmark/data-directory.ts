/**
 * Directories for servers that write to disk: one for each, below one that is removed at the end. And the command line of a server that
 * works there: what is added comes last, so it overrides what the line says already. Next: durability.ts, snapshot.ts.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Bench } from './bench.js';
import { quoteWord } from './command-line.js';
import type { ServerLine } from './server-process.js';

export class DataDirectory {
  private readonly root: string;

  /** @param where the file system that is measured; undefined: that of temporary files */
  constructor(where: string | undefined) {
    this.root = mkdtempSync(path.join(where ?? os.tmpdir(), 'synap-benchmark-'));
  }

  /** `server` in a directory of its own, with `flags` added to its line. */
  line(server: ServerLine, flags: string): ServerLine {
    const dir = path.join(this.root, server.name);
    mkdirSync(dir, { recursive: true });
    return { name: server.name, line: `${server.line} --dir ${quoteWord(dir)} ${flags}` };
  }

  /** Both servers of `bench`, each in a directory of its own. */
  bench(bench: Bench, flags: string): Bench {
    return { ...bench, redis: this.line(bench.redis, flags), synap: this.line(bench.synap, flags) };
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
