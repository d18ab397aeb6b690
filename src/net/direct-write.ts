/**
 * Writes to a socket past Node's stream. A stream makes a request object for each write, and a second trip into JavaScript to tell
 * that it has ended: with one command a packet that is a twentieth of all processor time. Must only be used while the stream has
 * nothing to send, or bytes would overtake each other.
 */
import { writeSync } from 'node:fs';

/**
 * Gives `buf[0, n)` to the kernel as far as it takes it at once. @param fd of a socket that does not block; below 0: there is none
 * @returns how many bytes were taken; 0 on any error too, which the stream then meets and tells as it always does
 */
export function writeDirectly(fd: number, buf: Uint8Array, n: number): number {
  if (fd < 0) return 0;
  try {
    return writeSync(fd, buf, 0, n);
  } catch {
    return 0; // EAGAIN, when the peer does not read
  }
}
