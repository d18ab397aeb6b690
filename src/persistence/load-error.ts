/** LoadError: why the dataset cannot be loaded, for the log of a start that ends here: the file, the place in it, and what to do. */

export class LoadError extends Error {
  readonly file: string;
  readonly at: number;
  readonly reason: string;

  /**
   * @param file its path
   * @param at position in it, bytes, up to which it is whole; -1: of no importance
   * @param reason what was found there
   * @param advice what to do, as a sentence
   */
  constructor(file: string, at: number, reason: string, advice: string) {
    super(`${file}${at < 0 ? '' : `, at offset ${at}`}: ${reason}. ${advice}`);
    this.file = file;
    this.at = at;
    this.reason = reason;
  }
}

/** What to do about a file that is damaged. */
export const REPAIR =
  'No file was changed. Restore it from a copy; or copy the whole directory, and let synap-check tell what it finds there, and with ' +
  '--fix cut the file at this place, which loses what follows.';

/** What to do about an end that is torn while aof-load-truncated is no. */
export const ALLOW_CUT = 'Start with aof-load-truncated yes to cut it there, or use synap-check --fix.';
