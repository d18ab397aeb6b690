/**
 * Connection: one socket and its Client. All commands of a read run in a row; one write at the end. Output that the kernel did
 * not take is counted, and a peer that does not read is not served further until it does, so its backlog is bounded.
 *
 *   readable -> feed -> (next -> dispatch)* -> keep -> flush
 *
 * While changes are not safe yet, output is held (held-output.ts). Never awaits between parse and reply.
 * Read next: accept.ts (how sockets get here), commands/dispatch.ts.
 */
import type { Socket } from 'node:net';
import { Client, type Link } from '../../commands/client.js';
import { describe } from '../../commands/client-list.js';
import { hush } from '../../commands/client-mode.js';
import { dispatch } from '../../commands/dispatch.js';
import { UNAUTHENTICATED } from '../../commands/gates.js';
import { Reply } from '../../protocol/reply.js';
import { ProtocolError, RequestDecoder } from '../../protocol/request.js';
import { Bytes } from '../../storage/memory/bytes.js';
import type { SynapServer } from '../server.js';
import { DirectWriter } from './direct-writer.js';
import { endpoint } from './endpoint.js';
import { HeldOutput } from './held-output.js';
import { exceedsOutputLimit } from './output-limit.js';
import { warm } from './prefetch.js';
import { beneath, handleOf, type StreamHandle } from './stream-binding.js';

/**
 * Replies are sent on before a turn's end, or to a peer that does not read, when they pass this (bytes): so much below a reply buffer's size
 * that one more reply of usual length still fits.
 */
export const FLUSH_AT = 48 * 1024;
/** A client with this much unread output (bytes) must read before more of its commands run. */
const BACKLOG_MAX = 256 * 1024 * 1024;
/** What a connection costs beside its buffers (bytes): measured with 10,000 idle connections. */
const CONNECTION_BYTES = 7 * 1024;
/** Replies up to this (bytes) are not counted against output limits, as Redis's static buffer is not. */
const UNCOUNTED = 16 * 1024;
/** How long the longest reply is remembered, ms. */
const PEAK_MS = 5000;
/** A parked client's further input is read up to this (bytes), then left in the kernel. */
const PARKED_INPUT_MAX = 1024 * 1024;

function makeBytes(): Bytes {
  return new Bytes();
}

export class Connection implements Link {
  readonly client: Client;
  readonly address: string;
  readonly unix: boolean;
  /** Since when its output is above the soft limit of its class, ms since the epoch; 0: it is not. */
  softSince = 0;
  /** Bytes that the stream holds. */
  private queued = 0;
  /** Pieces that the stream or the handle holds. */
  unsentPieces = 0;
  private peak = 0;
  private peakAt = 0;
  private readonly decoder = new RequestDecoder(makeBytes);
  readonly server: SynapServer;
  private readonly socket: Socket;
  /** Undefined where this Node does not let us at it. */
  private readonly handle: StreamHandle | undefined;
  private readonly writer: DirectWriter | undefined;
  /** Too much output is unread. */
  private stalled = false;
  private readonly held: HeldOutput;
  /** Stands in the server's list of clients to go on with. */
  private scheduled = false;
  private paused = false;
  closed = false;

  constructor(server: SynapServer, socket: Socket, address: string, unix: boolean) {
    this.server = server;
    this.socket = socket;
    const handle = handleOf(socket);
    this.handle = handle;
    this.writer = handle && new DirectWriter(handle, () => this.onSent());
    this.address = address;
    this.unix = unix;
    this.client = new Client(
      server.nextClientId(),
      server,
      new Reply(server.replies),
      server.databases[0],
      this.decoder.argv as Bytes[],
      this,
    );
    this.held = new HeldOutput(this);
    socket.on('error', () => socket.destroy());
    socket.on('end', () => this.onEnd());
    socket.on('close', () => this.onClose());
  }

  /** Takes `n` bytes that arrived in `input`, which is free again afterwards. */
  receive(input: Uint8Array, n: number): void {
    if (this.closed || this.client.closing) return;
    const { server, client } = this;
    server.beginTurn();
    client.netIn += n;
    client.lastAt = server.now;
    server.stats.netInput += n;
    server.stats.reads++;
    try {
      this.decoder.feed(input, n);
      if (this.decoder.pending > server.stats.inputPeak) server.stats.inputPeak = this.decoder.pending;
      this.run();
    } catch (e) {
      this.fail(e);
    }
    server.endTurn();
  }

  /** Runs what is complete, as far as the client may go on, and sends the replies. */
  private run(): void {
    const { client, decoder, server } = this;
    const { settings } = server;
    decoder.maxBulk = settings.protoMaxBulkLen;
    decoder.unauthenticated = (client.gates & UNAUTHENTICATED) !== 0;
    let unwarmed = 0;
    if (server.holding.full) this.held.wait();
    try {
      while (client.wait === undefined && !client.closing && !this.stalled && decoder.next()) {
        client.argv = decoder.argv as Bytes[];
        client.argc = decoder.argc;
        if (--unwarmed < 0 && decoder.pending > 256) unwarmed = warm(decoder, client.db.space.table);
        dispatch(client);
        decoder.unauthenticated = (client.gates & UNAUTHENTICATED) !== 0;
        if (client.out.pos > FLUSH_AT) {
          server.timing.settle(client);
          this.flush();
          server.timing.skip();
        }
      }
    } catch (e) {
      if (!(e instanceof ProtocolError)) throw e;
      this.refuse(e);
    }
    decoder.keep();
    // What is pending may have taken the place of the last command's arguments.
    server.timing.settle(decoder.pending === 0 ? client : undefined);
    decoder.trim();
    if (decoder.pending + (client.transaction?.bytes ?? 0) > settings.clientQueryBufferLimit) return this.overflow();
    if (client.wait !== undefined && decoder.pending > PARKED_INPUT_MAX) this.pause();
    this.flush();
    this.measure();
    if (client.closing) this.finish();
  }

  /** What came is no request: says so and closes. */
  private refuse(e: ProtocolError): void {
    const { client, server } = this;
    server.log.verbose(`Protocol error (${e.message}) from client: ${describe(client, client)}`);
    const at = client.out.pos;
    client.out.error(`ERR Protocol error: ${e.message}`);
    hush(client, at);
    client.closing = true;
  }

  private overflow(): void {
    const { client, server } = this;
    server.log.warning(`Closing client that reached max query buffer length: ${describe(client, client)}`);
    this.kill();
  }

  /** A defect, or no memory: costs this client its connection, and nobody else anything. */
  private fail(e: unknown): void {
    const reason = e instanceof Error ? e.stack : String(e);
    this.server.log.warning(`internal error in the connection of ${this.address}: ${reason}`);
    this.kill();
  }

  /** Closes once everything is sent. */
  private finish(): void {
    if (this.closed || this.held.holdsSome) return;
    this.write();
    this.socket.destroySoon();
  }

  /** Counts what the client takes now, unless it is gone. */
  private measure(): void {
    const { client, decoder } = this;
    if (this.closed) return;
    this.count(
      CONNECTION_BYTES + decoder.pending + client.out.pos + this.unsentBytes + (client.transaction?.bytes ?? 0),
    );
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
    try {
      this.run();
    } catch (e) {
      return this.fail(e);
    }
    if (this.paused && !this.stalled && this.client.wait === undefined) {
      this.paused = false;
      this.socket.resume();
    }
  }

  /** Sends what the client's reply buffer holds; while the peer does not read, only once that is a large piece. */
  flush(): void {
    const out = this.client.out;
    const n = out.pos;
    if (this.closed) return;
    if (n === 0) {
      if (out.buf.length > 0) out.taken(false); // what was in it has been taken back
      return;
    }
    const unsent = this.unsentBytes;
    const waiting = unsent + n;
    if (waiting > UNCOUNTED && exceedsOutputLimit(this, waiting)) return this.kill();
    if (this.server.holding.unsafe && this.held.hold(n)) return;
    this.send(n, unsent);
  }

  private send(n: number, unsent: number): void {
    if (n < FLUSH_AT && unsent > 0) return;
    this.write();
    if (this.unsentBytes <= BACKLOG_MAX) return;
    this.stalled = true;
    this.pause();
  }

  // ---- held output (held-output.ts) -----------------------------------------------------------------------------------------------

  /** While output is held, a peer that has said all it wants to say (half-closed) still gets it. */
  keepsOpen(held: boolean): void {
    this.socket.allowHalfOpen = held;
  }

  private onEnd(): void {
    if (this.held.holdsSome) this.client.closing = true;
  }

  /** Runs no more commands until `goOn`. */
  stall(): void {
    if (this.stalled) return;
    this.stalled = true;
    this.pause();
  }

  /** What was held may leave: sends it, ends what was to end, or goes on. */
  goOn(): void {
    const { client } = this;
    if (client.out.pos > 0) this.send(client.out.pos, this.unsentBytes);
    if (client.closing) return this.finish();
    if (!this.stalled || this.unsentBytes > BACKLOG_MAX) return;
    this.stalled = false;
    this.schedule();
  }

  /** Gives the reply buffer's content to the socket. */
  write(): void {
    const { client, server, socket } = this;
    const out = client.out;
    const n = out.pos;
    if (n === 0) return;
    const { stats } = server;
    client.netOut += n;
    client.lastAt = server.now;
    stats.netOutput += n;
    stats.writes++;
    if (n > stats.outputPeak) stats.outputPeak = n;
    if (n > this.peak || server.now - this.peakAt > PEAK_MS) {
      this.peak = n;
      this.peakAt = server.now;
    }
    const { writer } = this;
    if (writer !== undefined && this.queued + writer.pending === 0) {
      if (!writer.write(out.buf, n)) return this.kill();
      this.unsentPieces = writer.pending === 0 ? 0 : 1;
      out.taken(writer.pending !== 0);
      return;
    }
    // Behind others a piece may wait long: it takes no more memory than it needs, and the buffer is used again.
    const copied = n < FLUSH_AT;
    this.queued += n;
    this.unsentPieces++;
    socket.write(copied ? out.buf.slice(0, n) : out.buf.subarray(0, n), () => {
      this.queued -= n;
      this.onSent();
    });
    out.taken(!copied);
  }

  private pause(): void {
    this.paused = true;
    this.socket.pause();
  }

  /**
   * A read has filled the buffer, so more waits in the kernel: others are served before it is read. libuv would go on with this socket,
   * up to 32 times, and two megabytes of commands may take a tenth of a second.
   */
  giveWay(): void {
    if (this.paused || this.closed) return;
    if (this.handle === undefined) this.socket.pause();
    else this.handle.readStop(); // past the stream: a list loads in 8 % less time so
    setImmediate(this.readOn);
  }

  private readonly readOn = (): void => {
    if (this.paused || this.closed) return;
    if (this.handle === undefined) this.socket.resume();
    else this.handle.readStart();
  };

  checkOutput(): void {
    if (this.softSince === 0 || this.closed) return;
    if (exceedsOutputLimit(this, this.unsentBytes + this.client.out.pos)) this.kill();
  }

  /** The socket, or the handle beneath it, has sent what it had. */
  private onSent(): void {
    if (this.closed || this.unsentBytes > 0) return;
    this.client.out.sent();
    this.measure();
    this.unsentPieces = 0;
    this.softSince = 0;
    if (this.held.isHeld) return; // it goes on in `goOn`
    if (!this.stalled && this.client.out.pos === 0) return;
    this.stalled = false;
    this.server.beginTurn();
    this.resume();
    this.server.endTurn();
  }

  // ---- what CLIENT LIST tells ---------------------------------------------------------------------------------------------------

  get localAddress(): string {
    if (this.unix) return this.address;
    return endpoint(this.socket.localAddress, this.socket.localPort);
  }

  get fd(): number {
    return beneath(this.socket)?.fd ?? -1;
  }

  get inputBytes(): number {
    return this.decoder.pending;
  }

  get inputFree(): number {
    return this.decoder.free;
  }

  get unsentBytes(): number {
    return this.writer === undefined ? this.queued : this.queued + this.writer.pending;
  }

  get replyPeak(): number {
    return this.server.now - this.peakAt > PEAK_MS ? 0 : this.peak;
  }

  // ---- the end --------------------------------------------------------------------------------------------------------------------

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
