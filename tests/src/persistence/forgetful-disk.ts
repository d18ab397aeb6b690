/**
 * ForgetfulDisk: a disk in memory on which only that is safe which was synced. When the power is cut, of everything else any part may
 * have reached the disk: nothing, a beginning, single pages in any order, a longer file whose new pages are zeros; names that were made,
 * changed or removed without a sync of their directory, up to any point. It can also be full, fail, and cut the power at a chosen
 * operation.
 *
 *   disk ──operations──► disk ──cutPower()──► survivor: what the next server finds
 *                          └─ the old server goes on with what it believes; nothing that waits is answered until release()
 */
import { constants } from 'node:os';
import path from 'node:path';
import type { Done, Files, OpenMode, Transferred } from '../../../src/persistence/files.js';
import { Inode } from './inode.js';

/** What names mean after an operation; `undefined`: nothing any more. */
type Renaming = readonly (readonly [name: string, inode: Inode | undefined])[];

interface Opened {
  readonly inode: Inode;
  readonly synced: boolean;
}

function failure(code: string, call: string, name = ''): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${call} '${name}'`), {
    code,
    syscall: call,
    errno: -constants.errno[code as 'EIO'],
  });
}

export class ForgetfulDisk implements Files {
  /** How many operations that change something, or make it safe, were begun. */
  operations = 0;
  /** Cuts the power at this operation. */
  cutAt = Number.POSITIVE_INFINITY;
  /** Bytes that all files together may have. */
  capacity = Number.POSITIVE_INFINITY;
  /** The code with which writes fail, and that with which syncs do; '' for not at all. */
  writeFailure = '';
  syncFailure = '';
  /** A disk that lies: it says that it has synced, and has not. For tests of tests. */
  lies = false;
  /** What has survived the power cut; undefined while there is power. */
  survivor: ForgetfulDisk | undefined = undefined;
  /** Called when the power is cut. */
  cut: () => void = () => {};
  private readonly names = new Map<string, Inode>();
  private readonly safeNames = new Map<string, Inode>();
  private readonly directories = new Set<string>();
  private readonly safeDirectories = new Set<string>();
  /** By directory: the changes of names in it since it was synced. */
  private readonly renamings = new Map<string, Renaming[]>();
  private readonly opened = new Map<number, Opened>();
  private lastDescriptor = 100;
  private withheld: (() => void)[] | undefined = undefined;

  /** @param random numbers in [0, 1): how long things take, and what survives */
  constructor(private readonly random: () => number) {}

  /** Makes a directory that was always there. */
  giveDirectory(name: string): this {
    this.directories.add(name);
    this.safeDirectories.add(name);
    return this;
  }

  /** Puts a file there that was always there. */
  giveFile(name: string, bytes: Uint8Array): void {
    this.giveDirectory(path.dirname(name));
    const inode = new Inode(bytes);
    this.names.set(name, inode);
    this.safeNames.set(name, inode);
  }

  /** The bytes of a file as they are seen now; undefined when there is none. */
  bytes(name: string): Uint8Array | undefined {
    return this.names.get(name)?.bytes();
  }

  /** All names of files, sorted. */
  fileNames(): string[] {
    return [...this.names.keys()].sort();
  }

  /** Bytes of all files that can still be reached. */
  get used(): number {
    let sum = 0;
    for (const inode of new Set(this.names.values())) sum += inode.length;
    return sum;
  }

  /** Cuts the power now: `survivor` is what the disk holds from then on. */
  cutPower(): ForgetfulDisk {
    if (this.survivor !== undefined) return this.survivor;
    const next = new ForgetfulDisk(this.random);
    const names = new Map(this.safeNames);
    const directories = new Set(this.safeDirectories);
    for (const list of this.renamings.values())
      for (const one of list.slice(0, Math.floor(this.random() * (list.length + 1)))) apply(one, names, directories);
    for (const name of directories)
      if (directories.has(path.dirname(name)) || this.safeDirectories.has(name)) next.giveDirectory(name);
    const survived = new Map<Inode, Uint8Array>();
    for (const [name, inode] of names) {
      if (!next.directories.has(path.dirname(name))) continue;
      let bytes = survived.get(inode);
      if (bytes === undefined) survived.set(inode, (bytes = inode.survivor(this.random)));
      next.giveFile(name, bytes);
    }
    this.survivor = next;
    this.withheld = [];
    this.cut();
    return next;
  }

  /** After the cut: answers everything that waits, as if all were well, so that the old server can end. */
  release(): void {
    const { withheld } = this;
    this.withheld = undefined;
    this.capacity = Number.POSITIVE_INFINITY;
    this.writeFailure = this.syncFailure = '';
    for (const answer of withheld ?? []) answer();
  }

  // ---- Files ----------------------------------------------------------------------------------------------------------------

  open(name: string, mode: OpenMode): number {
    let inode = this.names.get(name);
    if (inode === undefined && mode !== 'create' && mode !== 'new') throw failure('ENOENT', 'open', name);
    if (inode !== undefined && mode === 'new') throw failure('EEXIST', 'open', name);
    if (!this.directories.has(path.dirname(name))) throw failure('ENOENT', 'open', name);
    if (inode === undefined) {
      inode = new Inode();
      this.change(name, inode);
    } else if (mode === 'create') {
      inode.truncate(0);
      this.count();
    }
    this.opened.set(++this.lastDescriptor, { inode, synced: mode === 'synced' });
    return this.lastDescriptor;
  }

  close(fd: number): void {
    this.file(fd);
    this.opened.delete(fd);
  }

  size(fd: number): number {
    return this.file(fd).length;
  }

  sizeOf(name: string): number {
    return this.names.get(name)?.length ?? -1;
  }

  readSync(fd: number, buf: Uint8Array, start: number, n: number, at: number): number {
    return this.file(fd).read(buf, start, n, at);
  }

  read(fd: number, buf: Uint8Array, start: number, n: number, at: number, done: Transferred): void {
    const inode = this.file(fd);
    this.later(() => done(null, inode.read(buf, start, n, at)));
  }

  writeSync(fd: number, buf: Uint8Array, start: number, n: number, at: number): number {
    return this.put(this.file(fd), buf, start, n, at);
  }

  write(fd: number, buf: Uint8Array, start: number, n: number, at: number, done: Transferred): void {
    const { inode, synced } = this.opened.get(fd)!;
    let written = 0;
    try {
      if (synced && this.syncFailure !== '') throw failure(this.syncFailure, 'write');
      written = this.put(inode, buf, start, n, at);
    } catch (e) {
      return this.later(() => done(e as NodeJS.ErrnoException, 0));
    }
    const mark = inode.mark();
    this.later(() => {
      if (synced && !this.lies) inode.settle(mark);
      done(null, written);
    });
  }

  datasync(fd: number, done: Done): void {
    const inode = this.file(fd);
    const { syncFailure } = this;
    this.count();
    if (syncFailure !== '') {
      // As Linux has it: the pages that could not be written count as clean, and a second sync does not write them.
      inode.forgetPending();
      return this.later(() => done(failure(syncFailure, 'fdatasync')));
    }
    const mark = inode.mark();
    this.later(() => {
      if (!this.lies) inode.settle(mark);
      done(null);
    });
  }

  datasyncSync(fd: number): void {
    const inode = this.file(fd);
    this.count();
    if (this.lies) return;
    if (this.syncFailure === '') return inode.settle(inode.mark());
    inode.forgetPending();
    throw failure(this.syncFailure, 'fdatasync');
  }

  truncate(fd: number, n: number): void {
    this.file(fd).truncate(n);
    this.count();
  }

  rename(from: string, to: string): void {
    const inode = this.names.get(from);
    if (inode === undefined) throw failure('ENOENT', 'rename', from);
    if (!this.directories.has(path.dirname(to))) throw failure('ENOENT', 'rename', to);
    this.names.delete(from);
    this.names.set(to, inode);
    // Safe with the directory that it goes to: a file that changes its directory is never in neither.
    this.pending(path.dirname(to)).push([
      [to, inode],
      [from, undefined],
    ]);
    this.count();
  }

  removeSync(name: string): void {
    if (!this.names.has(name)) throw failure('ENOENT', 'unlink', name);
    this.change(name, undefined);
  }

  remove(name: string, done: Done): void {
    try {
      this.removeSync(name);
      this.later(() => done(null));
    } catch (e) {
      this.later(() => done(e as NodeJS.ErrnoException));
    }
  }

  list(directory: string): string[] | undefined {
    if (!this.directories.has(directory)) return undefined;
    const all = [...this.names.keys(), ...this.directories];
    return all
      .filter((name) => name !== directory && path.dirname(name) === directory)
      .map((name) => path.basename(name));
  }

  makeDirectory(name: string): void {
    if (this.directories.has(name)) return;
    this.makeDirectory(path.dirname(name));
    this.directories.add(name);
    this.pending(path.dirname(name)).push([[name, DIRECTORY]]);
    this.count();
  }

  syncDirectory(directory: string, done: Done): void {
    const length = this.pending(directory).length;
    const { syncFailure } = this;
    this.count();
    this.later(() => {
      if (syncFailure !== '') return done(failure(syncFailure, 'fsync', directory));
      this.settle(directory, length);
      done(null);
    });
  }

  syncDirectorySync(directory: string): void {
    this.count();
    if (this.syncFailure !== '') throw failure(this.syncFailure, 'fsync', directory);
    this.settle(directory, this.pending(directory).length);
  }

  // ---- what stands behind ---------------------------------------------------------------------------------------------------

  private file(fd: number): Inode {
    const opened = this.opened.get(fd);
    if (opened === undefined) throw failure('EBADF', 'file');
    return opened.inode;
  }

  private put(inode: Inode, buf: Uint8Array, start: number, n: number, at: number): number {
    if (this.writeFailure !== '') throw failure(this.writeFailure, 'write');
    const growth = Math.max(0, at + n - inode.length);
    const room = Math.max(0, this.capacity - this.used);
    const written = growth > room ? n - (growth - room) : n;
    if (written <= 0) throw failure('ENOSPC', 'write');
    inode.write(buf, start, written, at);
    this.count();
    return written;
  }

  private change(name: string, inode: Inode | undefined): void {
    if (inode === undefined) this.names.delete(name);
    else this.names.set(name, inode);
    this.pending(path.dirname(name)).push([[name, inode]]);
    this.count();
  }

  private pending(directory: string): Renaming[] {
    let list = this.renamings.get(directory);
    if (list === undefined) this.renamings.set(directory, (list = []));
    return list;
  }

  private settle(directory: string, count: number): void {
    if (this.lies) return;
    const list = this.pending(directory);
    for (const one of list.splice(0, Math.min(count, list.length))) apply(one, this.safeNames, this.safeDirectories);
  }

  private count(): void {
    if (++this.operations >= this.cutAt) this.cutPower();
  }

  /** Answers after a few turns of the event loop, if there is power then. */
  private later(answer: () => void): void {
    const wait = (turns: number): void => {
      if (this.withheld !== undefined) this.withheld.push(answer);
      else if (turns === 0) answer();
      else setImmediate(wait, turns - 1);
    };
    setImmediate(wait, Math.floor(this.random() * 4));
  }
}

/** Stands for a directory among the changes of names. */
const DIRECTORY = new Inode();

function apply(renaming: Renaming, names: Map<string, Inode>, directories: Set<string>): void {
  for (const [name, inode] of renaming)
    if (inode === DIRECTORY) directories.add(name);
    else if (inode === undefined) names.delete(name);
    else names.set(name, inode);
}
