/**
 * Outlet: where the messages of a subscription go, a WebSocket or an event stream. It counts what its reader has not taken: at a
 * quarter of the limit the source is told to stop; when more than the limit comes nevertheless, or when nothing is taken for too long,
 * the reader is closed. One message may be longer than that: it says nothing of its reader.
 */
import type { Failure } from '../failure.js';
import type { JsonValue } from '../json-value.js';

export type Message = Readonly<Record<string, JsonValue>> & { readonly type: string };

/** Why a reader is closed: a code of WebSocket (RFC 6455, 7.4.1) and a reason. */
export const GOING_AWAY = 1001;
export const POLICY = 1008;
export const FAILED = 1011;
export const TOO_SLOW = 1013;

export interface OutletSettings {
  readonly heartbeat: number;
  readonly backlogLimit: number;
}

/** What a subscription is told by its reader. */
export interface Reader {
  /** Stop, and go on: what was sent has not been taken, has been. */
  full(): void;
  drained(): void;
  closed(): void;
  /** A message of the reader's own (WebSocket). */
  said?(message: unknown): void;
}

export abstract class Outlet {
  protected readonly settings: OutletSettings;
  protected reader: Reader | undefined;
  private isFull = false;
  private over = false;
  private timer: NodeJS.Timeout | undefined;
  private readonly pulse: NodeJS.Timeout;

  constructor(settings: OutletSettings) {
    this.settings = settings;
    this.pulse = setInterval(() => this.beat(), settings.heartbeat).unref();
  }

  /** Bytes that were sent and not taken. */
  abstract get backlog(): number;

  /** Whether messages can still be sent. */
  get open(): boolean {
    return !this.over;
  }

  get stopped(): boolean {
    return this.isFull;
  }

  /** Whatever has happened before is told at once. */
  attach(reader: Reader): void {
    this.reader = reader;
    if (this.over) reader.closed();
    else if (this.isFull) reader.full();
  }

  /** @param id where to go on after this message (`Last-Event-ID`) */
  send(message: Message, id?: string): void {
    this.sendText(JSON.stringify(message), id);
  }

  /** The same of what is no JSON. */
  sendText(text: string, id?: string): void {
    if (this.over) return;
    this.write(text, id);
    const { backlogLimit, heartbeat } = this.settings;
    if (this.backlog <= backlogLimit / 4) return;
    if (this.isFull) {
      if (this.backlog > backlogLimit) this.close(TOO_SLOW, 'too slow: too much waits to be read');
      return;
    }
    this.isFull = true;
    this.timer = setTimeout(() => this.close(TOO_SLOW, 'too slow: nothing was read for too long'), heartbeat).unref();
    this.reader?.full();
  }

  /** Tells what went wrong. */
  tell({ message, code }: Failure): void {
    this.send({ type: 'error', error: message, code });
  }

  /** The same, then closes. */
  fail(failure: Failure): void {
    this.tell(failure);
    this.close(FAILED, failure.code);
  }

  close(code: number, reason: string): void {
    if (this.over) return;
    this.shut(code, reason);
    this.ended();
  }

  /** To be called when the reader has taken something. */
  protected taken(): void {
    if (!this.isFull || this.over || this.backlog > this.settings.backlogLimit / 16) return;
    this.isFull = false;
    clearTimeout(this.timer);
    this.reader?.drained();
  }

  /** To be called when the reader has gone. */
  protected ended(): void {
    if (this.over) return;
    this.over = true;
    clearInterval(this.pulse);
    clearTimeout(this.timer);
    this.reader?.closed();
  }

  protected abstract write(text: string, id: string | undefined): void;
  protected abstract shut(code: number, reason: string): void;
  protected abstract beat(): void;
}
