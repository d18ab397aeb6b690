/**
 * TopicLedger: what a topic has promised to producers and to a group of consumers, and what must therefore never be seen.
 *
 *   acknowledged   partition and offset of an event that a producer was told: it must be delivered, and be that event
 *   delivered      partition and offset that a member was given: always the same event
 *   owner          of a partition in a generation: the one member that was ever given something of it then
 *   generation     the highest that anybody was told: who speaks of an earlier one from then on must be refused
 *   committed      the offset that a member was told is noted: the group never goes on before it
 */

/** A number for each offset of a partition, -1 where there is none. */
class Column {
  private list = new Int32Array(1024).fill(-1);

  get(offset: number): number {
    return offset < this.list.length ? this.list[offset] : -1;
  }

  set(offset: number, value: number): void {
    if (offset >= this.list.length) {
      const more = new Int32Array(Math.max(offset + 1, 2 * this.list.length)).fill(-1);
      more.set(this.list);
      this.list = more;
    }
    this.list[offset] = value;
  }
}

export class TopicLedger {
  readonly complaints: string[] = [];
  acknowledged = 0;
  delivered = 0;
  /** How often an event came again, in another generation or to the same member. */
  again = 0;
  generation = 0;
  private readonly published: Column[];
  private readonly given: Column[];
  private readonly ends: number[];
  private readonly committed: number[];
  private readonly owners = new Map<string, string>();

  constructor(readonly partitions: number) {
    this.published = Array.from({ length: partitions }, () => new Column());
    this.given = Array.from({ length: partitions }, () => new Column());
    this.ends = new Array<number>(partitions).fill(0);
    this.committed = new Array<number>(partitions).fill(0);
  }

  complain(what: string): void {
    if (this.complaints.length < 20) this.complaints.push(what);
  }

  /** A producer was told that its event `id` stands there. */
  acknowledge(partition: number, offset: number, id: number): void {
    const before = this.published[partition].get(offset);
    if (before >= 0) this.complain(`${partition}:${offset} was given to event ${before} and to event ${id}`);
    this.published[partition].set(offset, id);
    this.ends[partition] = Math.max(this.ends[partition], offset + 1);
    this.acknowledged++;
  }

  /** A member was given an event while it spoke of `generation`. */
  deliver(member: string, generation: number, partition: number, offset: number, id: number): void {
    const place = `${generation}/${partition}`;
    const owner = this.owners.get(place);
    if (owner === undefined) this.owners.set(place, member);
    else if (owner !== member)
      this.complain(`${partition}:${offset} was given to ${member}, in generation ${generation} of ${owner}`);
    const before = this.given[partition].get(offset);
    if (before < 0) {
      this.given[partition].set(offset, id);
      this.delivered++;
      return;
    }
    this.again++;
    if (before !== id) this.complain(`${partition}:${offset} was event ${before} and then event ${id}`);
  }

  /** A member was told that the group has read up to `offset`. */
  commit(partition: number, offset: number): void {
    if (offset > this.committed[partition]) this.committed[partition] = offset;
  }

  /** Somebody was told that the group is at this generation. */
  advance(generation: number): void {
    this.generation = Math.max(this.generation, generation);
  }

  /** A member that spoke of `generation` was listened to. @param known the highest that anybody had been told before it spoke */
  heard(member: string, generation: number, known: number): void {
    if (generation < known) this.complain(`${member} spoke of generation ${generation} after ${known} and was heard`);
  }

  /** The server says how far the group has read; what was noted before the question must be in it. @returns a copy of what was noted */
  noted(): readonly number[] {
    return [...this.committed];
  }

  /** @param noted what `noted` gave before the server was asked */
  check(partition: number, committed: number, noted: readonly number[]): void {
    if (committed < noted[partition])
      this.complain(`partition ${partition} went back from ${noted[partition]} to ${committed}`);
  }

  /** What is wrong when all is said to be read: the number of acknowledged events that no member was given, or another one in their place. */
  lost(): number {
    let lost = 0;
    for (let p = 0; p < this.partitions; p++)
      for (let offset = 0; offset < this.ends[p]; offset++) {
        const id = this.published[p].get(offset);
        if (id >= 0 && this.given[p].get(offset) !== id) lost++;
      }
    return lost;
  }
}
