/**
 * The command line of a server under test: words, with quotes, and the place of its port. No shell reads it, so that the process
 * we start, measure and kill is the server itself and not a shell around it. Next: server-process.ts.
 */

/**
 * Splits a command line into words at blanks. Single and double quotes keep blanks, may be empty (`--save ''`) and may stand
 * inside a word; a backslash outside single quotes takes the next character as it is. Nothing is expanded.
 * Throws on a quote that is not closed.
 */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let i = 0; i < line.length; i++) {
    const ch = line[i];
    if (ch === '\\' && quote !== "'" && i + 1 < line.length) word = (word ?? '') + line[++i];
    else if (quote !== '') {
      if (ch === quote) quote = '';
      else word += ch;
    } else if (ch === "'" || ch === '"') {
      quote = ch;
      word ??= '';
    } else if (ch === ' ' || ch === '\t' || ch === '\n') {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + ch;
  }
  if (quote !== '') throw new Error(`a ${quote} is not closed in: ${line}`);
  if (word !== undefined) words.push(word);
  return words;
}

/** A word as `splitWords` reads it back: quoted only where it must be. */
export function quoteWord(word: string): string {
  return /^[\w@%+=:,./{}-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * The words to start a server listening on `port`: `{port}` is replaced wherever it stands. Throws where the line is empty or names
 * no `{port}`, because the benchmark could not find such a server.
 */
export function serverWords(line: string, port: number): string[] {
  const words = splitWords(line);
  if (words.length === 0 || !line.includes('{port}')) {
    throw new Error(
      `a server's command line must hold {port}, for example "redis-server --port {port}": got "${line}"`,
    );
  }
  return words.map((word) => word.replaceAll('{port}', String(port)));
}
