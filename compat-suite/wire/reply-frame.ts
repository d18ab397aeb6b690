/**
 * Where one reply ends. Works on raw bytes of RESP2 and RESP3 alike and builds nothing: the suite compares bytes, so the
 * bytes must reach the comparison untouched. Must never be lenient: what is not a reply throws, because a server that
 * sends it has broken the protocol.
 * Read next: connection.ts, which feeds it; ../comparison.ts, which takes replies apart.
 */

const CR = 13;

/** The bytes at hand cannot be the beginning of a reply. */
export class MalformedReply extends Error {}

/**
 * Index just behind the reply that starts at `start`, or -1 while some of its bytes are still to come.
 * An attribute (`|`) counts as part of the reply that it precedes. O(bytes of the reply).
 */
export function replyEnd(buf: Uint8Array, start: number, end: number): number {
  let at = start;
  for (let missing = 1; missing > 0; missing--) {
    let cr = at + 1;
    while (cr < end && buf[cr] !== CR) cr++;
    if (cr + 1 >= end) return -1;
    const next = cr + 2;
    switch (buf[at]) {
      case 0x2b: // +
      case 0x2d: // -
      case 0x3a: // :
      case 0x5f: // _
      case 0x23: // #
      case 0x2c: // ,
      case 0x28: // (
        at = next;
        break;
      case 0x24: // $
      case 0x21: // !
      case 0x3d: {
        // =
        const length = count(buf, at, cr);
        at = length < 0 ? next : next + length + 2;
        if (at > end) return -1;
        break;
      }
      case 0x2a: // *
      case 0x7e: // ~
      case 0x3e: // >
        missing += Math.max(0, count(buf, at, cr));
        at = next;
        break;
      case 0x25: // %
        missing += 2 * count(buf, at, cr);
        at = next;
        break;
      case 0x7c: // |
        missing += 2 * count(buf, at, cr) + 1;
        at = next;
        break;
      default:
        throw new MalformedReply(`a reply cannot begin with ${quoted(buf.subarray(at, Math.min(end, at + 24)))}`);
    }
  }
  return at;
}

function count(buf: Uint8Array, at: number, cr: number): number {
  const text = Buffer.from(buf.buffer, buf.byteOffset + at + 1, cr - at - 1).toString('latin1');
  if (!/^-?\d+$/.test(text)) throw new MalformedReply(`'${text}' is no length`);
  return Number(text);
}

/** Bytes as a double-quoted line that JSON and a terminal can both show. */
export function quoted(bytes: Uint8Array): string {
  return JSON.stringify(Buffer.from(bytes).toString('latin1'));
}

/** The replies that stand one behind another in `text` (one char a byte), each with its own bytes. */
export function splitReplies(text: string): string[] {
  const buf = Buffer.from(text, 'latin1');
  const replies: string[] = [];
  for (let at = 0; at < buf.length; ) {
    const end = replyEnd(buf, at, buf.length);
    if (end < 0) throw new MalformedReply(`half a reply: ${quoted(buf.subarray(at))}`);
    replies.push(text.slice(at, end));
    at = end;
  }
  return replies;
}

/** The elements of an aggregate reply, each with its own bytes (keys and values of a map alternate); [] for any other. */
export function elements(reply: string): string[] {
  if (!'*~>%'.includes(reply[0] ?? '+')) return [];
  return splitReplies(reply.slice(reply.indexOf('\r\n') + 2));
}

/** The text inside a bulk string; any other reply's bytes as they are, without the line end. */
export function bulkText(reply: string): string {
  return reply[0] === '$' ? reply.slice(reply.indexOf('\r\n') + 2, -2) : reply.trimEnd();
}
