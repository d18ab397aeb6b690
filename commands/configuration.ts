/** What CONFIG asks of the server: the directives as text. Implemented in src/config/configuration.ts. */
import type { Client } from './client.js';

export interface Configuration {
  /** Name and value of every directive that one of the glob patterns matches, without regard to case. O(directives × patterns). */
  get(patterns: readonly string[]): readonly (readonly [name: string, value: string])[];
  /**
   * Changes all that are given, or none.
   * @param words names and values in turn
   * @throws ReplyError with the reason
   */
  set(words: readonly string[], c: Client): void;
  /** Writes what is in force to the configuration file. @throws ReplyError */
  rewrite(): void;
}
