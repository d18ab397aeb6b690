/**
 * WebSockets (RFC 6455). An upgrade goes through the routes of the gateway like any request, so origin, login, limits and errors are
 * the same for it; a route that wants it takes it by `accept`.
 */
import { type IncomingMessage, ServerResponse } from 'node:http';
import type net from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { WebSocket, WebSocketServer } from 'ws';
import { Failure } from '../failure.js';
import { GOING_AWAY, Outlet, type OutletSettings, POLICY } from './outlet.js';

/** The longest message of a client, bytes. */
const MESSAGE_MAX = 64 * 1024;

interface Upgrade {
  readonly socket: net.Socket;
  readonly head: Buffer;
  readonly response: ServerResponse;
}

export class Upgrades {
  private readonly waiting = new WeakMap<IncomingMessage, Upgrade>();
  private server: WebSocketServer | undefined = undefined;

  constructor(app: FastifyInstance) {
    app.server.on('upgrade', (request, duplex, head) => {
      const socket = duplex as net.Socket;
      socket.on('error', () => socket.destroy());
      const response = new ServerResponse(request);
      response.shouldKeepAlive = false;
      response.assignSocket(socket);
      response.on('finish', () => socket.destroySoon());
      this.waiting.set(request, { socket, head, response });
      app.routing(request, response);
    });
    app.addHook('preClose', async () => {
      for (const client of this.server?.clients ?? []) {
        client.close(GOING_AWAY, 'the gateway is closing');
        setTimeout(() => client.terminate(), 100).unref();
      }
    });
  }

  /** @throws Failure ERR (426) when `request` is no upgrade */
  demand(request: FastifyRequest): void {
    if (!this.waiting.has(request.raw) || request.headers.upgrade?.toLowerCase() !== 'websocket')
      throw new Failure('ERR', 'this is a WebSocket: it must be asked with Upgrade: websocket', 426);
  }

  /** Makes a WebSocket of a request that is one. @returns undefined when the client has gone, or does not speak the protocol */
  async accept(request: FastifyRequest, reply: FastifyReply, settings: OutletSettings): Promise<Outlet | undefined> {
    const { WebSocketServer } = await import('ws');
    this.server ??= new WebSocketServer({ noServer: true, maxPayload: MESSAGE_MAX, perMessageDeflate: false });
    const { socket, head, response } = this.waiting.get(request.raw)!;
    reply.hijack();
    if (socket.destroyed) return undefined;
    response.detachSocket(socket);
    let client: WebSocket | undefined;
    this.server.handleUpgrade(request.raw, socket, head, (made) => (client = made));
    return client === undefined ? undefined : new SocketOutlet(client, settings);
  }
}

class SocketOutlet extends Outlet {
  private readonly client: WebSocket;
  private alive = true;

  constructor(client: WebSocket, settings: OutletSettings) {
    super(settings);
    this.client = client;
    client.on('pong', () => (this.alive = true));
    client.on('close', () => this.ended());
    client.on('error', () => client.terminate());
    client.on('message', (data, isBinary) => this.receive(String(data), isBinary));
  }

  override get backlog(): number {
    return this.client.bufferedAmount;
  }

  protected override write(text: string): void {
    this.client.send(text, () => this.taken());
  }

  protected override shut(code: number, reason: string): void {
    this.client.close(code, reason);
    // Who reads nothing does not read that either.
    setTimeout(() => this.client.terminate(), this.settings.heartbeat).unref();
  }

  protected override beat(): void {
    if (!this.alive) return this.client.terminate();
    this.alive = false;
    this.client.ping();
  }

  private receive(text: string, isBinary: boolean): void {
    if (isBinary) return this.close(POLICY, 'messages must be text');
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      return this.close(POLICY, 'messages must be JSON');
    }
    if (this.reader?.said === undefined) this.send({ type: 'error', error: 'nothing can be said here', code: 'ERR' });
    else this.reader.said(message);
  }
}
