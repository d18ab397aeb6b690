/**
 * The command line of synap-benchmark: its measurements, their flags, and where the report goes. The executable gives what a library
 * must not take itself: arguments, output, and the version. Next: speed.ts, memory.ts, pause.ts, big.ts.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { type Bench, Pair, startServer } from './bench.js';
import { measureBig } from './big.js';
import type { Children } from './children.js';
import { quoteWord, serverWords } from './command-line.js';
import { measureDurability } from './durability.js';
import { measureGateway } from './gateway.js';
import { describeMachine, missingTools, pinSelf } from './machine.js';
import { measureMemory } from './memory.js';
import { measurePauses } from './pause.js';
import { jsonReport, markdownReport, type Section, terminalReport } from './report.js';
import { measureSnapshot } from './snapshot.js';
import { layDownData, measureSpeed } from './speed.js';
import { speedSection } from './speed-table.js';
import { chooseWorkloads } from './workload.js';

/** What the executable gives. */
export interface Terminal {
  readonly version: string;
  /** The arguments, without node and script: the report shows them. */
  readonly argv: readonly string[];
  readonly print: (text: string) => void;
  readonly note: (line: string) => void;
  readonly children: Children;
}

interface Common {
  readonly target: string;
  readonly redis: string;
  readonly pin: boolean;
  readonly json?: string;
  readonly markdown?: string;
}

interface SpeedFlags extends Common {
  readonly only?: string;
  readonly depths: number[];
  readonly rounds: number;
  readonly requests: number | undefined;
  readonly absolute: boolean;
}

/** As `npm start` has it: little is allocated while serving, and a young generation of 16 MiB would only be resident. */
const HEAP = '--max-semi-space-size=1';
const NO_PERSISTENCE = "--port {port} --save '' --appendonly no";

/** The server of this build as it is delivered, by this very Node. */
export function synapLine(): string {
  const script = fileURLToPath(new URL('../../bundle/synap.js', import.meta.url));
  return `${quoteWord(process.execPath)} ${HEAP} ${quoteWord(script)} ${NO_PERSISTENCE}`;
}

/** A whole number from 1 up; `20m` is 20 million, `100k` a hundred thousand. */
export function parseCount(text: string): number {
  const match = /^([1-9]\d*)([km]?)$/i.exec(text.replaceAll(',', ''));
  if (match === null) throw new InvalidArgumentError('a whole number above 0, such as 5000, 100k or 20m.');
  const unit = { '': 1, k: 1_000, m: 1_000_000 }[match[2].toLowerCase()] ?? 1;
  const count = Number(match[1]) * unit;
  if (count > 1_000_000_000) throw new InvalidArgumentError('at most a thousand million.');
  return count;
}

/** Pipeline depths, `1,16,128`. */
export function parseDepths(text: string): number[] {
  return text.split(',').map(parseCount);
}

function common(command: Command): Command {
  return command
    .option('--target <line>', 'the server to measure, with {port}', synapLine())
    .option('--redis <line>', 'the server to measure against, with {port}', `redis-server ${NO_PERSISTENCE}`)
    .option('--no-pin', 'leave servers and client on whatever core the kernel likes')
    .option('--json <file>', 'also write everything that was measured')
    .option('--markdown <file>', 'also write the tables as Markdown');
}

function speedFlags(command: Command): Command {
  return common(command)
    .option('--depths <list>', 'pipeline depths', parseDepths, [1, 16, 128])
    .option('--rounds <n>', 'rounds; the tables show their medians', parseCount, 5)
    .option('--requests <n>', 'requests a run (default: as many as take about a second)', parseCount)
    .option('--absolute', 'also print what the ratios are made of', false);
}

/** Runs one measurement and puts its report everywhere. Resolves with true when nothing failed. */
async function measure(terminal: Terminal, flags: Common, take: (bench: Bench) => Promise<Section>): Promise<boolean> {
  const missing = missingTools();
  if (missing !== undefined) throw new Error(missing);
  const redis = { name: 'Redis', line: flags.redis };
  const synap = { name: 'Synap', line: flags.target };
  for (const server of [redis, synap]) serverWords(server.line, 1); // a wrong line is told before anything is started
  const cores = flags.pin ? pinSelf() : undefined;
  const { children, note } = terminal;
  const bench = { redis, synap, cores, children, note };
  for (const server of [redis, synap]) await (await startServer(bench, server)).stop(); // or it would fail after minutes
  const section = await take(bench);
  const machine = describeMachine({
    synapVersion: terminal.version,
    argv: terminal.argv,
    cores,
    servers: [redis, synap],
  });
  terminal.print(terminalReport(machine, section));
  if (flags.json !== undefined) writeFileSync(flags.json, jsonReport(machine, section));
  if (flags.markdown !== undefined) writeFileSync(flags.markdown, markdownReport(machine, section));
  return section.failures.length === 0;
}

async function speed(bench: Bench, flags: SpeedFlags): Promise<Section> {
  const workloads = chooseWorkloads(flags.only);
  const options = { depths: flags.depths, rounds: flags.rounds, requests: flags.requests };
  const pair = await Pair.start(bench);
  try {
    return speedSection(await measureSpeed(pair, workloads, options, layDownData), options, flags.absolute);
  } finally {
    await pair.stop();
  }
}

/**
 * The program, ready to `parseAsync`. `done` is told whether everything could be measured; what cannot start at all rejects.
 */
export function buildProgram(terminal: Terminal, done: (whole: boolean) => void): Command {
  const program = new Command('synap-benchmark')
    .description('Measures Synap against a real redis-server on this machine, with the real redis-benchmark.')
    .version(terminal.version);
  speedFlags(program.command('speed', { isDefault: true }))
    .description('throughput, server CPU a command and p99 of each command at each pipeline depth (about 20 minutes)')
    .option('--only <list>', 'workloads, such as SET,GET,LRANGE')
    .action(async (flags: SpeedFlags) => done(await measure(terminal, flags, (bench) => speed(bench, flags))));
  common(program.command('memory'))
    .description('resident bytes a key, hash, member, field and item (about 5 minutes)')
    .option('--elements <n>', 'elements in every case', parseCount)
    .option('--large', 'also 20 million keys', false)
    .action(async (flags: Common & { elements: number | undefined; large: boolean }) => {
      const options = { elements: flags.elements, large: flags.large };
      done(await measure(terminal, flags, (bench) => measureMemory(bench, options)));
    });
  common(program.command('pause'))
    .description('the longest wait of an idle client while millions of elements come and go (about 8 minutes)')
    .option('--elements <n>', 'keys, and elements of each collection', parseCount, 5_000_000)
    .action(async (flags: Common & { elements: number }) =>
      done(await measure(terminal, flags, (bench) => measurePauses(bench, { elements: flags.elements }))),
    );
  speedFlags(program.command('big'))
    .description('20 million keys in one database: memory, loading, SET and GET (about 5 minutes)')
    .option('--keys <n>', 'keys', parseCount, 20_000_000)
    .action(async (flags: SpeedFlags & { keys: number }) => {
      const { keys, depths, rounds, requests, absolute } = flags;
      const options = { keys, depths, rounds, requests, absolute };
      done(await measure(terminal, flags, (bench) => measureBig(bench, options)));
    });
  speedFlags(program.command('durability'))
    .description('logging every change, synced each second and at each reply (about 15 minutes)')
    .option('--where <directory>', 'the file system that is measured')
    .action(async (flags: SpeedFlags & { where: string | undefined }) => {
      const { depths, rounds, requests, absolute, where } = flags;
      const options = { depths, rounds, requests, absolute, where };
      done(await measure(terminal, flags, (bench) => measureDurability(bench, options)));
    });
  common(program.command('snapshot'))
    .description('BGSAVE and loading: time, pauses, extra memory (about 5 minutes)')
    .option('--elements <n>', 'keys, and fields of the hash', parseCount, 5_000_000)
    .option('--where <directory>', 'the file system that is measured')
    .action(async (flags: Common & { elements: number; where: string | undefined }) => {
      const options = { elements: flags.elements, where: flags.where };
      done(await measure(terminal, flags, (bench) => measureSnapshot(bench, options)));
    });
  common(program.command('gateway'))
    .description('HTTP requests a second, and what an idle gateway costs the server beside it (about 3 minutes)')
    .option('--rounds <n>', 'rounds; the tables show their medians', parseCount, 5)
    .action(async (flags: Common & { rounds: number }) =>
      done(await measure(terminal, flags, (bench) => measureGateway(bench, flags.rounds))),
    );
  return program;
}
