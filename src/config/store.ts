/** Words into a value that a directive may take: the checks that all directives share. Nothing is written here. */
import type { Settings } from '../../commands/settings.js';
import { ConfigError, type Reading } from './kind.js';
import type { Row } from './row.js';
import { DIRECTIVES } from './table.js';

/**
 * The value that `words` mean for `row`.
 * @throws ConfigError when there are too many or too few of them, when they mean nothing, or when the value is refused
 */
export function readValue(row: Row, words: readonly string[], settings: Settings, reading: Reading): unknown {
  if (!row.kind.several && words.length !== 1) throw new ConfigError('wrong number of arguments');
  const value = row.kind.read(words, row.get(settings), reading);
  const reason = row.traits.refuse?.(value);
  if (reason !== undefined) throw new ConfigError(reason);
  return value;
}

/** Why settings that were not read by `readValue` will not do: the first of them that asks for what is not there. */
export function refusal(settings: Settings): string | undefined {
  for (const row of DIRECTIVES) {
    const reason = row.traits.refuse?.(row.get(settings));
    if (reason !== undefined) return `${row.name}: ${reason}`;
  }
  return undefined;
}
