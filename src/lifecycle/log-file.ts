/** Where lines of log go: standard output, or a file that is opened for every line, so that it may be moved away at any time. */
import { appendFileSync } from 'node:fs';

/**
 * @param path absolute; '' for standard output
 * @throws when the file cannot be written
 */
export function logWriter(path: string): (text: string) => void {
  if (path === '') return (text) => process.stdout.write(text);
  appendFileSync(path, '');
  return (text) => {
    try {
      appendFileSync(path, text);
    } catch {
      // A log that cannot be written must not end the server.
    }
  };
}
