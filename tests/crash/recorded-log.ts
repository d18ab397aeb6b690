/**
 * A log as a server has written it, step by step, with what the server held after each: so that for every beginning of it we know what
 * must be loaded from it. And what is loaded from the files when something has been done to them.
 */
import path from 'node:path';
import { Random } from '../../compat-suite/random/random.js';
import { createServer, type Options } from '../../src/index.js';
import { Check } from '../../src/persistence/check.js';
import { SEGMENT_HEADER } from '../../src/persistence/segment.js';
import { seeded } from '../random.js';
import { ForgetfulDisk } from '../src/persistence/forgetful-disk.js';
import { closedWrite } from './closed-writes.js';
import { Draw, JOURNALS } from './draw.js';
import { state } from './inside.js';
import { openWrite } from './open-writes.js';
import { DATA, PowerServer } from './power-server.js';
import { line } from './target.js';

export const LOG_DIRECTORY = `${DATA}/appendonlydir`;

/** The last file of the log was this long when the server held this. */
export interface Mark {
  readonly length: number;
  readonly state: string;
}

export type FileMap = ReadonlyMap<string, Uint8Array>;

export interface RecordedLog {
  /** All files of the log by name. */
  readonly files: FileMap;
  /** The last file, to which the marks belong. */
  readonly last: string;
  readonly marks: readonly Mark[];
}

const DATABASES = [0, 1, JOURNALS];

export interface RecordOptions {
  readonly seed: number;
  readonly steps: number;
  /** Whether the log is rewritten midway, so that it has a base. */
  readonly rewrite: boolean;
}

export async function record({ seed, steps, rewrite }: RecordOptions): Promise<RecordedLog> {
  const target = new PowerServer(seeded(seed), { appendfsync: 'always' });
  await target.start();
  const draw = new Draw(new Random(seed), 0, true);
  const { ask, close } = await line(target);
  let marks: Mark[] = [];
  const mark = async (): Promise<string> => {
    const last = lastFile(target.disk);
    marks.push({ length: content(target.disk.bytes(last)!).length, state: await state(target.server!, DATABASES) });
    return last;
  };
  let last = await mark();
  for (let i = 0; i < steps; i++) {
    if (rewrite && i === steps >> 1) {
      await ask([['BGREWRITEAOF']]);
      while (!(await ask([['INFO', 'persistence']]))[0].includes('aof_rewrite_in_progress:0'))
        await new Promise((later) => setTimeout(later, 2));
      marks = [];
      last = await mark();
    }
    await ask((i % 4 === 0 ? openWrite(draw) : closedWrite(draw)).commands);
    last = await mark();
  }
  close();
  const files = new Map<string, Uint8Array>();
  for (const name of target.disk.fileNames())
    if (name.startsWith(LOG_DIRECTORY)) files.set(name, content(target.disk.bytes(name)!));
  await target.server!.close();
  return { files, last, marks };
}

/** A file without the zeros that a server has written ahead; other files end in no zero either. */
function content(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > SEGMENT_HEADER && bytes[end - 1] === 0) end--;
  return bytes.subarray(0, end);
}

/** The segment that is written to: the one with the highest number. */
function lastFile(disk: ForgetfulDisk): string {
  const number = (name: string): number => Number(/\.(\d+)\.incr\./.exec(name)?.[1] ?? -1);
  return disk.fileNames().reduce((best, name) => (number(name) > number(best) ? name : best), '');
}

/** What a server loads: its data, and the files as it has left them; or the reason why it does not start. */
export interface Loading {
  readonly state: string | undefined;
  readonly reason: string;
  readonly disk: ForgetfulDisk;
}

export async function load(files: FileMap, options: Options = {}): Promise<Loading> {
  const disk = diskWith(files);
  try {
    const server = await createServer({
      dir: DATA,
      appendonly: true,
      appendfsync: 'always',
      save: [],
      enableDebugCommand: 'yes',
      files: disk,
      ...options,
    });
    const held = await state(server, DATABASES);
    await server.close();
    return { state: held, reason: '', disk };
  } catch (e) {
    return { state: undefined, reason: (e as Error).message, disk };
  }
}

/** What synap-check says of these files, as an exit code, and with `fix` how it leaves them. */
export async function check(files: FileMap, fix = false): Promise<{ verdict: number; files: FileMap }> {
  const disk = diskWith(files);
  const verdict = await new Check(disk, () => {}, fix).run(DATA);
  return { verdict, files: new Map(disk.fileNames().map((name) => [name, disk.bytes(name)!])) };
}

function diskWith(files: FileMap): ForgetfulDisk {
  const disk = new ForgetfulDisk(() => 0).giveDirectory(DATA);
  for (const [name, bytes] of files) disk.giveFile(name, bytes);
  return disk;
}

/** The same files, one of them changed. */
export function changed(files: FileMap, name: string, change: (bytes: Uint8Array) => Uint8Array): FileMap {
  return new Map(files).set(name, change(files.get(name)!.slice()));
}

/** What must be loaded from a log whose last file ends at `length`: the latest mark that it covers. */
export function heldAt(marks: readonly Mark[], length: number): Mark {
  return marks.findLast((mark) => mark.length <= length) ?? marks[0];
}

export function baseName(name: string): string {
  return path.basename(name);
}
