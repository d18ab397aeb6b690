/** LoadError: why the dataset cannot be loaded, for the log of a start that ends here: the file, the place in it, and what to do. */

export class LoadError extends Error {
  /**
   * @param file its path
   * @param at position in it, bytes; -1: of no importance
   * @param reason what was found there
   * @param advice what to do, as a sentence
   */
  constructor(file: string, at: number, reason: string, advice: string) {
    super(`${file}${at < 0 ? '' : `, at offset ${at}`}: ${reason}. ${advice}`);
  }
}

/** What to do about a file that is damaged. */
export const REPAIR =
  'Nothing was loaded and no file was changed. Restore the file from a copy, or make a copy of the whole directory and then let ' +
  "'synap-check --fix' on it tell what would be lost and cut the file there.";

/** What to do about an end that is cut off while aof-load-truncated is no. */
export const ALLOW_CUT = "Start with aof-load-truncated yes to cut it there, or use 'synap-check --fix'.";
