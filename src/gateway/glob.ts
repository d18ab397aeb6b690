/** Globs as SCAN, KEYS and PSUBSCRIBE have them. */

/** Text that means itself in a glob. */
export function escapeGlob(text: string): string {
  return text.replace(/[*?[\]\\]/g, '\\$&');
}
