/**
 * Figures: what INFO must ask of the process and the services around the commands. src/info/ has the real ones. Everything is read only
 * when somebody asks; what is undefined cannot be told on this system, and its line is left out as Redis does.
 */

export interface ProcessMemory {
  /** Bytes of the process that are in physical memory. */
  readonly resident: number;
  /** Bytes of physical memory of the machine. */
  readonly machine: number;
}

/** Seconds of processor time since the start. */
export interface ProcessorTime {
  readonly system: number;
  readonly user: number;
  readonly mainSystem: number | undefined;
  readonly mainUser: number | undefined;
}

/** One kind of socket that the server accepts on. */
export interface ListenerFigure {
  readonly name: 'tcp' | 'tls' | 'unix';
  readonly addresses: readonly string[];
  /** 0 for a Unix socket. */
  readonly port: number;
}

/** What happened a second, over the last one and a half. */
export interface RecentRates {
  readonly commands: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
  readonly turns: number;
  /** Microseconds of a turn, on average. */
  readonly turnUs: number;
}

export interface Figures {
  /** The package's version. */
  readonly version: string;
  /** 40 hexadecimal digits, other ones at each start: of this run, and of the history of its dataset. */
  readonly runId: string;
  readonly replicationId: string;
  readonly processId: number;
  /** `Linux 6.1.0 x86_64`. */
  readonly system: string;
  readonly archBits: number;
  /** The kernel's interface for events: `epoll`. */
  readonly multiplexing: string;
  readonly executable: string;
  /** Path of the configuration file; '' = none. */
  readonly configFile: string;
  /** ms since the epoch. */
  readonly startedAt: number;
  readonly tcpPort: number;
  readonly listeners: readonly ListenerFigure[];
  readonly rates: RecentRates;
  /** Microseconds that the event loop was busy since the start. */
  readonly busyUs: number;
  /** The most bytes that one client has sent, or was sent, at once in the last seconds. */
  readonly inputPeak: number;
  readonly outputPeak: number;
  /** `usedMemory` when the server had just started. */
  readonly startupMemory: number;
  memory(): ProcessMemory;
  processor(): ProcessorTime;
}
