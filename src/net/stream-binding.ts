/**
 * What Node's own streams use to talk to their handles and does not document: reads that end in our function and writes that try
 * the kernel at once, without a request object and a trip through the stream for each. With one command a packet that is up to a
 * twentieth of all processor time (constant reply: 16.5 µs a command through `fs.writeSync` and `onread`, 15.6 like this; with
 * commands behind it 0 to 2 %).
 *
 * Everything here is looked at once, when the module is loaded. Where a piece is missing, `STREAM_BINDING` is undefined and
 * sockets are served through the documented interface, more slowly.
 */

/** A request that a write becomes when the kernel does not take all of it at once. */
export interface WriteRequest {
  oncomplete: (status: number) => void;
}

/** The libuv stream beneath a socket. */
export interface StreamHandle {
  onread: (this: StreamHandle, chunk: ArrayBuffer | undefined) => void;
  /** File descriptor; -1 when it is closed or the platform has none. */
  readonly fd?: number;
  /** @returns 0, or a negative error number */
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
  /** Begin and end to call `onread`; nothing on a handle that is closed. */
  readStart(): number;
  readStop(): number;
}

export interface StreamBinding {
  readonly WriteWrap: new () => WriteRequest;
  /** What the last call of a handle came to, by the indices below. */
  readonly streamBaseState: Int32Array;
  readonly kReadBytesOrError: number;
  readonly kLastWriteWasAsync: number;
}

function find(): StreamBinding | undefined {
  try {
    const { binding } = process as unknown as { binding(name: string): Partial<StreamBinding> };
    const found = binding.call(process, 'stream_wrap');
    const whole =
      typeof found.WriteWrap === 'function' &&
      found.streamBaseState instanceof Int32Array &&
      typeof found.kReadBytesOrError === 'number' &&
      typeof found.kLastWriteWasAsync === 'number';
    return whole ? (found as StreamBinding) : undefined;
  } catch {
    return undefined;
  }
}

export const STREAM_BINDING = find();

/** What Node keeps beneath a socket; undefined once that is closed. */
export function beneath(socket: object): Partial<StreamHandle> | undefined {
  return (socket as { _handle?: Partial<StreamHandle> | null })._handle ?? undefined;
}

/** The handle of a socket, when it is one that the binding knows; undefined otherwise. */
export function handleOf(socket: object): StreamHandle | undefined {
  const handle = beneath(socket);
  if (STREAM_BINDING === undefined || handle === undefined) return undefined;
  const known =
    typeof handle.onread === 'function' &&
    typeof handle.writeBuffer === 'function' &&
    typeof handle.readStart === 'function' &&
    typeof handle.readStop === 'function';
  return known ? (handle as StreamHandle) : undefined;
}
