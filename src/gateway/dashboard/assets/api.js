/** The gateway: commands as words, replies as values that keep what their types mean. */

const TOKEN = 'synap.login';
const state = { db: 0 };

/** Bytes that are no text; as a word it goes back as it came. */
export class Bytes {
  constructor(base64) {
    this.base64 = base64;
  }

  toJSON() {
    return { base64: this.base64 };
  }

  /** What can be shown: printable characters, and the others as \xNN. */
  toString() {
    return [...atob(this.base64)]
      .map((c) => (c >= ' ' && c <= '~' && c !== '\\' ? c : `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`))
      .join('');
  }
}

/** A string of which only the beginning came. It can be shown and nothing else. */
export class Cut {
  constructor(text, length) {
    this.text = text;
    this.length = length;
  }

  toString() {
    return `${this.text}… (${this.length} bytes)`;
  }

  toJSON() {
    throw new Error('This is too long to be sent back');
  }
}

/**
 * A value as text for a field.
 * @throws Error when not all of it is here
 */
export function editable(value) {
  if (value instanceof Cut) throw new Error('This is too long to be changed here');
  return String(value);
}

/** What was typed in place of `value`: bytes again, from \xNN, where it was bytes. */
export function typedLike(value, text) {
  if (!(value instanceof Bytes)) return text;
  const bytes = text.split(/(\\x[0-9a-fA-F]{2})/).flatMap((part) => {
    const hex = /^\\x([0-9a-fA-F]{2})$/.exec(part);
    return hex === null ? [...new TextEncoder().encode(part)] : [Number.parseInt(hex[1], 16)];
  });
  return new Bytes(bytesToBase64(bytes));
}

/** The pairs of a map, in order. */
export class Pairs extends Array {
  of(name) {
    return this.find(([key]) => String(key) === name)?.[1];
  }
}

/** An error that a command was answered with. */
export class CommandError extends Error {
  constructor(message, code) {
    super(message);
    this.code = code;
  }
}

/** A request that the gateway refused as a whole. */
export class RequestError extends Error {
  constructor(message, code, status) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export function setDatabase(db) {
  state.db = db;
}

/** Keeps who asks for as long as the tab lives. An empty password forgets. */
export function setLogin(user, password) {
  if (password === '') sessionStorage.removeItem(TOKEN);
  else sessionStorage.setItem(TOKEN, base64(`${user}:${password}`));
}

export function hasLogin() {
  return sessionStorage.getItem(TOKEN) !== null;
}

export function base64(text) {
  return bytesToBase64(new TextEncoder().encode(text));
}

export function bytesToBase64(bytes) {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/**
 * Asks for a route.
 * @throws RequestError what it is refused with
 */
export async function request(path, body, signal) {
  const headers = { 'x-synap-db': String(state.db) };
  const token = sessionStorage.getItem(TOKEN);
  if (token !== null) headers.authorization = `Basic ${token}`;
  if (body !== undefined) headers['content-type'] = 'application/json';
  let response;
  try {
    // 'omit', or the browser would ask for a password itself.
    const options = { method: body === undefined ? 'GET' : 'POST', headers, credentials: 'omit', signal };
    response = await fetch(path, body === undefined ? options : { ...options, body: JSON.stringify(body) });
  } catch (e) {
    if (e.name === 'AbortError') throw e;
    throw new RequestError('The gateway cannot be reached', 'UNREACHABLE', 0);
  }
  const answer = await response.json();
  if (!response.ok) {
    if (response.status === 401) dispatchEvent(new CustomEvent('login-needed', { detail: answer.error }));
    throw new RequestError(answer.error, answer.code, response.status);
  }
  return answer;
}

/** Calls commands in one go. @returns their typed replies, as the gateway sends them */
export async function typedReplies(commands, signal) {
  return (await request('/api/v1/console', { commands }, signal)).replies;
}

/** Calls commands in one go. @returns a value for each; errors are values */
export async function runAll(commands) {
  return commands.length === 0 ? [] : (await typedReplies(commands)).map(decoded);
}

/** Calls one command. @throws CommandError */
export async function run(...words) {
  return must((await runAll([words]))[0]);
}

/** @throws CommandError when `value` is one */
export function must(value) {
  if (value instanceof CommandError) throw value;
  return value;
}

/** A typed reply as a value: text, Bytes, numbers, null, arrays, Pairs, CommandError. */
export function decoded(reply) {
  if (reply.length !== undefined) return new Cut(reply.value, reply.length);
  switch (reply.type) {
    case 'bytes':
      return new Bytes(reply.value);
    case 'null':
      return null;
    case 'error':
      return new CommandError(reply.value, reply.code);
    case 'double':
      return Number.isNaN(Number(reply.value)) ? reply.value : Number(reply.value);
    case 'array':
    case 'set':
    case 'push':
      return reply.items.map(decoded);
    case 'map': {
      const pairs = new Pairs();
      for (const [name, value] of reply.entries) pairs.push([decoded(name), decoded(value)]);
      return pairs;
    }
    default:
      return reply.value;
  }
}

/** A map that may have come as a flat array (RESP2, XINFO and the like). */
export function pairsOf(value) {
  if (value instanceof Pairs) return value;
  const pairs = new Pairs();
  for (let i = 0; i + 1 < (value?.length ?? 0); i += 2) pairs.push([value[i], value[i + 1]]);
  return pairs;
}
