/** RdbError: why an RDB file or a payload cannot be read. The offset is added by who knows it (file-reader.ts). */
export class RdbError extends Error {
  /** What was found, without the place. */
  readonly reason: string;
  readonly offset: number;

  /**
   * @param reason what was found: "a stream (type 15), which cannot be loaded"
   * @param offset of the byte in the file where that begins; -1 when it is not known
   */
  constructor(reason: string, offset = -1) {
    super(offset < 0 ? reason : `at offset ${offset}: ${reason}`);
    this.reason = reason;
    this.offset = offset;
  }
}
