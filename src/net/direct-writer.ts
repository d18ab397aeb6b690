/**
 * DirectWriter: writes to a socket's handle past Node's stream, which makes a request object for each write and comes back to
 * JavaScript once more to tell that it has ended. What the kernel does not take at once stays with the handle as one pending write;
 * until that has ended nothing more must be given to it, or to the stream only, which queues behind it.
 */
import { STREAM_BINDING, type StreamHandle, type WriteRequest } from './stream-binding.js';

/** Writes up to this (bytes) are copied, which costs less than making the view that a handle wants. */
const SMALL = 128;

/** Where small writes are copied to, with a view of each length. */
class Small {
  private readonly bytes = new Uint8Array(SMALL);
  private readonly views = Array.from({ length: SMALL + 1 }, (_, n) => this.bytes.subarray(0, n));

  copy(buf: Uint8Array, n: number): Uint8Array {
    const { bytes } = this;
    for (let i = 0; i < n; i++) bytes[i] = buf[i];
    return this.views[n];
  }
}

let small = new Small();

export class DirectWriter {
  /** Bytes of the pending write; 0: there is none. */
  pending = 0;
  private readonly handle: StreamHandle;
  private readonly sent: () => void;
  private request: WriteRequest;

  /** @param sent is called when the pending write has ended, well or not */
  constructor(handle: StreamHandle, sent: () => void) {
    this.handle = handle;
    this.sent = sent;
    this.request = new STREAM_BINDING!.WriteWrap();
  }

  /**
   * Writes `buf[0, n)`. While `pending` is not 0 afterwards, those bytes must stay as they are. Must only be called while nothing is
   * pending here and the stream is empty, or bytes would overtake each other.
   * @returns whether it went well; false: nothing was sent, and the peer is gone
   */
  write(buf: Uint8Array, n: number): boolean {
    const bytes = n <= SMALL ? small.copy(buf, n) : buf.subarray(0, n);
    if (this.handle.writeBuffer(this.request, bytes) !== 0) return false;
    if (STATE[WAS_ASYNC] !== 0) this.wait(n);
    return true;
  }

  /** The handle holds the last write, and its bytes, until the kernel takes them. */
  private wait(n: number): void {
    this.pending = n;
    this.request.oncomplete = () => {
      this.pending = 0;
      this.sent();
    };
    this.request = new STREAM_BINDING!.WriteWrap();
    if (n <= SMALL) small = new Small();
  }
}

const STATE = STREAM_BINDING?.streamBaseState ?? new Int32Array(1);
const WAS_ASYNC = STREAM_BINDING?.kLastWriteWasAsync ?? 0;
