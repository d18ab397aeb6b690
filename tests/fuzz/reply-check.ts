/**
 * An independent reader of replies, which believes nothing: lengths must be right, numbers must be numbers, RESP3's types must not occur
 * in RESP2. And the comparison of what it read with what a command's spec says it answers.
 */
import type { ReplyType } from '../../commands/spec/reply.js';

/** One reply: its type byte, the text of a scalar, the elements of an aggregate (keys and values in turn for a map). */
export interface Node {
  readonly type: string;
  readonly text: string;
  readonly items: readonly Node[];
}

const INTEGER = /^(0|-?[1-9][0-9]{0,18})$/;
const DOUBLE = /^(inf|-inf|nan|-?(0|[1-9][0-9]*)(\.[0-9]+)?(e[+-][0-9]+)?)$/;
const NOTHING: readonly Node[] = [];

class Reader {
  at = 0;

  constructor(
    readonly text: string,
    readonly resp: 2 | 3,
  ) {}

  line(): string {
    const end = this.text.indexOf('\r\n', this.at);
    if (end < 0) throw new Error('a line without an end');
    const line = this.text.slice(this.at, end);
    if (/[\r\n]/.test(line)) throw new Error('a line break within a line');
    this.at = end + 2;
    return line;
  }

  node(): Node {
    const type = this.text[this.at++];
    if (type === undefined) throw new Error('ends too early');
    if (!'+-:$*'.includes(type) && (this.resp === 2 || !'_,#(=%~>'.includes(type))) throw new Error(`type '${type}'`);
    const line = this.line();
    if ('$='.includes(type)) return this.bulk(type, line);
    if ('*%~>'.includes(type)) return this.aggregate(type, line);
    const right =
      type === ':'
        ? INTEGER
        : type === ','
          ? DOUBLE
          : type === '#'
            ? /^[tf]$/
            : type === '('
              ? /^-?\d+$/
              : type === '_'
                ? /^$/
                : /^/;
    if (!right.test(line)) throw new Error(`'${type}${line}'`);
    return { type, text: line, items: NOTHING };
  }

  private bulk(type: string, line: string): Node {
    if (line === '-1' && this.resp === 2 && type === '$') return { type: '_', text: '$', items: NOTHING };
    if (!INTEGER.test(line) || Number(line) < 0) throw new Error(`length '${line}'`);
    const end = this.at + Number(line);
    if (this.text.slice(end, end + 2) !== '\r\n') throw new Error(`a bulk of ${line} bytes that ends elsewhere`);
    const text = this.text.slice(this.at, end);
    this.at = end + 2;
    return { type, text, items: NOTHING };
  }

  private aggregate(type: string, line: string): Node {
    if (line === '-1' && this.resp === 2) return { type: '_', text: '*', items: NOTHING };
    if (!INTEGER.test(line) || Number(line) < 0) throw new Error(`length '${line}'`);
    const items: Node[] = [];
    for (let n = Number(line) * (type === '%' ? 2 : 1); n > 0; n--) items.push(this.node());
    return { type, text: '', items };
  }
}

/** Reads exactly one reply (latin1). @throws an Error that says what is wrong with it */
export function readReply(text: string, resp: 2 | 3): Node {
  const reader = new Reader(text, resp);
  const node = reader.node();
  if (reader.at !== text.length) throw new Error(`${text.length - reader.at} bytes behind the reply`);
  return node;
}

/** Whether `node` is what a spec calls `wanted`. */
export function conforms(node: Node, wanted: ReplyType, resp: 2 | 3): boolean {
  const { type, items } = node;
  switch (wanted.type) {
    case 'either':
      return wanted.of.some((one) => conforms(node, one, resp));
    case 'any':
      return true;
    case 'none':
      return false;
    case 'ok':
      return type === '+' && node.text === 'OK';
    case 'status':
      return type === '+';
    case 'int':
      return type === ':';
    case 'double':
      return resp === 3 ? type === ',' : type === '$' && DOUBLE.test(node.text);
    case 'bool':
      return resp === 3 ? type === '#' : type === ':';
    case 'bulk':
      return type === '$';
    case 'verbatim':
      return type === (resp === 3 ? '=' : '$');
    case 'nil':
      return type === '_' && node.text !== '*';
    case 'nil-array':
      return type === '_' && node.text !== '$';
    case 'array':
      return type === '*' && items.every((item) => conforms(item, wanted.of[0], resp));
    case 'set':
      return type === (resp === 3 ? '~' : '*') && items.every((item) => conforms(item, wanted.of[0], resp));
    case 'map':
      return type === (resp === 3 ? '%' : '*') && alternate(items, wanted.of, resp);
    case 'pairs':
      if (type !== '*') return false;
      if (resp === 2) return alternate(items, wanted.of, resp);
      return items.every(
        (item) => item.type === '*' && item.items.length === 2 && alternate(item.items, wanted.of, resp),
      );
    default:
      return (
        type === (wanted.type === 'push' && resp === 3 ? '>' : '*') &&
        items.length === wanted.of.length &&
        items.every((item, i) => conforms(item, wanted.of[i], resp))
      );
  }
}

function alternate(items: readonly Node[], of: readonly ReplyType[], resp: 2 | 3): boolean {
  return items.length % of.length === 0 && items.every((item, i) => conforms(item, of[i % of.length], resp));
}
