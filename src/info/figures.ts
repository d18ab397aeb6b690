/** ServerFigures: what INFO asks of the process and of the services, read when it asks; only the rates are sampled by the cron. */
import os from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Figures, ListenerFigure, ProcessMemory, ProcessorTime, RecentRates } from '../../commands/figures.js';
import type { Environment, SynapServer } from '../server.js';
import { VERSION } from '../version.js';
import { processorTime } from './processor.js';
import { Rates } from './rates.js';

/** Node's own names of what libuv waits with. */
const MULTIPLEXING: Readonly<Record<string, string>> = {
  linux: 'epoll',
  android: 'epoll',
  darwin: 'kqueue',
  freebsd: 'kqueue',
  openbsd: 'kqueue',
  sunos: 'evport',
  win32: 'iocp',
  aix: 'pollset',
};

/** How long a peak is remembered at least, ms; twice that at most. */
const PEAK_MS = 4000;
/** How long the system's answers are good, ms. */
const FRESH_MS = 20;

export class ServerFigures implements Figures {
  readonly version = VERSION;
  readonly runId: string;
  readonly replicationId: string;
  readonly processId = process.pid;
  readonly system = `${os.type()} ${os.release()} ${os.machine()}`;
  readonly archBits = /64|s390x/.test(process.arch) ? 64 : 32;
  readonly multiplexing = MULTIPLEXING[process.platform] ?? 'poll';
  readonly executable = path.resolve(process.argv[1] ?? process.execPath);
  readonly configFile: string;
  readonly startupMemory: number;
  private readonly server: SynapServer;
  private readonly recent = new Rates();
  private readAt = Number.NEGATIVE_INFINITY;
  private processMemory: ProcessMemory = { resident: 0, machine: os.totalmem() };
  private processorTime: ProcessorTime = { system: 0, user: 0, mainSystem: undefined, mainUser: undefined };
  private peaksSince = performance.now();
  private oldInputPeak = 0;
  private oldOutputPeak = 0;

  constructor(server: SynapServer, { configFile, random }: Environment) {
    this.server = server;
    this.configFile = configFile ?? '';
    this.runId = hexDigits(random);
    this.replicationId = hexDigits(random);
    this.startupMemory = server.usedMemory();
  }

  /** At every tick of the cron. */
  sample(): void {
    const { stats } = this.server;
    const now = performance.now();
    this.recent.sample(now, stats, this.busyUs);
    this.server.usedMemory(); // moves the peak
    if (now - this.peaksSince < PEAK_MS) return;
    this.peaksSince = now;
    this.oldInputPeak = stats.inputPeak;
    this.oldOutputPeak = stats.outputPeak;
    stats.inputPeak = stats.outputPeak = 0;
  }

  get startedAt(): number {
    return this.server.startedAt;
  }

  get tcpPort(): number {
    return this.server.port;
  }

  get listeners(): ListenerFigure[] {
    const { settings } = this.server;
    const list: ListenerFigure[] = [];
    if (this.tcpPort > 0) {
      const addresses = settings.bind.length > 0 ? settings.bind : ['*'];
      list.push({ name: 'tcp', addresses, port: this.tcpPort });
    }
    if (settings.unixsocket !== '') list.push({ name: 'unix', addresses: [settings.unixsocket], port: 0 });
    return list;
  }

  get rates(): RecentRates {
    return this.recent.recent;
  }

  get busyUs(): number {
    return performance.eventLoopUtilization().active * 1000;
  }

  get inputPeak(): number {
    return Math.max(this.oldInputPeak, this.server.stats.inputPeak);
  }

  get outputPeak(): number {
    return Math.max(this.oldOutputPeak, this.server.stats.outputPeak);
  }

  memory(): ProcessMemory {
    this.read();
    return this.processMemory;
  }

  processor(): ProcessorTime {
    this.read();
    return this.processorTime;
  }

  /** Asks the system, but not again at once: all lines of one INFO come from one answer, and agree. */
  private read(): void {
    const now = performance.now();
    if (now - this.readAt < FRESH_MS) return;
    this.readAt = now;
    this.processMemory = { resident: process.memoryUsage.rss(), machine: this.processMemory.machine };
    this.processorTime = processorTime();
  }
}

function hexDigits(random: () => number): string {
  let text = '';
  while (text.length < 40) text += Math.floor(random() * 16).toString(16);
  return text;
}
