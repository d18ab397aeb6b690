/**
 * The search for differences: plays batches of random commands against both servers, compares every reply, and shrinks a batch
 * whose replies differ to the fewest commands and words that still do. A server that hangs up or stays silent counts as differing.
 * Must never play on after a difference: the states have parted. Read next: family.ts, ../comparison.ts.
 */
import { sameReply, usualMode } from '../comparison.js';
import { deliberate } from '../differences.js';
import { CLOSED, Connection, TIMEOUT } from '../wire/connection.js';
import { joinLine, request } from '../wire/request.js';
import { batch, type Group, type RandomFamily, stateCommands } from './family.js';
import type { Words } from './template.js';

/** The two servers, and how to get a fresh one when one has died. */
export interface Pair {
  readonly ports: () => readonly [number, number];
  /** Starts what has ended. */
  readonly revive: () => Promise<void>;
}

/** A difference, shrunk: the commands that lead to it and what was answered to the last of them. */
export interface Finding {
  readonly seed: number;
  readonly batch: number;
  /** Whether it came again when the batch was played again; if not, `commands` is empty. */
  readonly again: boolean;
  readonly commands: readonly Words[];
  readonly at: Words;
  readonly ours: string;
  readonly theirs: string;
}

export interface SearchResult {
  readonly sent: number;
  /** Replies that were equal, or deliberately different. */
  readonly matched: number;
  readonly findings: readonly Finding[];
}

export interface SearchOptions {
  readonly resp: '2' | '3';
  readonly seed: number;
  /** How many commands to send. */
  readonly commands: number;
  /** After how many differing batches to stop. */
  readonly patience: number;
}

const BATCH = 200;
const STATE: readonly Group[] = stateCommands().map((words) => [words]);
const START: readonly Group[] = [[['FLUSHALL']]];

export async function search(pair: Pair, family: RandomFamily, options: SearchOptions): Promise<SearchResult> {
  const player = new Player(pair, options.resp);
  const findings: Finding[] = [];
  let sent = 0;
  let matched = 0;
  try {
    for (let index = 0; sent < options.commands && findings.length < options.patience; index++) {
      const groups = batch(family, options.seed, index, BATCH);
      const outcome = await player.play(groups);
      sent += outcome.count;
      matched += outcome.same;
      if (outcome.at === undefined) continue;
      findings.push(await finding(player, options.seed, index, groups.slice(0, outcome.group + 1), outcome));
    }
  } finally {
    player.close();
  }
  return { sent, matched, findings };
}

async function finding(
  player: Player,
  seed: number,
  index: number,
  groups: readonly Group[],
  first: Outcome,
): Promise<Finding> {
  const small = await shrunk(player, groups);
  const last = small === undefined ? first : await player.play(small);
  const shown = last.at === undefined ? first : last;
  const { at = [], ours, theirs } = shown;
  return { seed, batch: index, again: small !== undefined, commands: small?.flat() ?? [], at, ours, theirs };
}

interface Outcome {
  readonly count: number;
  readonly same: number;
  /** The first command whose replies differ; undefined when none does. */
  readonly at: Words | undefined;
  /** Its group's number; that of the last when it asked about the state. */
  readonly group: number;
  readonly ours: string;
  readonly theirs: string;
}

class Player {
  private peers: [Connection, Connection] | undefined = undefined;

  constructor(
    private readonly pair: Pair,
    private readonly resp: '2' | '3',
  ) {}

  close(): void {
    for (const peer of this.peers ?? []) peer.close();
    this.peers = undefined;
  }

  /** Plays groups between FLUSHALL and the questions about the state. */
  async play(groups: readonly Group[]): Promise<Outcome> {
    this.peers ??= await this.connected();
    const all = [...START, ...groups, ...STATE];
    const bytes = Buffer.concat(all.flat().map(request));
    const total = all.reduce((sum, group) => sum + group.length, 0);
    const [ours, theirs] = await Promise.all(this.peers.map((peer) => exchange(peer, bytes, total)));
    let at = 0;
    for (let g = 0; g < all.length; g++)
      for (const words of all[g]) {
        const [a, b] = [ours[at] ?? CLOSED, theirs[at] ?? CLOSED];
        if (!equal(words, a, b)) {
          await this.recover([a, b]);
          return {
            count: total,
            same: at,
            at: words,
            group: Math.min(Math.max(0, g - 1), groups.length - 1),
            ours: a,
            theirs: b,
          };
        }
        at++;
      }
    return { count: total, same: at, at: undefined, group: -1, ours: '', theirs: '' };
  }

  /** After a difference: new connections, for one may be in a MULTI; new servers where one has gone. */
  private async recover(replies: readonly string[]): Promise<void> {
    this.close();
    if (replies.some((reply) => reply.startsWith('<'))) await this.pair.revive();
  }

  private async connected(): Promise<[Connection, Connection]> {
    const [a, b] = this.pair.ports();
    const peers: [Connection, Connection] = [await Connection.open(a), await Connection.open(b)];
    if (this.resp === '3') for (const peer of peers) await peer.ask(['HELLO', '3']);
    return peers;
  }
}

async function exchange(peer: Connection, bytes: Buffer, count: number): Promise<string[]> {
  peer.write(bytes);
  const replies: string[] = [];
  for (let i = 0; i < count; i++) {
    const reply = await peer.answer(15_000);
    replies.push(reply);
    if (reply === TIMEOUT || reply.startsWith('<')) break;
  }
  return replies;
}

function equal(words: Words, ours: string, theirs: string): boolean {
  if (ours.startsWith('<') || theirs.startsWith('<')) return false; // closed, silent, or no reply at all
  return ours === theirs || sameReply(usualMode(words), ours, theirs) || deliberate(words, ours, theirs) !== undefined;
}

type Differs = (groups: readonly Group[]) => Promise<boolean>;

/** The fewest groups, and then the fewest words, with which a difference remains; undefined when it does not come again. */
async function shrunk(player: Player, groups: readonly Group[]): Promise<readonly Group[] | undefined> {
  const differs: Differs = async (some) => (await player.play(some)).at !== undefined;
  if (!(await differs(groups))) return undefined;
  return fewerWords(differs, await fewerGroups(differs, groups));
}

async function fewerGroups(differs: Differs, groups: readonly Group[]): Promise<readonly Group[]> {
  let kept = groups;
  for (let size = Math.max(1, kept.length >> 1); ; size >>= 1) {
    for (let from = kept.length - size; from > -size; from -= size) {
      const less = [...kept.slice(0, Math.max(0, from)), ...kept.slice(from + size)];
      if (await differs(less)) kept = less;
    }
    if (size === 1) return kept;
  }
}

async function fewerWords(differs: Differs, groups: readonly Group[]): Promise<readonly Group[]> {
  let kept = groups;
  for (let g = 0; g < kept.length; g++)
    for (let c = 0; c < kept[g].length; c++)
      for (let cut = 64; cut > 0; cut >>= 1)
        for (let at = kept[g][c].length - cut; at > 0; at -= cut) {
          const words = [...kept[g][c].slice(0, at), ...kept[g][c].slice(at + cut)];
          const less = kept.map((group, i) => (i === g ? group.map((old, j) => (j === c ? words : old)) : group));
          if (await differs(less)) kept = less;
        }
  return kept;
}

/** A finding as lines of a case file, and the replies below. */
export function findingText(finding: Finding): string {
  const lines = finding.commands.map((words) => `  ${joinLine(words)}`);
  return [
    `seed ${finding.seed}, batch ${finding.batch}${finding.again ? '' : ', not seen again when played again'}:`,
    ...lines,
    `  at ${joinLine(finding.at)}`,
    `    synap: ${shown(finding.ours)}`,
    `    redis: ${shown(finding.theirs)}`,
  ].join('\n');
}

function shown(reply: string): string {
  const text = JSON.stringify(reply);
  return text.length > 400 ? `${text.slice(0, 400)}… (${text.length})` : text;
}
