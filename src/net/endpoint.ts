/** A socket's end as Redis writes it: `127.0.0.1:6379`, `[::1]:6379`. */

/** @param address undefined once the socket is closed: the answer is then `?:0` */
export function endpoint(address: string | undefined, port: number | undefined): string {
  if (address === undefined) return '?:0';
  const plain = address.startsWith('::ffff:') ? address.slice(7) : address;
  return plain.includes(':') ? `[${plain}]:${port}` : `${plain}:${port}`;
}
