/**
 * QueueCapture: a large queue while a snapshot needs it as it was. Its messages lie in a Table and may stand in a file in any order, so
 * they are captured as the elements of collections are: one that is about to change is written early (capture-collection.ts).
 */
import { CollectionCapture } from './capture-collection.js';
import type { QueueValue } from './queue-value.js';
import { writeEnd } from './rdb/module-terms.js';
import type { RdbOutput } from './rdb/output.js';

export class QueueCapture extends CollectionCapture<QueueValue> {
  protected writeElement(out: RdbOutput, ref: number): void {
    this.collection.writeMessage(out, ref);
  }

  override step(out: RdbOutput, count: number, limit: number): boolean {
    if (!super.step(out, count, limit)) return false;
    writeEnd(out);
    return true;
  }
}
