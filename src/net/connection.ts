/**
 * Connection: one socket and its Client. All commands of a read run in a row; one write at the end. Output that the kernel did
 * not take is counted, and a peer that does not read is not served further until it does, so its backlog is bounded.
 *
 *   readable -> feed -> (next -> dispatch)* -> keep -> flush
 *
 * Never awaits between parse and reply. Read next: accept.ts (how sockets get here), commands/dispatch.ts.
 */
import type { Socket } from 'node:net';
import { Client, type Link } from '../../commands/client.js';
import { dispatch } from '../../commands/dispatch.js';
import { UNAUTHENTICATED } from '../../commands/gates.js';
import { Reply } from '../../protocol/reply.js';
import { ProtocolError, RequestDecoder } from '../../protocol/request.js';
import { Bytes } from '../../storage/memory/bytes.js';
import type { SynapServer } from '../server.js';

/** Replies are sent on before a turn's end when they pass this (bytes). */
const FLUSH_AT = 32 * 1024;
/** A client with this much unread output (bytes) must read before more of its commands run. */
const BACKLOG_MAX = 256 * 1024 * 1024;

/** Estimated bytes of a connection's objects. */
const CONNECTION_BYTES = 4096;
/** A parked client's further input is read up to this (bytes), then left in the kernel. */
const PARKED_INPUT_MAX = 1024 * 1024;

function makeBytes(): Bytes {
  return new Bytes();
}

export class Connection implements Link {
  readonly client: Client;
  readonly address: string;
  private readonly decoder = new RequestDecoder(makeBytes);
  private readonly server: SynapServer;
  private readonly socket: Socket;
  /** Too much output is unread. */
  private stalled = false;
  /** Stands in the server's list of clients to go on with. */
  private scheduled = false;
  private paused = false;
  private closed = false;

  constructor(server: SynapServer, socket: Socket, address: string) {
    this.server = server;
    this.socket = socket;
    this.address = address;
    this.client = new Client(
      server.nextClientId(),
      server,
      new Reply(server.replies),
      server.databases[0],
      this.decoder.argv as Bytes[],
      this,
    );
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.onClose());
    socket.on('drain', () => this.onDrain());
  }

  /** Takes `n` bytes that arrived in `input`, which is free again afterwards. */
  receive(input: Uint8Array, n: number): void {
    if (this.closed || this.client.closing) return;
    const { server, client } = this;
    server.beginTurn();
    client.netIn += n;
    server.stats.netInput += n;
    this.decoder.maxBulk = server.settings.protoMaxBulkLen;
    server.stats.reads++;
    this.decoder.feed(input, n);
    if (this.decoder.pending > server.stats.inputPeak) server.stats.inputPeak = this.decoder.pending;
    this.run();
    server.endTurn();
  }

  /** Runs what is complete, as far as the client may go on, and sends the replies. */
  private run(): void {
    const { client, decoder, server } = this;
    decoder.unauthenticated = (client.gates & UNAUTHENTICATED) !== 0;
    try {
      while (client.wait === undefined && !client.closing && !this.stalled && decoder.next()) {
        client.argv = decoder.argv as Bytes[];
        client.argc = decoder.argc;
        client.lastAt = client.now;
        dispatch(client);
        if (client.out.pos > FLUSH_AT) {
          this.flush();
          server.timing.skip();
        }
      }
    } catch (e) {
      if (!(e instanceof ProtocolError)) throw e;
      client.out.error(`ERR Protocol error: ${e.message}`);
      client.closing = true;
    }
    decoder.keep();
    decoder.trim();
    if (decoder.pending > this.server.settings.clientQueryBufferLimit) return this.kill();
    if (client.wait !== undefined && decoder.pending > PARKED_INPUT_MAX) this.pause();
    this.flush();
    this.count(CONNECTION_BYTES + decoder.pending + this.socket.writableLength + (client.transaction?.bytes ?? 0));
    if (client.closing) this.socket.destroySoon();
  }

  /** The client takes `bytes` now. */
  private count(bytes: number): void {
    const { client, server } = this;
    server.clientMemory += bytes - client.memory;
    client.memory = bytes;
  }

  schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    this.server.scheduled.push(this);
  }

  /** Goes on after the client was woken, or its peer has read enough. */
  resume(): void {
    this.scheduled = false;
    if (this.closed) return;
    this.server.timing.skip();
    this.run();
    if (this.paused && !this.stalled && this.client.wait === undefined) {
      this.paused = false;
      this.socket.resume();
    }
  }

  /** Whether the socket should go on delivering data. */
  get reading(): boolean {
    return !this.paused;
  }

  /** Sends what the client's reply buffer holds. */
  flush(): void {
    const out = this.client.out;
    const n = out.pos;
    if (n === 0 || this.closed) return;
    this.client.netOut += n;
    const { stats } = this.server;
    stats.netOutput += n;
    stats.writes++;
    if (n > stats.outputPeak) stats.outputPeak = n;
    if (this.socket.writableLength === 0) out.sent();
    this.socket.write(out.buf.subarray(0, n));
    const unsent = this.socket.writableLength;
    out.taken(unsent !== 0);
    if (unsent <= BACKLOG_MAX) return;
    this.stalled = true;
    this.pause();
  }

  private pause(): void {
    this.paused = true;
    this.socket.pause();
  }

  private onDrain(): void {
    this.client.out.sent();
    if (!this.closed) this.count(CONNECTION_BYTES + this.decoder.pending + (this.client.transaction?.bytes ?? 0));
    if (!this.stalled) return;
    this.stalled = false;
    this.server.beginTurn();
    this.resume();
    this.server.endTurn();
  }

  kill(): void {
    this.client.closing = true;
    this.socket.destroy();
    this.onClose();
  }

  private onClose(): void {
    if (this.closed) return;
    this.closed = true;
    this.client.closing = true;
    this.client.out.taken(false);
    this.count(0);
    this.server.disconnected(this.client);
  }
}
