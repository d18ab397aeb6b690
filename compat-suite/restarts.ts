/**
 * Restarts between the steps of a case: which steps belong together because what ties them is no data, and what is given to a server
 * again when it is started. Knows commands by name, never their replies' meaning beyond +OK.
 *
 *   MULTI … EXEC, DISCARD               a transaction belongs to its connection
 *   WATCH … EXEC, DISCARD, UNWATCH      so do the keys that it watches
 *   @2& blpop k 0 … @2?                 and a command that waits
 *   SUBSCRIBE, MONITOR, CLIENT, AUTH, HELLO, QUIT, …, a connection that was closed: up to the end of the case
 *   SELECT                              ties nothing: connections select their database again, as clients do that reconnect
 *   CONFIG SET                          ties nothing: the directives stand on the command line from then on
 *
 * A restart happens only where something may have been written since the last one. Read next: player.ts, started-server.ts.
 */
import type { Step } from './case.js';
import { CLOSED, Connection } from './wire/connection.js';
import { bulkText, elements } from './wire/reply-frame.js';

/** What changes a connection, or the process, in a way that no restart keeps. */
const LASTING =
  /^(subscribe|psubscribe|ssubscribe|monitor|client|auth|hello|quit|reset|acl|slowlog|latency|debug\|(populate|set-active-expire|quicklist-packed-threshold|change-repl-id|stringmatch-len))$/;

/** The names of commands that may write, lower case, as the server on `port` flags them. */
export async function writeCommands(port: number): Promise<ReadonlySet<string>> {
  const connection = await Connection.open(port);
  const rows = elements(await connection.ask(['COMMAND'])).map(elements);
  connection.close();
  const writing = rows.filter((row) => elements(row[2]).some((flag) => flag.trim() === '+write'));
  return new Set(writing.map((row) => bulkText(row[0]).toLowerCase()));
}

export class Restarts {
  /** The directives that the case has set, for the command line. */
  readonly directives = new Map<string, string>();
  private readonly transactions = new Set<string>();
  private readonly watching = new Set<string>();
  private readonly waiting = new Set<string>();
  private tied = false;
  private written = false;

  /** @param writing names of the commands that may write */
  constructor(private readonly writing: ReadonlySet<string>) {}

  /** Whether the server may be restarted now, and it makes a difference. */
  get due(): boolean {
    const { tied, transactions, watching, waiting } = this;
    return this.written && !tied && transactions.size + watching.size + waiting.size === 0;
  }

  restarted(): void {
    this.written = false;
  }

  /** Takes note of a step that was played, and of what came back. */
  played({ words, text, act, connection }: Step, result: string): void {
    const verb = (words[0] ?? '').toLowerCase();
    const word = (words[1] ?? '').toLowerCase();
    // SORT without STORE only reads, though it may leave a sorted set in another encoding, which is no data.
    if (this.writing.has(verb) ? verb !== 'sort' || / store /i.test(text) : verb === 'exec') this.written = true;
    if (act === 'send') this.waiting.add(connection);
    if (act === 'receive') this.waiting.delete(connection);
    if (verb === 'multi') this.transactions.add(connection);
    if (verb === 'watch' && result === '+OK\r\n') this.watching.add(connection);
    if (verb === 'unwatch') this.watching.delete(connection);
    if ((verb === 'exec' || verb === 'discard') && !result.startsWith('-ERR wrong number')) {
      this.transactions.delete(connection);
      this.watching.delete(connection);
    }
    if (LASTING.test(verb) || LASTING.test(`${verb}|${word}`) || result.includes(CLOSED)) this.tied = true;
    if (verb === 'config' && word === 'set' && result === '+OK\r\n')
      for (let i = 2; i + 1 < words.length; i += 2)
        // An empty value takes back what stood there; not every directive may be empty on the command line.
        if (words[i + 1] === '') this.directives.delete(words[i].toLowerCase());
        else this.directives.set(words[i].toLowerCase(), words[i + 1]);
  }
}
