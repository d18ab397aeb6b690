/** Run: the script that runs. There is one at a time, and one of these, which is used again. */
import type { Client } from '../../commands/client.js';
import type { Script } from './script.js';

export class Run {
  script: Script | undefined = undefined;
  /** Who has called it; his connection may be gone before it ends. */
  caller: Client | undefined = undefined;
  readOnly = false;
  /** A write command of it has run: it cannot be undone any more. */
  wrote = false;
  /** There was no memory when it began: commands that need some are refused until it has written. */
  outOfMemory = false;
  /** The protocol that replies to its calls are in, by redis.setresp. */
  resp: 2 | 3 = 2;
  /** When the clock ticked first, and when this slice has begun, by the monotonic clock, ms; 0: not yet. */
  firstTick = 0;
  sliceBegan = 0;
  /** It has run longer than busy-reply-threshold. */
  slow = false;

  begin(script: Script, caller: Client, readOnly: boolean, outOfMemory: boolean): void {
    this.script = script;
    this.caller = caller;
    this.readOnly = readOnly;
    this.outOfMemory = outOfMemory;
    this.wrote = false;
    this.resp = 2;
    this.firstTick = this.sliceBegan = 0;
    this.slow = false;
  }

  end(): void {
    this.script = undefined;
    this.caller = undefined;
  }
}
