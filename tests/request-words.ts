/** Reads requests as servers of tests need them: arrays of bulk strings, as clients of this package and redis-cli write them. */
export class RequestReader {
  private text = '';

  /** @returns the words of each request that is complete, strings of bytes */
  feed(chunk: Uint8Array): string[][] {
    this.text += Buffer.from(chunk).toString('latin1');
    const all: string[][] = [];
    for (let words = this.next(); words !== undefined; words = this.next()) all.push(words);
    return all;
  }

  private next(): string[] | undefined {
    const [head, count] = /^\*(\d+)\r\n/.exec(this.text) ?? [];
    if (head === undefined) return undefined;
    const words: string[] = [];
    let at = head.length;
    for (let i = 0; i < Number(count); i++) {
      const [line, length] = /^\$(\d+)\r\n/.exec(this.text.slice(at, at + 16)) ?? [];
      if (line === undefined) return undefined;
      const end = at + line.length + Number(length);
      if (this.text.length < end + 2) return undefined;
      words.push(this.text.slice(at + line.length, end));
      at = end + 2;
    }
    this.text = this.text.slice(at);
    return words;
  }
}
