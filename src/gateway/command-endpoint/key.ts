/** key.*: what all types have in common. */
import { toJson } from '../json-value.js';
import type { Word } from '../link.js';
import { type Operations, type Result, single, yes } from './operation.js';
import type { Payload } from './payload.js';

const SOURCE = ['source', 'key'];
const DESTINATION = ['destination', 'newkey', 'new_key'];

const moved =
  (word: string) =>
  (p: Payload): Word[] => [word, p.word(...SOURCE), p.word(...DESTINATION)];

/** OK and 1 are success, 0 is none. */
const outcome: Result = (reply, p) => ({
  success: reply !== 0,
  source: p.raw(...SOURCE) as string,
  destination: p.raw(...DESTINATION) as string,
});

export const keyOperations = {
  'key.type': single(
    (p) => ['TYPE', p.word('key')],
    (reply, p) => ({ type: toJson(reply), ...p.echo('key') }),
  ),
  'key.exists': single((p) => ['EXISTS', p.word('key')], yes('exists')),
  'key.rename': single(moved('RENAME'), outcome),
  'key.renamenx': single(moved('RENAMENX'), outcome),
  'key.copy': single((p) => [...moved('COPY')(p), ...(p.flag('replace') ? ['REPLACE'] : [])], outcome),
  'key.randomkey': single(
    () => ['RANDOMKEY'],
    (reply) => ({ key: toJson(reply) }),
  ),
} satisfies Operations;
