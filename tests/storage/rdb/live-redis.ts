/** A redis-server of its own for a test, in an empty folder, and a connection that sends words as they are: latin1, a byte a character. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../free-port.js';

export type Value = string | number | null | Value[];

export class LiveRedis {
  private received = '';
  private wake: () => void = () => {};

  private constructor(
    private readonly child: ChildProcess,
    private readonly socket: net.Socket,
    readonly folder: string,
    readonly port: number,
  ) {
    socket.on('data', (chunk) => {
      this.received += chunk.toString('latin1');
      this.wake();
    });
    socket.on('error', () => {});
  }

  /**
   * Starts a server with these words behind `redis-server`, and waits until it has loaded.
   * @param folder in which its files are; a new one when absent
   */
  static async start(words: readonly string[] = [], folder?: string): Promise<LiveRedis> {
    const port = await freePort();
    const dir = folder ?? mkdtempSync(join(tmpdir(), 'rdb-'));
    const fixed = ['--port', `${port}`, '--save', '', '--dir', dir, '--enable-debug-command', 'yes'];
    const child = spawn('redis-server', [...fixed, ...words], { stdio: 'ignore' });
    for (;;) {
      const socket = await connected(port);
      if (socket !== undefined) {
        const redis = new LiveRedis(child, socket, dir, port);
        while (String(await redis.ask('ping')).startsWith('-LOADING')) await pause();
        return redis;
      }
      if (child.exitCode !== null) throw new Error(`redis-server ended with ${child.exitCode}`);
      await pause();
    }
  }

  /** Sends a command, a line of words or the words, and gives the reply; errors with a leading `-`. */
  async ask(command: string | readonly string[]): Promise<Value> {
    const words = typeof command === 'string' ? command.split(' ') : command;
    this.socket.write(`*${words.length}\r\n${words.map((w) => `$${w.length}\r\n${w}\r\n`).join('')}`, 'latin1');
    for (;;) {
      const [value, end] = parse(this.received, 0);
      if (end > 0) {
        this.received = this.received.slice(end);
        return value;
      }
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  /** Ends the server; its folder stays when `keep`. */
  async stop(keep = false): Promise<void> {
    this.socket.destroy();
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await ended;
    if (!keep) rmSync(this.folder, { recursive: true, force: true });
  }
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

function connected(port: number): Promise<net.Socket | undefined> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });
}

/** The reply that begins at `at`, and where it ends; 0 when it has not arrived whole. */
function parse(text: string, at: number): [Value, number] {
  const eol = text.indexOf('\r\n', at);
  if (eol < 0) return [null, 0];
  const line = text.slice(at + 1, eol);
  const type = text[at];
  if (type === '+') return [line, eol + 2];
  if (type === '-') return [`-${line}`, eol + 2];
  if (type === ':') return [Number(line), eol + 2];
  if (line === '-1') return [null, eol + 2];
  if (type === '$') {
    const end = eol + 2 + Number(line);
    return text.length < end + 2 ? [null, 0] : [text.slice(eol + 2, end), end + 2];
  }
  const items: Value[] = [];
  let next = eol + 2;
  for (let i = 0; i < Number(line); i++) {
    const [item, end] = parse(text, next);
    if (end === 0) return [null, 0];
    items.push(item);
    next = end;
  }
  return [items, next];
}
