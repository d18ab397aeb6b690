/**
 * QueueCapture: a large queue while a snapshot needs it as it was. Its messages lie in a Table and may stand in a file in any order, so
 * they are captured as the elements of collections are: one that is about to change is written early (capture-collection.ts).
 */
import { CollectionCapture } from './capture-collection.js';
import type { Waiting } from './capture-value.js';
import type { LargeValues } from './large.js';
import type { QueueValue } from './queue-value.js';
import { writeEnd } from './rdb/module-terms.js';
import type { RdbOutput } from './rdb/output.js';

export class QueueCapture extends CollectionCapture {
  private readonly queue: QueueValue;

  constructor(owner: Waiting, db: number, head: Uint8Array, queue: QueueValue, home: LargeValues) {
    super(owner, db, head, queue, home, queue.table);
    this.queue = queue;
  }

  protected writeElement(out: RdbOutput, ref: number): void {
    this.queue.writeMessage(out, ref);
  }

  override step(out: RdbOutput, count: number, limit: number): boolean {
    if (!super.step(out, count, limit)) return false;
    writeEnd(out);
    return true;
  }
}
