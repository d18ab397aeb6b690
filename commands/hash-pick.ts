/** Some of a hash's fields: HRANDFIELD at random, HSCAN a page at a time. */
import type { Hash } from '../storage/hash.js';
import { negatableArg } from './args.js';
import type { Client } from './client.js';
import { checkDrawn, checkDraws } from './draws.js';
import { OUT_OF_RANGE, SYNTAX } from './error.js';
import { emptyScan, scanCursor, scanOptions, VALUES } from './scan.js';

/** With values the number of bulks must fit 64 bits. */
const HALF = 2 ** 62;

export function hrandfield(c: Client): void {
  const { argv, argc, db, out } = c;
  if (argc > 2) return randomFields(c);
  const hash = db.hash(argv[1]);
  if (hash?.pick(db.space.random)) out.bulk(hash.field);
  else out.nil();
}

function randomFields(c: Client): void {
  const { argv, argc, db, out } = c;
  const count = negatableArg(argv[2]);
  if (argc > 4 || (argc === 4 && !argv[3].is('withvalues'))) throw SYNTAX;
  const values = argc === 4;
  if (values && (count >= HALF || count <= -HALF)) throw OUT_OF_RANGE;
  const hash = db.hash(argv[1]);
  const living = hash === undefined ? 0 : hash.living;
  if (hash === undefined || living === 0 || count === 0) return out.array(0);
  if (count < 0) checkDraws(-count);
  const n = count < 0 ? -count : Math.min(count, living);
  out.array(values && out.resp === 2 ? n * 2 : n);
  if (count < 0) {
    for (let i = 0; i < n && hash.pick(db.space.random); i++) {
      putField(c, hash, values);
      checkDrawn(c);
    }
    return;
  }
  hash.sample(n, db.space.random);
  while (hash.next()) putField(c, hash, values);
}

/** In RESP3 field and value are an array of two. */
function putField(c: Client, hash: Hash, value: boolean): void {
  const { out } = c;
  if (value && out.resp === 3) out.array(2);
  out.bulk(hash.field);
  if (value) out.bulk(hash.value);
}

/** Options are looked at only when the key exists, as in Redis. */
export function hscan(c: Client): void {
  const { argv, out } = c;
  const cursor = scanCursor(argv[2]);
  const hash = c.db.hash(argv[1]);
  if (hash === undefined) return emptyScan(c);
  const options = scanOptions(c, 3, VALUES);
  out.array(2);
  out.bulkInt(hash.scan(cursor, options.count));
  const mark = out.defer();
  let found = 0;
  while (hash.next()) {
    if (!options.wants(hash.field)) continue;
    out.bulk(hash.field);
    if (!options.noValues) out.bulk(hash.value);
    found++;
  }
  out.endArray(mark, options.noValues ? found : found * 2);
}
