/**
 * A server in this process on a disk that forgets: a crash is a power cut. What was not synced is lost, or half there, or there. No
 * process is started, so that thousands of crashes are possible.
 */
import { createServer, type Options, type SynapServer } from '../../src/index.js';
import { ForgetfulDisk } from '../src/persistence/forgetful-disk.js';
import type { Target } from './target.js';

export const DATA = '/data';
const LOCK = `${DATA}/synap.lock`;
/** How many operations a start makes about. */
const START_OPERATIONS = 20;

export class PowerServer implements Target {
  readonly fieldTtls = true;
  disk: ForgetfulDisk;
  server: SynapServer | undefined = undefined;
  /** What the servers have written to their logs, the latest last. */
  printed = '';

  /** @param random numbers in [0, 1): what survives, and how long the disk takes */
  constructor(
    readonly random: () => number,
    private readonly options: Options,
  ) {
    this.disk = new ForgetfulDisk(random).giveDirectory(DATA);
  }

  get port(): number {
    return this.server?.port ?? 0;
  }

  async start(): Promise<void> {
    this.server = await this.starting();
  }

  /** Cuts the power, if it was not cut before, and gets rid of the server that ran. */
  async crash(gently: boolean): Promise<void> {
    const { server, disk } = this;
    if (!gently || disk.survivor !== undefined) return this.afterCut(Promise.resolve(server));
    const cut = this.whenCut();
    const closing = server?.close();
    await Promise.race([closing, cut]);
    await this.afterCut(Promise.resolve(undefined));
    await closing;
  }

  async interruptedStart(moment: number): Promise<void> {
    const { disk } = this;
    disk.cutAt = disk.operations + 1 + Math.floor(moment * START_OPERATIONS);
    const cut = this.whenCut();
    const starting = this.starting();
    // A start that the cut makes fail is as good as one that it interrupts.
    await Promise.race([cut, starting.catch(() => {})]);
    await this.afterCut(starting.catch(() => undefined));
  }

  /** Resolves when the power is cut. */
  private whenCut(): Promise<void> {
    const { disk } = this;
    const { cut } = disk;
    return new Promise((resolve) => {
      disk.cut = () => {
        cut();
        resolve();
      };
    });
  }

  /** The server on the disk goes: its clients first, so that nobody hears of what it believes after the cut. */
  private async afterCut(starting: Promise<SynapServer | undefined>): Promise<void> {
    const { disk } = this;
    const survivor = disk.cutPower();
    this.hangUp();
    disk.release();
    const server = await starting;
    await server?.close();
    this.server = undefined;
    this.disk = survivor;
    this.reboot();
  }

  /** Disconnects all clients. */
  hangUp(): void {
    for (const client of [...(this.server?.clients.values() ?? [])]) client.link?.kill();
  }

  private starting(): Promise<SynapServer> {
    return createServer({
      dir: DATA,
      appendonly: true,
      save: [],
      enableDebugCommand: 'yes',
      files: this.disk,
      write: (text) => {
        this.printed = (this.printed + text).slice(-6000);
      },
      ...this.options,
    });
  }

  /** Who holds the lock belongs to an earlier boot, as it is after a power cut. */
  private reboot(): void {
    const bytes = this.disk.bytes(LOCK);
    if (bytes === undefined) return;
    const text = Buffer.from(bytes)
      .toString('latin1')
      .replace(/^boot .*$/m, 'boot of another time');
    this.disk.giveFile(LOCK, Buffer.from(text, 'latin1'));
  }
}
