/** Words into a value that a directive may take: the checks that all directives share. Nothing is written here. */
import type { Settings } from '../../commands/settings.js';
import { ConfigError, type Reading } from './kind.js';
import type { Row } from './row.js';

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
