/** TopicRemains: blocks that a topic has dropped at once, too many to be freed in one go. Nobody looks into them any more. */
import type { Large, Pin } from './large.js';
import type { Arena } from './memory/arena.js';
import { freeBlock, type TopicBlock } from './topic-partition.js';

export class TopicRemains implements Large {
  capture: Pin | undefined = undefined;

  constructor(
    private readonly arena: Arena,
    private readonly blocks: TopicBlock[],
  ) {}

  get pieces(): number {
    return this.blocks.length;
  }

  /** O(blocks) */
  get bytes(): number {
    return this.blocks.reduce((n, block) => n + block.bytes, 0);
  }

  free(budget: number): boolean {
    for (; budget > 0 && this.blocks.length > 0; budget--) freeBlock(this.arena, this.blocks.pop()!);
    return this.blocks.length === 0;
  }
}
