/**
 * Hand-written cases, as cases/*.txt hold them: a command a line, as one would type it into redis-cli, sent as it stands.
 *
 *   ## case name                    a new case: empty keyspace, new connections. Lines above the first heading are a case too
 *   # text                          a comment
 *   set a 1                         on connection 1: send, take all that comes back
 *   @2 get a                        the same on connection 2
 *   @2& blpop k 0                   send on connection 2 and wait for nothing: the server will have read it before the next line
 *   @2?                             all that connection 2 has received since
 *   ~unordered smembers s           compared in another way than the command's usual one (comparison.ts)
 *     = ":1\r\n" since 7.4          two blanks: the line above answers differently here on purpose: what, as a JSON string
 *                                   (and another where RESP3 differs), and why
 *
 * Data only: nothing here talks to a server. Read next: player.ts.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { MODES, type Mode } from './comparison.js';
import { splitLine } from './wire/request.js';

export type Resp = '2' | '3';
export const RESPS: readonly Resp[] = ['2', '3'];

export interface Step {
  /** As it stands in the file. */
  readonly line: string;
  readonly connection: string;
  readonly act: 'ask' | 'send' | 'receive';
  /** What goes over the wire, without the line's end. */
  readonly text: string;
  readonly words: readonly string[];
  readonly mode: Mode | undefined;
  /** What Synap answers instead of what the real server does, and the reason. */
  readonly instead: { readonly reply: Readonly<Record<Resp, string>>; readonly reason: string } | undefined;
}

export interface Case {
  readonly family: string;
  readonly name: string;
  readonly steps: readonly Step[];
}

/** The families in `folder`, sorted, each with its cases in the order of its file. @throws Error for a line that is wrong */
export function loadCases(folder: URL): Case[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.txt'));
  return files.sort().flatMap((name) => parseCases(name.slice(0, -4), readFileSync(new URL(name, folder), 'latin1')));
}

export function parseCases(family: string, text: string): Case[] {
  const cases: { family: string; name: string; steps: Step[] }[] = [];
  let steps: Step[] | undefined;
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('# ')) continue;
    if (line.startsWith('## ')) {
      steps = [];
      cases.push({ family, name: line.slice(3), steps });
      continue;
    }
    if (steps === undefined) cases.push({ family, name: '', steps: (steps = []) });
    if (line.startsWith('  = ')) steps.push(withInstead(steps.pop(), line.slice(4), family));
    else steps.push(parseStep(line, family));
  }
  const names = new Set(cases.map((one) => one.name));
  if (names.size !== cases.length) throw new Error(`${family}: two cases have the same name`);
  return cases;
}

function parseStep(line: string, family: string): Step {
  const [, connection, sign, rest] = /^(?:@(\w+)([&?]?) ?)?(.*)$/s.exec(line)!;
  const [, mode, text] = /^(?:~([\w-]+) )?(.*)$/s.exec(rest)!;
  if (mode !== undefined && !(mode in MODES)) throw new Error(`${family}: no such way to compare: ${line}`);
  if ((text === '') !== (sign === '?')) throw new Error(`${family}: what does this line send? ${line}`);
  return {
    line,
    connection: connection ?? '1',
    act: sign === '&' ? 'send' : sign === '?' ? 'receive' : 'ask',
    text,
    words: wordsOf(text),
    mode: mode as Mode | undefined,
    instead: undefined,
  };
}

/** A line whose quotes do not match is a case too: the server refuses it. */
function wordsOf(text: string): string[] {
  try {
    return splitLine(text);
  } catch {
    return [];
  }
}

function withInstead(step: Step | undefined, text: string, family: string): Step {
  const [, resp2, resp3, reason] = /^("(?:[^"\\]|\\.)*") (?:("(?:[^"\\]|\\.)*") )?(.+)$/.exec(text) ?? [];
  if (step === undefined || resp2 === undefined) throw new Error(`${family}: a reply in quotes and a reason: ${text}`);
  const reply = { '2': JSON.parse(resp2) as string, '3': JSON.parse(resp3 ?? resp2) as string };
  return { ...step, instead: { reply, reason } };
}
