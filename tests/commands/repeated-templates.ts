/**
 * Templates of random commands for repeated-world.ts, beside those of the compatibility suite: what is short-lived, waits, draws by lot
 * or is newer than Redis 7.0. How templates read is told in compat-suite/random/template.ts.
 */
import { parseTemplate, type Template } from '../../compat-suite/random/template.js';

/** What the families of the compatibility suite seldom or never ask: short lives, waiting, and what Redis 7.0 does not know. */
export const TEMPLATES = `
3x SET $key $value (PX|EX) (1|20|300)
2x SET $key $number (PX 30|KEEPTTL|GET|NX|XX)+
4x PEXPIRE $key (1|20|200|3000) (NX|XX|GT|LT)?
2x EXPIRE $key (1|2) (NX|XX|GT|LT)?
2x GETEX $key (PX 20|EX 1|PERSIST|EXAT 1)
PSETEX $key (1|30) $value
GETDEL $key
GETSET $key $value
3x INCRBYFLOAT $key $double
2x HINCRBYFLOAT $key $field $double
3x SPOP $key $small
2x SPOP $key
3x SADD $key $many
SPOP $key 50
2x SORT $key (BY w*|BY *->f1|BY *|BY nosort) (ALPHA|DESC|GET #|GET *->f2|LIMIT 0 5)* STORE $key
4x HSET $key ($field $value)+
2x HSET $key $manypairs
5x HPEXPIRE $key (1|20|200|2000) (NX|XX|GT|LT)? FIELDS 3 f1 $field f3
2x HEXPIRE $key 1 FIELDS 2 f1 f2
HPEXPIRE $key 15 FIELDS 20 f0 f1 f2 f3 f4 f5 f6 f7 f8 f9 f10 f11 f12 f13 f14 f15 f16 f17 f18 f19
HPEXPIREAT $key (1|4102444800123) FIELDS 2 f1 $field
3x HPERSIST $key FIELDS 2 f1 $field
3x HGETEX $key (PX 20|EX 1|PERSIST|EXAT 1|PXAT 4102444800123) FIELDS 2 f1 $field
2x HGETDEL $key FIELDS 2 f2 $field
4x HSETEX $key (FNX|FXX)? (PX 20|EX 1|KEEPTTL|PXAT 4102444800123|EXAT 1)? FIELDS 2 f1 $value $field $value
2x HSETNX $key $field $value
3x HINCRBY $key $field $int
2x HSET $key $field $number ; HINCRBY $same $field $number ; HINCRBYFLOAT $same $field 0.5
3x HDEL $key $field $field
2x BLPOP $key $key 0.03
2x BRPOP $key 0
2x BLMOVE $key $key (LEFT|RIGHT) (LEFT|RIGHT) 0
BRPOPLPUSH $key $key 0.2
2x BLMPOP 0 2 $key $key (LEFT|RIGHT) COUNT $small
2x BZPOPMIN $key $key 0
BZPOPMAX $key 0.05
2x BZMPOP 0 2 $key $key (MIN|MAX) COUNT $small
3x RPUSH $key ($value)+
3x ZADD $key ($double $member)+
MULTI ; SET $key $value PX 20 ; SPOP $key ; BLPOP $key 0 ; HPEXPIRE $key 20 FIELDS 1 f1 ; INCRBYFLOAT $key 1.5 ; EXEC
MULTI ; RPUSH $key $many ; ZADD $key 1 a ; EXEC
MULTI ; CLIENT PAUSE 30 WRITE ; INCR $key ; SUNIONSTORE $key $key $key ; RPUSH $key a ; EXEC
SELECT (0|1|2)
4x QUEUE.CREATE $key DEADLINE (1|40|5000) RETRIES (0|1|3) PREFETCH (0|1|3) TTL (0|200) DELAY (0|0|30) MAXDEPTH (0|20)
8x QUEUE.PUBLISH $key $value (PRIORITY (1|5|9)|DELAY (1|50)|TTL (1|100)|RETRIES (0|2)|HEADERS 1 $field $value)*
QUEUE.CREATE $key DEADLINE (5|50) RETRIES 1 ; QUEUE.PUBLISH $same $value ; QUEUE.PUBLISH $same $value TTL 20 ; QUEUE.CONSUME $same ann
4x QUEUE.CONSUME $key (ann|bob) (COUNT $small)? (NOACK)? (DEADLINE (1|20|300))?
2x QUEUE.CONSUME $key (ann|bob) BLOCK (0|20) (COUNT $small)?
4x QUEUE.ACK $key (CONSUMER ann)? (1|2|3) (4|5|6|7|8)
4x QUEUE.NACK $key (CONSUMER bob)? (DELAY 30)? (DEAD)? (1|2|3) (4|5|6|7|8)
QUEUE.DLQ.REQUEUE $key (1|2|3)?
QUEUE.DLQ.PURGE $key (1|2|3)?
QUEUE.PURGE $key
2x QUEUE.INFO $key
QUEUE.PEEK $key
QUEUE.DELETE $key
4x TOPIC.CREATE $key PARTITIONS (1|2|3) RETENTION (0|0|30) MAXLEN (0|0|3) MAXBYTES (0|0|60)
8x TOPIC.PUBLISH $key $value (KEY $field|PARTITION (0|1)|TYPE a|HEADERS 1 $field $value)*
3x TOPIC.CREATE $key PARTITIONS 3 ; TOPIC.PUBLISH $same a ; TOPIC.GROUP.CREATE $same g TIMEOUT (20|300) STRATEGY (RANGE|STICKY) ; TOPIC.GROUP.JOIN $same g ann ; TOPIC.GROUP.COMMIT $same g ann 1 0 1
2x TOPIC.GROUP.CREATE $key (g|h) START (EARLIEST|LATEST)
TOPIC.GROUP.DELETE $key (g|h)
3x TOPIC.GROUP.JOIN $key g (ann|bob|cy)
TOPIC.GROUP.LEAVE $key g (ann|bob)
2x TOPIC.GROUP.COMMIT $key g (ann|bob) (1|2|3|4) (0|1) (0|1|2)
TOPIC.GROUP.HEARTBEAT $key g ann 1
2x TOPIC.READ $key (BLOCK (0|20))? (COUNT 2)? FROM 0 ($small|0)
TOPIC.READ $key GROUP g ann 1 BLOCK 0 FROM 0 5
TOPIC.TRIM $key (0|1) $small
TOPIC.INFO $key
TOPIC.DELETE $key
MOVE $key (0|1|2)
COPY $key $key DB (0|1|2) (REPLACE)?
SWAPDB (0|1) (1|2)
RENAME $key $key
DEBUG POPULATE 3 $key
GET $key
HGETALL $key
SMEMBERS $key
`
  .trim()
  .split('\n')
  .map(parseTemplate)
  .flatMap((template) => new Array<Template>(template.weight).fill(template));

/** What may meet fields that have expired in the hash `c`. */
export const ON_EXPIRED = `
HSETNX c FIELD $value
HINCRBY c FIELD 1
HINCRBYFLOAT c FIELD 0.5
HSETEX c (FNX|FXX|KEEPTTL|KEEPTTL|PX 20)? FIELDS 2 FIELD $value FIELD $value
2x HPERSIST c FIELDS 2 FIELD lives
HDEL c FIELD FIELD lives
HGETDEL c FIELDS 2 FIELD lives
HGETEX c (PERSIST|PX 20) FIELDS 2 FIELD lives
HPEXPIRE c 30 (NX|XX|GT|LT)? FIELDS 2 FIELD lives
HSET c FIELD $value FIELD $value
HMSET c FIELD $value
COPY c b REPLACE
RENAME c d
EXPIRE c 100
2x SORT l BY nosort GET *->FIELD STORE e
`
  .trim()
  .split('\n')
  .map(parseTemplate)
  .flatMap((template) => new Array<Template>(template.weight).fill(template));
/** A key for DUMP, and one for RESTORE. */
export const DUMP = parseTemplate('DUMP $key ; DUMP $key');
