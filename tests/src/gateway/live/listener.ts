/** Readers of what goes on, as clients: a WebSocket (of the package ws) and an event stream (over node:http, so that it can be paused). */
import http from 'node:http';
import { WebSocket } from 'ws';

export type Message = Readonly<Record<string, unknown>> & { readonly id?: string };

/** What was refused, with its status and `{error, code}`. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, body: string) {
    const { error, code } = JSON.parse(body) as { error: string; code: string };
    super(error);
    this.status = status;
    this.code = code;
  }
}

export interface Listener {
  /** The next message, without those that were taken. @throws Error after five seconds */
  next(): Promise<Message>;
  /** What has come and was not taken. */
  readonly waiting: readonly Message[];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  say(message: unknown): void;
  pause(): void;
  resume(): void;
  close(): void;
}

class Inbox {
  readonly waiting: Message[] = [];
  private wake: (() => void) | undefined;

  put(message: Message): void {
    this.waiting.push(message);
    this.wake?.();
  }

  async next(): Promise<Message> {
    if (this.waiting.length === 0)
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error('no message has come')), 5000);
        this.wake = () => {
          clearTimeout(timer);
          this.wake = undefined;
          resolve();
        };
      });
    return this.waiting.shift()!;
  }
}

/** Sent as it is: text, or bytes. */
function isRaw(message: unknown): message is string | Buffer {
  return typeof message === 'string' || message instanceof Buffer;
}

/** @throws Refused */
export function socket(url: string, path: string, headers: Record<string, string> = {}): Promise<Listener> {
  const client = new WebSocket(url.replace('http', 'ws') + path, { headers });
  const inbox = new Inbox();
  client.on('message', (data) => inbox.put(JSON.parse(String(data)) as Message));
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    client.on('close', (code, reason) => resolve({ code, reason: String(reason) })),
  );
  return new Promise((resolve, reject) => {
    client.on('error', reject);
    client.on('unexpected-response', (_request, response) => {
      let body = '';
      response.on('data', (chunk) => (body += chunk));
      response.on('end', () => reject(new Refused(response.statusCode!, body)));
    });
    client.on('open', () =>
      resolve({
        next: () => inbox.next(),
        waiting: inbox.waiting,
        closed,
        say: (message) => client.send(isRaw(message) ? message : JSON.stringify(message)),
        pause: () => client.pause(),
        resume: () => client.resume(),
        close: () => client.close(),
      }),
    );
  });
}

/** A stream's last message tells why it was closed. @throws Refused */
export function stream(url: string, path: string, headers: Record<string, string> = {}): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const request = http.get(url + path, { headers, agent: false }, (response) => {
      response.setEncoding('utf8');
      const inbox = new Inbox();
      let text = '';
      let last = { code: 1006, reason: '' };
      const closed = new Promise<{ code: number; reason: string }>((done) => response.on('close', () => done(last)));
      response.on('error', () => {});
      if (response.statusCode !== 200) {
        response.on('data', (chunk) => (text += chunk));
        response.on('end', () => reject(new Refused(response.statusCode!, text)));
        return;
      }
      response.on('data', (chunk) => {
        const events = (text + chunk).split('\n\n');
        text = events.pop()!;
        for (const event of events) {
          const [, id, data] = /^(?:id: (.*)\n)?data: (.*)$/.exec(event) ?? [];
          if (data === undefined) inbox.put({ type: 'comment', text: event });
          else inbox.put({ ...(JSON.parse(data) as Message), ...(id === undefined ? {} : { id }) });
          const message = inbox.waiting[inbox.waiting.length - 1];
          if (message.type === 'closed') last = message as unknown as typeof last;
        }
      });
      resolve({
        next: () => inbox.next(),
        waiting: inbox.waiting,
        closed,
        say: () => {},
        pause: () => response.pause(),
        resume: () => response.resume(),
        close: () => request.destroy(),
      });
    });
    request.on('error', reject);
  });
}

/** POST with JSON. */
export async function post(url: string, path: string, body: unknown): Promise<Record<string, unknown>> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}/api/v1/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return (await response.json()) as Record<string, unknown>;
}

/** Waits until `test` is true. @throws Error after five seconds */
export async function until(test: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 5000; !(await test()); ) {
    if (Date.now() > end) throw new Error('it did not come to be');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
