/**
 * What a storage engine refuses, as constants that are thrown. The wire texts belong to commands/error.ts: this layer knows no
 * protocol. Thrown before anything has changed.
 */
export class Fault extends Error {
  readonly code: string;

  constructor(code: string) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0; // a constant's stack would only tell where the module was loaded
    super(code);
    Error.stackTraceLimit = limit;
    this.code = code;
  }
}

/** The key holds a value of another type than the operation needs. */
export const WRONG_TYPE = new Fault('WRONG_TYPE');
/** A string would become longer than 512 MiB (proto-max-bulk-len). */
export const TOO_LONG = new Fault('TOO_LONG');
