/**
 * Surroundings: all that configuration asks of the world outside, given by who starts the server, so that nothing in this folder
 * touches files. `files` of files.ts are the real ones; tests give their own.
 *
 * Text is latin1, one character a byte, so that what a file says comes back unchanged from CONFIG GET and CONFIG REWRITE.
 */
export interface Surroundings {
  /** The text of a file. @throws an Error whose message is the system's reason ("No such file or directory") */
  readFile(path: string): string;
  /** Puts `text` into a file, whole or not at all. @throws as `readFile` */
  replaceFile(path: string, text: string): void;
  /** The files that match a pattern of `include`, sorted; [] when none does. */
  glob(pattern: string): readonly string[];
  /** The absolute path of a directory that can be entered. @throws an Error as `readFile` */
  directory(path: string): string;
  /** Whether a command of this name exists before any `rename-command`. */
  isCommand(name: string): boolean;
}
