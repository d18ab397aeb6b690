/** What the request decoder makes of bytes that arrive in pieces, as one text to compare: its commands, then how it ended. */
import { ProtocolError, RequestDecoder } from '../../protocol/request.js';
import { Bytes } from '../../storage/memory/bytes.js';

/** What may lie around of a frame: an argument for every two bytes, a buffer twice its size. */
const SLACK = 1 << 21;
const SHARED = new Uint8Array(80000);

/**
 * Feeds `frame` (latin1) in pieces of `cut()` bytes through a buffer that is overwritten after each, as a socket's is.
 * @returns JSON of the commands and of the error, or of how many bytes are still pending
 * @throws whatever the decoder throws that is no ProtocolError
 */
export function decoding(frame: string, cut: () => number, unauthenticated = false): string {
  const decoder = new RequestDecoder(() => new Bytes());
  decoder.unauthenticated = unauthenticated;
  const all = Buffer.from(frame, 'latin1');
  const commands: string[][] = [];
  try {
    for (let p = 0; p < all.length; ) {
      const n = Math.min(cut(), all.length - p, SHARED.length);
      SHARED.set(all.subarray(p, p + n));
      p += n;
      decoder.feed(SHARED, n);
      while (decoder.next()) commands.push(decoder.argv.slice(0, decoder.argc).map(String));
      decoder.keep();
      decoder.trim();
      if (decoder.pending > all.length + SLACK || decoder.argv.length > all.length + 64)
        throw new Error('keeps too much');
      SHARED.fill(0xee, 0, n);
    }
  } catch (e) {
    if (!(e instanceof ProtocolError)) throw e;
    return JSON.stringify([commands, e.message]);
  }
  return JSON.stringify([commands, decoder.pending > 0]);
}
