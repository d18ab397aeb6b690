/** MCP on standard input and output, for an agent that starts the gateway itself. No HTTP; the login is that of the URL. */
import type { Readable, Writable } from 'node:stream';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { Access } from '../access.js';
import { commandMap } from '../commands.js';
import { LinkPool } from '../link-pool.js';
import { type GatewayOptions, settings } from '../options.js';
import { Session, type WhenGone } from '../session.js';
import { hasResources } from './resources.js';
import { loadSdk, mcpServer } from './server.js';
import { toolList } from './tools.js';
import { WatchedKeys } from './watched-keys.js';

/**
 * Serves MCP until `input` ends.
 * @param options as for startGateway; those of HTTP say nothing here
 * @param version what it says of itself
 * @returns when the input has ended and everything is closed
 * @throws Failure ERR on options that will not do
 */
export async function serveStdio(
  options: GatewayOptions,
  version: string,
  input: Readable,
  output: Writable,
): Promise<void> {
  const given = settings(options);
  const pool = new LinkPool(given.target, given.waitingLimit);
  const { username, password, db } = given.target;
  const session = new Session(commandMap(), pool, new Access(given), { username, password, db }, () => () => {});
  const [sdk, { StdioServerTransport }] = await Promise.all([
    loadSdk(),
    import('@modelcontextprotocol/sdk/server/stdio.js'),
  ]);
  let watched: WatchedKeys | undefined;
  const server = mcpServer(
    sdk,
    toolList(session.commands, session.access),
    version,
    (signal) => session.at(db, aborted(signal)),
    hasResources(session),
    (updated) => (watched = new WatchedKeys(session, updated)),
  );
  const ended = new Promise<void>((resolve) => {
    server.onclose = resolve;
    input.once('end', () => resolve());
    input.once('close', () => resolve());
  });
  const transport = new StdioServerTransport(input, output, { maxBufferSize: given.bodyLimit });
  await server.connect(transport);
  const answered = countRequests(transport);
  await ended;
  await answered(LAST_ANSWERS_MS);
  watched?.close();
  pool.close();
  await server.close();
}

/** When the input has ended, what has been asked is answered for so long. */
const LAST_ANSWERS_MS = 2000;

/** What is used of a transport. */
interface Messages {
  onmessage?: (message: JSONRPCMessage) => void;
  send(message: JSONRPCMessage): Promise<void>;
}

/** Counts the requests that have no answer. @returns waits until there are none, or for so many ms */
function countRequests(transport: Messages): (ms: number) => Promise<void> {
  let open = 0;
  let none = (): void => {};
  const { onmessage, send } = transport;
  transport.onmessage = (message) => {
    if ('method' in message && 'id' in message) open++;
    onmessage?.call(transport, message);
  };
  transport.send = async (message) => {
    await send.call(transport, message);
    if (!('method' in message) && --open === 0) none();
  };
  return (ms) =>
    new Promise((resolve) => {
      if (open === 0) return resolve();
      const timer = setTimeout(resolve, ms);
      none = () => {
        clearTimeout(timer);
        resolve();
      };
    });
}

/** A call that the client has cancelled waits no longer. */
function aborted(signal: AbortSignal): WhenGone {
  return (stop) => {
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    return () => signal.removeEventListener('abort', stop);
  };
}
