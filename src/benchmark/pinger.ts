/**
 * The idle client of `pause`, a process of its own: it sends a PING about every millisecond on its own connection, whether or
 * not the last one is answered, and times each reply. So a pause of 100 ms shows as a hundred late replies, not as one.
 *
 *     parent ──'begin'──> samples are kept ──'end'──> when nothing is outstanding: Summary ──> parent
 *
 * Started by prober.ts with the port as its argument; it ends when its parent's channel closes. Never imported.
 */
import { connect } from 'node:net';
import { percentile } from './statistics.js';

/** Latencies of one phase in milliseconds. `lateness`: by how much our own clock's tick was late at worst. */
export interface Summary {
  readonly samples: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  readonly lateness: number;
}

const INTERVAL_MS = 1;
const PING = Buffer.from('*1\r\n$4\r\nPING\r\n');

class Pinger {
  private readonly sentAt: number[] = [];
  private oldest = 0;
  private samples: number[] = [];
  private recording = false;
  private ending = false;
  private lateness = 0;
  private lastTick = 0;

  constructor(
    private readonly write: (bytes: Buffer) => void,
    private readonly report: (summary: Summary) => void,
  ) {}

  begin(): void {
    this.samples = [];
    this.lateness = 0;
    this.recording = true;
  }

  end(): void {
    this.ending = true;
  }

  /** Every millisecond: one PING more, unless the phase is over and waits for its last replies. */
  tick(): void {
    const now = performance.now();
    if (this.lastTick !== 0) this.lateness = Math.max(this.lateness, now - this.lastTick - INTERVAL_MS);
    this.lastTick = now;
    if (this.ending) {
      this.finish();
      return;
    }
    this.sentAt.push(now);
    this.write(PING);
  }

  /** A chunk of replies, one line each. */
  receive(chunk: Buffer): void {
    const now = performance.now();
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) {
      const latency = now - this.sentAt[this.oldest++];
      if (this.recording) this.samples.push(latency);
    }
    if (this.oldest === this.sentAt.length) {
      this.sentAt.length = 0;
      this.oldest = 0;
    }
  }

  private finish(): void {
    if (this.sentAt.length > 0) return;
    const sorted = Float64Array.from(this.samples).sort();
    const [p50, p99, p999, max] = [0.5, 0.99, 0.999, 1].map((q) => percentile(sorted, q));
    this.recording = false;
    this.ending = false;
    this.report({ samples: sorted.length, p50, p99, p999, max, lateness: this.lateness });
  }
}

const socket = connect({ port: Number(process.argv[2]), host: '127.0.0.1', noDelay: true });
const pinger = new Pinger(
  (bytes) => socket.write(bytes),
  (summary) => process.send?.(summary),
);
socket.on('data', (chunk) => pinger.receive(chunk));
socket.on('error', (error) => {
  process.send?.({ error: error.message });
  process.disconnect?.();
});
socket.on('close', () => process.disconnect?.());
socket.on('connect', () => {
  const timer = setInterval(() => pinger.tick(), INTERVAL_MS);
  process.on('message', (message) => (message === 'begin' ? pinger.begin() : pinger.end()));
  process.on('disconnect', () => {
    clearInterval(timer);
    socket.destroy();
  });
  process.send?.('ready');
});
