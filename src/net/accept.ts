/**
 * How accepted sockets become Connections: read into one static buffer shared by all of them, which Node offers (`onread`) only
 * for sockets that one builds oneself, so the accepted handle is moved into such a socket. Where a feature test finds that this
 * does not work, 'data' events do the same more slowly.
 */
import net from 'node:net';
import type { SynapServer } from '../server.js';
import { Connection } from './connection.js';
import { endpoint } from './endpoint.js';
import { handleOf, STREAM_BINDING } from './stream-binding.js';

/** What of one client is executed before others are served: more would be their pause, less more system calls (bytes). */
const READ_BYTES = 16 * 1024;

/** What this file knows of Node's insides; checked by `canMoveHandles` before anything relies on it. */
interface HandleOwner {
  _handle: unknown;
  _server?: unknown;
  server?: unknown;
}

/** The static read buffer of one server. */
export class Reader {
  readonly buf = new Uint8Array(READ_BYTES);
}

/** Whether an accepted handle can be moved to a socket with `onread` on this Node. */
export function canMoveHandles(socket: net.Socket): boolean {
  const owner = socket as unknown as HandleOwner;
  return typeof owner._handle === 'object' && owner._handle !== null && '_server' in owner;
}

/** Makes a Connection of an accepted (paused) socket and starts reading. */
export function accept(server: SynapServer, accepted: net.Socket, kind: 'tcp' | 'unix', path: string): Connection {
  const address = kind === 'tcp' ? endpoint(accepted.remoteAddress, accepted.remotePort) : `${path}:0`;
  if (!canMoveHandles(accepted)) {
    const plain = new Connection(server, accepted, address, kind === 'unix');
    accepted.on('data', (chunk: Buffer) => {
      plain.receive(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length), chunk.length);
    });
    accepted.resume();
    return plain;
  }
  let connection: Connection;
  const { buf } = server.reader;
  const socket = moveHandle(
    accepted,
    (n) => {
      take(connection, buf, n);
      return true; // who pauses the socket has stopped the handle
    },
    buf,
  );
  connection = new Connection(server, socket, address, kind === 'unix');
  readDirectly(socket, connection, buf);
  socket.resume();
  return connection;
}

/** Gives what arrives to `connection` without a stream between; the stream still hears of the end and of errors. */
function readDirectly(socket: net.Socket, connection: Connection, buf: Uint8Array): void {
  const handle = handleOf(socket);
  if (handle === undefined || STREAM_BINDING === undefined) return;
  const { streamBaseState, kReadBytesOrError } = STREAM_BINDING;
  const { onread } = handle;
  handle.onread = function (chunk) {
    const n = streamBaseState[kReadBytesOrError];
    if (n <= 0 || chunk !== undefined) return onread.call(this, chunk);
    take(connection, buf, n);
  };
}

/** `n` bytes were read for `connection`; when they fill the buffer, more may wait, and others come first. */
function take(connection: Connection, buf: Uint8Array, n: number): void {
  connection.receive(buf, n);
  if (n === buf.length) connection.giveWay();
}

function moveHandle(accepted: net.Socket, callback: (n: number) => boolean, buffer: Uint8Array): net.Socket {
  const from = accepted as unknown as HandleOwner;
  const options = { handle: from._handle, onread: { buffer, callback } };
  from._handle = null;
  const socket = new net.Socket(options as unknown as net.SocketConstructorOpts);
  // The server counts its connections by this link, and `close` waits for them.
  (socket as unknown as HandleOwner)._server = from._server;
  from._server = null;
  return socket;
}
