/** What commands may ask of the service that runs scripts. Implemented in src/scripting/. */
import type { Bytes } from '../storage/memory/bytes.js';
import type { Client } from './client.js';

/** What a command has begun that runs another one which is not finished: an EXEC. */
export interface Continuation {
  /** The other one is about to reply: restores what had been replied before. */
  begin(): void;
  /** It has replied: the rest. */
  goOn(): void;
}

export interface Scripting {
  /** Some script has run past its time, and goes on in slices between which others are told that it does. */
  readonly isSuspended: boolean;

  /** Scripts in the cache, and bytes that it takes. */
  readonly cached: number;
  readonly cacheBytes: number;
  /** Bytes of the interpreter's memory; 0 while there is none. */
  readonly interpreterBytes: number;

  /**
   * Holds the current command of `c` while there is no interpreter, and has one loaded; the command runs when that is there, or has
   * turned out not to be had. A client without a link cannot wait: its command is refused then.
   * @returns whether it is held
   */
  hold(c: Client): boolean;
  /**
   * Runs the script `argv[1]` of `c` and replies with its result. Its keys are the `keys` arguments from the third on, and what follows
   * them its other arguments.
   * @param readOnly it may not write
   * @throws a ReplyError for a script that cannot be compiled or may not run
   */
  eval(c: Client, keys: number, readOnly: boolean): void;
  /** As `eval`, for the cached script whose SHA1 is `argv[1]`. @throws NOSCRIPT too */
  evalSha(c: Client, keys: number, readOnly: boolean): void;
  /** Compiles a script and puts it into the cache. @returns its SHA1 in hexadecimal. @throws a ReplyError when it cannot be compiled */
  load(source: Bytes): string;
  /** Whether a script with this SHA1, in any case of letters, is in the cache. */
  exists(sha: Bytes): boolean;
  /** Empties the cache. */
  flush(): void;
  /** Ends the script that has run past its time. @throws NOTBUSY when none has, UNKILLABLE when it has written */
  kill(): void;
  /** The script that `c` has just called is suspended: `continuation` is called when it ends. */
  whenEnded(c: Client, continuation: Continuation): void;
  /** A client is gone. */
  forget(c: Client): void;
}
