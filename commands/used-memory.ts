/**
 * What counts as memory in use: the bytes of all data with its tables, as the arenas account for them exactly. It is what
 * `used_memory` tells. The JavaScript engine itself, its heap and the buffers of sockets are not in it: they show in
 * `used_memory_rss`. (Redis counts its allocator's bytes, which include about 1 MB of its own.)
 */
import type { Server } from './server.js';

/** Bytes in use. O(number of databases) */
export function usedMemory(server: Server): number {
  let bytes = 0;
  const { databases } = server;
  for (let i = 0; i < databases.length; i++) bytes += databases[i].space.usedBytes;
  return bytes;
}

/** Bytes that the arenas have taken from the system: used, free, and what lies outside them. */
export function reservedMemory(server: Server): number {
  let bytes = 0;
  for (const { space } of server.databases) bytes += space.arena.reserved + space.arena.outside;
  return bytes;
}

/** Those of `usedMemory` that belong to the tables of the keyspaces rather than to data. */
export function tableMemory(server: Server): number {
  let bytes = 0;
  for (const { space } of server.databases) bytes += space.table.bytes;
  return bytes;
}
