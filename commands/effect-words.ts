/** The words that effects are composed of (effects.ts). Names of commands stand first, then options. */
import { Bytes } from '../storage/memory/bytes.js';

export const DEL = Bytes.from('DEL');
export const FLUSHALL = Bytes.from('FLUSHALL');
export const HDEL = Bytes.from('HDEL');
export const HPERSIST = Bytes.from('HPERSIST');
export const HPEXPIREAT = Bytes.from('HPEXPIREAT');
export const HSET = Bytes.from('HSET');
export const HSETEX = Bytes.from('HSETEX');
export const LMOVE = Bytes.from('LMOVE');
export const LPOP = Bytes.from('LPOP');
export const PERSIST = Bytes.from('PERSIST');
export const PEXPIREAT = Bytes.from('PEXPIREAT');
export const QUEUE_REPLAY = Bytes.from('QUEUE.REPLAY');
export const RESTORE = Bytes.from('RESTORE');
export const RPOP = Bytes.from('RPOP');
export const RPOPLPUSH = Bytes.from('RPOPLPUSH');
export const RPUSH = Bytes.from('RPUSH');
export const SET = Bytes.from('SET');
export const SREM = Bytes.from('SREM');
export const ZPOPMAX = Bytes.from('ZPOPMAX');
export const ZPOPMIN = Bytes.from('ZPOPMIN');
export const ZRANGESTORE = Bytes.from('ZRANGESTORE');
export const ZREMRANGEBYRANK = Bytes.from('ZREMRANGEBYRANK');

export const ABSTTL = Bytes.from('ABSTTL');
export const BACK = Bytes.from('BACK');
export const BURY = Bytes.from('BURY');
export const DELIVER = Bytes.from('DELIVER');
export const EXPIRE = Bytes.from('EXPIRE');
export const FIELDS = Bytes.from('FIELDS');
export const FREQ = Bytes.from('FREQ');
export const IDLETIME = Bytes.from('IDLETIME');
export const KEEPTTL = Bytes.from('KEEPTTL');
export const PUBLISH = Bytes.from('PUBLISH');
export const PXAT = Bytes.from('PXAT');
export const REPLACE = Bytes.from('REPLACE');
export const TAKE = Bytes.from('TAKE');
