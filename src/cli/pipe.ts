/**
 * `--pipe`: requests that stand on standard input as they go over the wire, for loading much at once. All is sent without waiting
 * for replies; an ECHO of random bytes behind it tells that the last of them has come.
 */
import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { ReplyError, type ReplyValue } from '../../protocol/reply-reader.js';
import type { Session } from './session.js';
import type { Screen } from './shell.js';

/** Bytes of the ECHO. */
const MARK_BYTES = 20;

/**
 * Sends all of `input` and counts the replies.
 * @param timeout seconds without a reply after which it gives up, once all is sent; 0: never
 * @returns the exit code: 1 when a reply was an error, when none came in time, or when the server went away
 */
export async function pipe(session: Session, input: Readable, screen: Screen, timeout: number): Promise<number> {
  const mark = randomBytes(MARK_BYTES);
  let [replies, errors] = [0, 0];
  let came = (): void => {};
  let finish = (_done: boolean): void => {};
  const finished = new Promise<boolean>((resolve) => {
    finish = resolve;
  });
  session.onClose = () => finish(false);
  session.onPush = (value: ReplyValue) => {
    came();
    if (value instanceof Uint8Array && Buffer.compare(value, mark) === 0) return finish(true);
    replies++;
    if (!(value instanceof ReplyError)) return;
    errors++;
    screen.err(`${value.text}\n`);
  };
  for await (const chunk of input) {
    await session.send(chunk as Uint8Array);
    if (!session.connected) break;
  }
  await session.send(
    Buffer.concat([Buffer.from(`\r\n*2\r\n$4\r\nECHO\r\n$${MARK_BYTES}\r\n`), mark, Buffer.from('\r\n')]),
  );
  if (session.connected) screen.out('All data transferred. Waiting for the last reply...\n');
  let timer: NodeJS.Timeout | undefined;
  came = () => {
    clearTimeout(timer);
    if (timeout > 0) timer = setTimeout(() => finish(false), timeout * 1000);
  };
  came();
  const done = await finished;
  clearTimeout(timer);
  if (done) screen.out('Last reply received from server.\n');
  else if (session.connected) screen.err(`No replies for ${timeout} seconds: exiting.\n`);
  else screen.err('Error: Server closed the connection\n');
  screen.out(`errors: ${errors}, replies: ${replies}\n`);
  return done && errors === 0 ? 0 : 1;
}
