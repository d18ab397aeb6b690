"""A page of work through Python's redis package, in the version that Debian has: `python-redis.py PORT`. Prints a line a check."""
import sys
import threading

import redis

PORT = int(sys.argv[1])
failed = 0


def check(what, work, expected):
    global failed
    try:
        actual = work()
        if actual != expected:
            raise AssertionError(f"{actual!r} instead of {expected!r}")
        print(f"ok {what}")
    except Exception as error:  # whatever it is, it is what the check found
        failed += 1
        print(f"not ok {what}: {error!r}")


def failure(work):
    try:
        work()
    except redis.RedisError as error:
        return f"{type(error).__name__}: {error}"
    return None


def scanned(r):
    r.mset({f"scan:{i}": "x" for i in range(300)})
    return len(set(r.scan_iter("scan:*", count=40)))


def watched(r, other):
    with r.pipeline() as pipe:
        pipe.watch("n")
        other.set("n", "changed")
        pipe.multi()
        pipe.set("n", "mine")
        return failure(pipe.execute)


def popped(r, other):
    threading.Timer(0.05, lambda: other.rpush("queue", "job")).start()
    return r.blpop("queue", timeout=5)


def published(r, other):
    with r.pubsub(ignore_subscribe_messages=False) as pubsub:
        pubsub.subscribe("news")
        pubsub.psubscribe("n*")
        kinds = [pubsub.get_message(timeout=5)["type"] for _ in range(2)]
        receivers = other.publish("news", "hello")
        messages = [pubsub.get_message(timeout=5) for _ in range(2)]
        return kinds, receivers, [(m["type"], m["channel"], m["data"]) for m in messages]


def pipelined(r):
    with r.pipeline(transaction=False) as pipe:
        for i in range(1000):
            pipe.set(f"p:{i}", i)
        return all(pipe.execute())


r = redis.Redis(port=PORT, decode_responses=True, client_name="python", health_check_interval=30)
other = redis.Redis(port=PORT, decode_responses=True)
raw = redis.Redis(port=PORT, db=2)

check("PING", r.ping, True)
check("SET and GET", lambda: [r.set("s", "v", ex=100), r.get("s"), r.set("s", "w", nx=True), r.ttl("s") > 90], [True, "v", None, True])
check("numbers", lambda: [r.incr("n", 5), r.incrbyfloat("f", 0.5)], [5, 0.5])
check("binary", lambda: [raw.set(b"\x00\xff", b"\r\n\x00"), raw.get(b"\x00\xff")], [True, b"\r\n\x00"])
check("hashes", lambda: [r.hset("h", mapping={"f": 1, "g": 2}), r.hgetall("h"), r.hincrby("h", "f", 4)], [2, {"f": "1", "g": "2"}, 5])
check("lists", lambda: [r.rpush("l", "a", "b", "c"), r.lrange("l", 0, -1), r.lmove("l", "m", "LEFT", "RIGHT")], [3, ["a", "b", "c"], "a"])
check("sets", lambda: [r.sadd("x", 1, 2, 3), r.sinter("x", "x"), r.smismember("x", [1, 9])], [3, {"1", "2", "3"}, [1, 0]])
check("sorted sets", lambda: [r.zadd("z", {"one": 1, "two": 2.5}), r.zrange("z", 0, -1, withscores=True)], [2, [("one", 1.0), ("two", 2.5)]])
check("an error", lambda: failure(lambda: r.lpush("s", "x")), "ResponseError: WRONGTYPE Operation against a key holding the wrong kind of value")
check("scan_iter", lambda: scanned(r), 300)
check("a pipeline", lambda: pipelined(r), True)
check("MULTI and EXEC", lambda: r.pipeline().set("t", 1).incr("t").get("t").execute(), [True, 2, "2"])
check("WATCH stops an EXEC", lambda: watched(r, other), "WatchError: Watched variable changed.")
check("BLPOP waits for a push", lambda: popped(r, other), ("queue", "job"))
check("publish and subscribe", lambda: published(r, other), (["subscribe", "psubscribe"], 2, [("message", "news", "hello"), ("pmessage", "news", "hello")]))
check("SORT", lambda: r.sort("x", desc=True), ["3", "2", "1"])
check("CLIENT GETNAME", r.client_getname, "python")
check("CLIENT LIST", lambda: any(c["name"] == "python" for c in r.client_list()), True)
check("CONFIG GET and SET", lambda: [r.config_set("maxmemory-samples", 7), r.config_get("maxmemory-samples")], [True, {"maxmemory-samples": "7"}])
check("INFO", lambda: r.info("server")["redis_version"].startswith("7."), True)
check("keyspace in INFO", lambda: r.info("keyspace")["db0"]["keys"] == r.dbsize(), True)
check("COMMAND", lambda: r.command()["get"]["arity"], 2)
check("OBJECT ENCODING", lambda: r.object("encoding", "s"), "embstr")
check("EXPIREAT, TTL", lambda: [r.expireat("s", 4102444800), r.expiretime("s") if hasattr(r, "expiretime") else 4102444800], [True, 4102444800])
check("FLUSHDB", lambda: [raw.flushdb(), raw.dbsize()], [True, 0])
check("TIME", lambda: r.time()[0] > 1600000000, True)
sys.exit(1 if failed else 0)
