/**
 * Damaged requests over TCP: Synap and a real redis-server, sent the same bytes, answer the same bytes and keep or close the
 * connection alike. Without redis-server there is nothing to compare with, and the test says that it skips.
 *
 *   FUZZ_FRAMES=5000 FUZZ_SEED=7 node dist/tests/fuzz/wire.test.js        a long run
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import net from 'node:net';
import t from 'tap';
import { createServer } from '../../src/index.js';
import { freePort } from '../free-port.js';
import { seeded } from '../random.js';
import { Frames } from './frames.js';

const FRAMES = Number(process.env.FUZZ_FRAMES ?? 300);
const SEED = Number(process.env.FUZZ_SEED ?? 1);
/** Connections at a time to each server. */
const BATCH = 50;
/** How long nothing must come for an answer to be complete, ms; and what is tried when two answers differ. */
const QUIET = [60, 500];

async function connect(port: number): Promise<net.Socket> {
  for (let attempt = 0; ; attempt++) {
    const socket = net.connect(port, '127.0.0.1');
    const open = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    if (open) return socket;
    if (attempt === 100) throw new Error(`nothing listens on port ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** What a server sends for `frame`, and `closed` or `open` behind it. */
async function answer(port: number, frame: string, quiet: number): Promise<string> {
  const socket = await connect(port);
  let received = '';
  const end = await new Promise<string>((resolve) => {
    let timer = setTimeout(() => resolve('open'), quiet * 2);
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      clearTimeout(timer);
      timer = setTimeout(() => resolve('open'), quiet);
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      resolve('closed');
    });
    socket.write(frame, 'latin1');
  });
  socket.destroy();
  return `${received}|${end}`;
}

async function oracle(): Promise<[ChildProcess, number]> {
  const port = await freePort();
  const child = spawn('redis-server', ['--port', `${port}`, '--save', '', '--appendonly', 'no'], { stdio: 'ignore' });
  (await connect(port)).destroy();
  return [child, port];
}

/** Whether both answer `frame` alike; what differs when not. */
async function differs(ports: readonly number[], frame: string): Promise<string | undefined> {
  let answers: string[] = [];
  for (const quiet of QUIET) {
    answers = await Promise.all(ports.map((port) => answer(port, frame, quiet)));
    if (answers[0] === answers[1]) return undefined;
  }
  const [ours, theirs] = answers.map((text) => JSON.stringify(text.slice(0, 600)));
  return `${JSON.stringify(frame.slice(0, 600))}\n  synap: ${ours}\n  redis: ${theirs}`;
}

const installed = spawnSync('redis-server', ['--version']).status === 0;
const LONG = 3_600_000;
t.setTimeout(LONG);
const name = `${FRAMES} damaged frames of seed ${SEED} are answered as redis-server does`;
t.test(name, { skip: installed ? false : 'no redis-server here', timeout: LONG }, async (t) => {
  const server = await createServer({ loglevel: 'nothing' });
  const [child, port] = await oracle();
  const frames = new Frames(seeded(SEED));
  let different = 0;
  try {
    for (let i = 0; i < FRAMES && different < 20; i += BATCH) {
      const batch = Array.from({ length: Math.min(BATCH, FRAMES - i) }, () => frames.next());
      const complaints = await Promise.all(batch.map((frame) => differs([server.port, port], frame)));
      for (const complaint of complaints) {
        if (complaint === undefined) continue;
        different++;
        t.fail(complaint);
      }
    }
    t.equal(different, 0);
  } finally {
    child.kill('SIGKILL');
    await server.close();
  }
});
