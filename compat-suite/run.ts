/**
 * The compatibility suite: the same commands to Synap and to a real redis-server over raw sockets, in RESP2 and RESP3, and the reply
 * bytes compared. A black box: imports nothing of the server.
 *
 *   npm run compat                  the cases, and 2,000 random commands a family; writes report.md
 *   npm run compat -- --help        the rest
 *
 * Last line: `N passed, N failed`; exit code 1 when something failed. Read next: case.ts, random/template.ts, clients/run-clients.ts.
 */
import { type Case, loadCases, RESPS, type Resp } from './case.js';
import { runClients } from './clients/run-clients.js';
import { commandList, unexercised } from './coverage.js';
import { judge } from './judge.js';
import { asDirective, type Options, optionsFrom, USAGE } from './options.js';
import { Player, play } from './player.js';
import { loadFamily, randomFamilies } from './random/family.js';
import { findingText, search } from './random/search.js';
import { Recording } from './recording.js';
import { writeReport } from './report.js';
import { Restarts, writeCommands } from './restarts.js';
import { installedRedis, Pair, SYNAP, startTarget } from './servers.js';
import { stopAllOnExit } from './started-server.js';
import { Tally } from './tally.js';

const ROOM = new URL('../../compat-suite/', import.meta.url);
const CASES = new URL('cases/', ROOM);
const RANDOM = new URL('random/', ROOM);
const RECORDED = new URL('recorded/', ROOM);
const DEFAULT_RANDOM = 2000;

function chosen<T>(options: Options, list: readonly T[], family: (item: T) => string): T[] {
  return list.filter((item) => options.families?.includes(family(item)) ?? true);
}

/** Plays the cases against both servers. */
async function runCases(pair: Pair, cases: readonly Case[], options: Options): Promise<Tally> {
  const tally = new Tally();
  for (const one of cases)
    for (const resp of options.resps) {
      const [ours, theirs] = await Promise.all(pair.ports().map((port) => play(port, one, resp)));
      count(tally, one, resp, ours, theirs, false);
    }
  return tally;
}

/**
 * Plays the cases against both servers step by step, and restarts Synap in between, killed and ended in turn: what it answers then must
 * still be what the real server answers, which has never stopped.
 */
async function runRestarted(pair: Pair, cases: readonly Case[], options: Options): Promise<Tally> {
  const tally = new Tally();
  const writing = await writeCommands(pair.ports()[0]);
  let restarts = 0;
  const restart = async (ours: Player, state: Restarts): Promise<void> => {
    const more = [...state.directives].map(([name, value]) => asDirective(name, value.split(' '))).join('');
    await pair.restart(restarts++ % 2 === 0 ? 'SIGKILL' : 'SIGTERM', more);
    await ours.reconnect();
    state.restarted();
  };
  for (const one of cases)
    for (const resp of options.resps) {
      const state = new Restarts(writing);
      const players = await Promise.all(pair.ports().map((port) => Player.begin(port, resp)));
      const results: [string, string][] = [];
      for (const step of one.steps) {
        if (state.due) await restart(players[0], state);
        const [ours, theirs] = await Promise.all(players.map((player) => player.result(step)));
        state.played(step, ours);
        results.push([ours, theirs]);
      }
      if (state.due) await restart(players[0], state);
      const [ours, theirs] = await Promise.all(players.map((player) => player.keyspace()));
      results.push([ours, theirs]);
      for (const player of players) player.close();
      if (state.directives.size > 0) await pair.revive();
      count(
        tally,
        one,
        resp,
        results.map(([left]) => left),
        results.map(([, right]) => right),
        false,
      );
    }
  console.log(`${restarts} restarts`);
  return tally;
}

function count(tally: Tally, one: Case, resp: Resp, ours: string[], theirs: string[], recorded: boolean): void {
  const { matched, reasons, faults } = judge(one, resp, ours, theirs, recorded);
  for (const fault of faults) console.log(`${one.family} RESP${resp} ${one.name}: ${fault}`);
  tally.add(one.family, resp, matched, matched + faults.length);
  tally.addReasons(reasons);
}

/** Plays the cases against Synap alone, and compares with what was recorded. */
async function runRecorded(cases: readonly Case[], options: Options): Promise<Tally> {
  const synap = await startTarget(options.target);
  const tally = new Tally();
  for (const one of cases)
    for (const resp of options.resps) {
      const theirs = Recording.load(RECORDED, one.family)?.results(one, resp);
      if (theirs === undefined) {
        console.log(`${one.family} RESP${resp} ${one.name}: not recorded as it stands; run with --record`);
        tally.add(one.family, resp, 0, 1);
      } else count(tally, one, resp, await play(synap.port, one, resp), theirs, true);
    }
  await synap.stop();
  return tally;
}

async function record(pair: Pair, cases: readonly Case[], version: string): Promise<void> {
  for (const family of new Set(cases.map((one) => one.family))) {
    const recording = new Recording(version);
    for (const one of cases) {
      if (one.family !== family) continue;
      const [resp2, resp3] = [await play(pair.ports()[1], one, '2'), await play(pair.ports()[1], one, '3')];
      recording.add(one, resp2, resp3);
    }
    recording.save(RECORDED, family);
  }
}

async function runRandom(pair: Pair, options: Options, commands: number): Promise<Tally> {
  const tally = new Tally();
  for (const name of chosen(options, randomFamilies(RANDOM), (family) => family))
    for (const resp of options.resps) {
      const { seed, patience } = options;
      const result = await search(pair, loadFamily(RANDOM, name), { resp, seed, commands, patience });
      for (const finding of result.findings) console.log(`${name} RESP${resp} ${findingText(finding)}`);
      tally.add(name, resp, result.matched, result.matched + result.findings.length);
    }
  return tally;
}

function print(title: string, tally: Tally): void {
  if (tally.names.length === 0) return;
  console.log(`${title.padEnd(24)}${RESPS.map((resp) => `RESP${resp}`.padStart(18)).join('')}`);
  for (const name of tally.names)
    console.log(`  ${name.padEnd(22)}${RESPS.map((resp) => tally.cell(name, resp).padStart(18)).join('')}`);
}

function finish(...tallies: readonly Tally[]): void {
  const passed = tallies.reduce((sum, tally) => sum + tally.sum().matched, 0);
  const failed = tallies.reduce((sum, tally) => sum + tally.sum().total, 0) - passed;
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

/** The default run: cases and random commands against a live server, and the report. */
async function runAll(pair: Pair, cases: readonly Case[], options: Options, version: string): Promise<void> {
  const all = await runCases(pair, cases, options);
  print('cases', all);
  const random = options.random === undefined ? await runRandom(pair, options, DEFAULT_RANDOM) : new Tally();
  print('random commands', random);
  const commands = await commandList(pair.ports()[0]);
  const missing = unexercised(commands, loadCases(CASES));
  if (missing.length > 0) console.log(`commands that no case sends: ${missing.join(', ')}`);
  const coverage = new Tally();
  coverage.add('commands', '2', commands.length - missing.length, commands.length);
  const whole = options.families === undefined && options.resps.length === 2 && options.target === SYNAP;
  if (whole)
    writeReport(new URL('report.md', ROOM), {
      cases: all,
      random,
      server: version,
      commands: commands.length,
      unexercised: missing,
    });
  finish(all, random, coverage);
}

async function main(options: Options): Promise<void> {
  const cases = chosen(options, loadCases(CASES), (one) => one.family);
  if (options.clients) return finish(await runClients(options));
  const version = installedRedis();
  if (version === undefined && !options.recorded) console.log('no redis-server is installed: comparing with recorded/');
  if (version === undefined || options.recorded) {
    const tally = await runRecorded(cases, options);
    print('cases, recorded', tally);
    return finish(tally);
  }
  const pair = await Pair.start(options.target, options.restart);
  if (options.restart) {
    const tally = await runRestarted(pair, cases, options);
    print('cases, restarted', tally);
    finish(tally);
    return pair.stop();
  }
  if (options.record) await record(pair, cases, version);
  if (options.random === undefined) await runAll(pair, cases, options, version);
  else {
    const tally = await runRandom(pair, options, options.random);
    print('random commands', tally);
    finish(tally);
  }
  await pair.stop();
}

stopAllOnExit();
const argv = process.argv.slice(2);
if (argv.includes('--help')) console.log(USAGE);
else await main(optionsFrom(argv));
