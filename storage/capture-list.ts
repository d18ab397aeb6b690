/**
 * ListCapture: a large list while a snapshot needs it as it was. The order of its elements matters, so its chain of nodes is remembered
 * as it stood, and nodes are written in that order. Before the elements of one that is not written yet change or go, its bytes are
 * set aside; that a node moves in memory, or gets other neighbours, does not matter.
 *
 *   nodes   [ written | written | node | (set aside) | node | ... ]      QuicklistNode.turn: its index here, -1 for none
 */
import { ValueCapture, type Waiting } from './capture-value.js';
import type { LargeValues } from './large.js';
import type { Quicklist } from './quicklist.js';
import { nodeBase, nodeMemory, type QuicklistNode, writeHeader } from './quicklist-node.js';
import { PACKED_NODE, PLAIN_NODE } from './rdb/format.js';
import type { RdbOutput } from './rdb/output.js';
import { writeListNode } from './rdb/value-writer.js';

/** A node counts as so many elements. */
const NODE_COST = 16;
/** A remembered node takes about so many bytes. */
const NODE_REFERENCE = 8;

/** The bytes of a node. */
class Aside {
  constructor(
    readonly kind: number,
    readonly bytes: Uint8Array,
  ) {}
}

export class ListCapture extends ValueCapture {
  private readonly list: Quicklist;
  private readonly nodes: (QuicklistNode | undefined)[] = [];
  private readonly asides = new Map<number, Aside>();
  /** Index of the next node to be written. */
  private next = 0;
  /** Whether nodes know their turn: only while the list may change. */
  private readonly live: boolean;

  /** @param live false when the list cannot change before all is written. O(nodes) */
  constructor(owner: Waiting, db: number, head: Uint8Array, list: Quicklist, home: LargeValues, live: boolean) {
    super(owner, db, head, list, home);
    this.list = list;
    this.live = live;
    const { nodes } = this;
    for (let node = list.head; node !== undefined; node = node.next) {
      if (live) node.turn = nodes.length;
      nodes.push(node);
    }
    this.hold(nodes.length * NODE_REFERENCE);
  }

  /** The elements of `node` are about to change, or it is about to go. O(bytes of the node), once */
  changing(node: QuicklistNode): void {
    if (node.turn < 0) return;
    try {
      this.setAside(node);
    } catch (e) {
      this.failed(e);
    }
  }

  private setAside(node: QuicklistNode): void {
    const { turn } = node;
    node.turn = -1;
    this.nodes[turn] = undefined;
    // A plain node's buffer is never written to: it is replaced.
    if (node.plain !== undefined) this.asides.set(turn, new Aside(PLAIN_NODE, node.plain));
    else {
      const { arena } = this.list;
      writeHeader(arena, node);
      const at = nodeBase(node);
      this.asides.set(turn, new Aside(PACKED_NODE, nodeMemory(arena, node).slice(at, at + node.size)));
    }
    this.hold(node.size);
  }

  step(out: RdbOutput, count: number, limit: number): boolean {
    const { nodes } = this;
    for (; this.next < nodes.length && count > 0 && out.pos < limit; count -= NODE_COST) this.writeNext(out);
    return this.next === nodes.length;
  }

  private writeNext(out: RdbOutput): void {
    const turn = this.next++;
    const node = this.nodes[turn];
    if (node === undefined) {
      const aside = this.asides.get(turn)!;
      this.asides.delete(turn);
      this.hold(-aside.bytes.length);
      out.length(aside.kind);
      return out.blob(aside.bytes, 0, aside.bytes.length);
    }
    if (this.live) node.turn = -1;
    this.nodes[turn] = undefined;
    writeListNode(out, this.list.arena, node);
  }
}
