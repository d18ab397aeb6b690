/**
 * What a command answers, in one line, as RESP3 says it. RESP2 follows by rule: a map is an array of keys and values in turn, a set
 * an array, a double a bulk string, a boolean an integer, a verbatim string a bulk string; `nil` is a null bulk string there and
 * `nil-array` a null array (in RESP3 they are one). Parsed once at start, so that a line nobody can read never ships; the gateway
 * makes its schemas of the tree, and tests hold replies against it. Errors are not told: every command may answer one.
 *
 *   ok                    +OK                          array<x>       any number of x
 *   status                another simple string        map<x, y>      keys x, values y
 *   int double bool       a number, a truth            set<x>         any number of x, in no order
 *   bulk verbatim         text or bytes                tuple<x, y>    an array of exactly these
 *   nil nil-array         nothing                      push<x, y>     the same, out of band
 *   none                  no reply at all              pairs<x, y>    in RESP3 an array of tuples, in RESP2 one flat array
 *   any                   whatever                     x | y          either
 */
const LEAVES = [
  'ok',
  'status',
  'int',
  'double',
  'bool',
  'bulk',
  'verbatim',
  'nil',
  'nil-array',
  'none',
  'any',
] as const;
const BRANCHES = { array: 1, set: 1, map: 2, pairs: 2, tuple: 0, push: 0 } as const;

export type ReplyLeaf = (typeof LEAVES)[number];
export type ReplyBranch = keyof typeof BRANCHES;

export type ReplyType =
  | { readonly type: ReplyLeaf }
  | { readonly type: ReplyBranch; readonly of: readonly ReplyType[] }
  | { readonly type: 'either'; readonly of: readonly ReplyType[] };

/** Parses a reply line. Throws an Error that names the line on anything it does not understand. */
export function parseReply(line: string): ReplyType {
  const parts = line.match(/[a-z-]+|[<>|,]|[^\s]/g) ?? [];
  let at = 0;
  const fault = (): Error =>
    new Error(`reply '${line}': ${at < parts.length ? `unexpected '${parts[at]}'` : 'ends too early'}`);
  const either = (): ReplyType => {
    const of = [one()];
    while (parts[at] === '|') {
      at++;
      of.push(one());
    }
    return of.length === 1 ? of[0] : { type: 'either', of };
  };
  const one = (): ReplyType => {
    const word = parts[at];
    if (isLeaf(word)) {
      at++;
      return { type: word };
    }
    if (!isBranch(word) || parts[at + 1] !== '<') throw fault();
    at += 2;
    const of = [either()];
    while (parts[at] === ',') {
      at++;
      of.push(either());
    }
    if (parts[at] !== '>' || (BRANCHES[word] !== 0 && of.length !== BRANCHES[word])) throw fault();
    at++;
    return { type: word, of };
  };
  const reply = either();
  if (at < parts.length) throw fault();
  return reply;
}

function isLeaf(word: string | undefined): word is ReplyLeaf {
  return (LEAVES as readonly (string | undefined)[]).includes(word);
}

function isBranch(word: string | undefined): word is ReplyBranch {
  return word !== undefined && Object.hasOwn(BRANCHES, word);
}
