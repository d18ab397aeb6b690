/** info, slowlog, memory and client.list: what the server tells of itself, taken apart. */
import { type Info, infoSections, parseInfo } from '../info.js';
import { type JsonValue, replyText, toJson } from '../json-value.js';
import { type Calls, items, type Operations, several, single } from './operation.js';

/** The fields of INFO. @param sections as INFO knows them; its default ones when there are none */
export async function infoFields(calls: Calls, ...sections: string[]): Promise<Info> {
  return parseInfo(replyText(await calls.run(['INFO', ...sections])));
}

/** Numbers as such. */
function figure(text: string): JsonValue {
  return text !== '' && String(Number(text)) === text ? Number(text) : text;
}

/** A line of CLIENT LIST. */
function client(line: string): JsonValue {
  const fields = line.split(' ').map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]);
  return Object.fromEntries(fields.map(([name, value]) => [name, figure(value)]));
}

const UNITS = ['B', 'K', 'M', 'G', 'T'];

/** 1536 -> `1.50K`. */
function human(bytes: number): string {
  let unit = 0;
  let n = bytes;
  for (; n >= 1024 && unit < UNITS.length - 1; unit++) n /= 1024;
  return unit === 0 ? `${n}B` : `${n.toFixed(2)}${UNITS[unit]}`;
}

export const infoOperations: Operations = {
  info: single(
    (p) => ['INFO', ...(p.has('section') ? [p.text('section')] : ['everything'])],
    (reply) => infoSections(replyText(reply), figure),
  ),
  'slowlog.get': several(async (calls, p) => {
    const words = ['SLOWLOG', 'GET', ...(p.has('count') ? [p.integer('count')] : [])];
    p.end();
    const [entries, total] = await Promise.all([calls.run(words), calls.run(['SLOWLOG', 'LEN'])]);
    return {
      entries: items(entries).map((entry) => {
        const [id, timestamp, duration, args, address, name] = items(entry);
        const [command, ...rest] = items(args).map(toJson);
        const from = { client: toJson(address), client_name: toJson(name) };
        return {
          id: toJson(id),
          timestamp: toJson(timestamp),
          duration_us: toJson(duration),
          command,
          args: rest,
          ...from,
        };
      }),
      total: toJson(total),
    };
  }),
  'slowlog.reset': several(async (calls, p) => {
    p.end();
    const [length] = await calls.transaction([
      ['SLOWLOG', 'LEN'],
      ['SLOWLOG', 'RESET'],
    ]);
    return { success: true, cleared: toJson(length) };
  }),
  'memory.usage': single(
    (p) => ['MEMORY', 'USAGE', p.word('key')],
    (reply, p) => ({ bytes: toJson(reply), human: typeof reply === 'number' ? human(reply) : null, ...p.echo('key') }),
  ),
  'client.list': single(
    () => ['CLIENT', 'LIST'],
    (reply) => {
      const lines = replyText(reply)
        .split('\n')
        .filter((line) => line !== '');
      return { clients: lines.map(client), count: lines.length };
    },
  ),
};
