/** TopicTraffic: random life of a few topics: events of all sizes, groups whose members come, go, commit and fall silent. */
import type { Session, Value } from './session.js';
import { fields } from './topic-reply.js';

const SIZES = [0, 3, 30, 300, 3000];
const OPTIONS = ['', ' maxlen 20', ' maxbytes 5000', ' retention 2000', ' retention 100000 maxlen 200 maxbytes 40000'];
const STRATEGIES = ['range', 'roundrobin', 'sticky'];
const MEMBERS = ['a', 'b', 'c', 'd'];

export class TopicTraffic {
  constructor(
    private readonly session: Session,
    private readonly random: () => number,
    private readonly topics: readonly string[],
  ) {}

  private below(n: number): number {
    return Math.floor(this.random() * n);
  }

  private pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  private ask(line: string | readonly string[]): Value {
    return this.session.ask(line);
  }

  /** Does something, and lets some time pass. */
  step(): void {
    const topic = this.pick(this.topics);
    this.session.now += this.below(10) === 0 ? this.below(400) : this.below(3);
    const chance = this.below(100);
    if (chance < 60) this.publish(topic);
    else if (chance < 70) this.ask(`topic.group.join ${topic} ${this.pick(['g', 'h'])} ${this.pick(MEMBERS)}`);
    else if (chance < 85) this.commit(topic, this.pick(['g', 'h']));
    else if (chance < 88) this.ask(`topic.group.leave ${topic} g ${this.pick(MEMBERS)}`);
    else if (chance < 90) this.ask(`topic.trim ${topic} 0 ${this.below(300)}`);
    else if (chance < 94) this.makeGroup(topic);
    else if (chance < 95) this.ask(`topic.group.delete ${topic} ${this.pick(['g', 'h'])}`);
    else if (chance < 96) this.session.now += this.below(3000);
    else if (chance < 98) this.ask(`topic.info ${topic}`);
    else if (chance === 98)
      this.ask(this.pick([`copy ${topic} copy replace`, 'rename copy other', 'expire copy 1', 'del other']));
    else if (this.below(20) === 0) this.ask(`topic.delete ${topic}`);
  }

  private publish(topic: string): void {
    const words = ['topic.publish', topic, 'x'.repeat(this.pick(SIZES)) + this.below(1000)];
    if (this.below(3) === 0) words.push('KEY', `k${this.below(9)}`);
    if (this.below(4) === 0) words.push('TYPE', 'type');
    if (this.below(4) === 0) words.push('HEADERS', '2', 'name', 'value', 'other', String(this.below(9)));
    if (this.below(9) === 0) words.push('PARTITION', '0');
    if (this.ask(words) !== '-ERR no such topic') return;
    this.ask(`topic.create ${topic} partitions ${1 + this.below(4)}${this.pick(OPTIONS)}`);
    this.makeGroup(topic);
  }

  private makeGroup(topic: string): void {
    const start = this.pick(['earliest', 'latest']);
    this.ask(
      `topic.group.create ${topic} ${this.pick(['g', 'h'])} strategy ${this.pick(STRATEGIES)} timeout 1500 start ${start}`,
    );
  }

  /** A member commits something of what it owns. */
  private commit(topic: string, group: string): void {
    const info = this.ask(`topic.group.info ${topic} ${group}`);
    if (!Array.isArray(info)) return;
    const { generation, members } = fields(info);
    const list = (members as Value[]).map(fields).filter(({ partitions }) => (partitions as Value[]).length > 0);
    if (list.length === 0) return;
    const { member, partitions } = this.pick(list);
    const partition = this.pick(partitions as number[]);
    const next = (this.ask(`topic.group.offsets ${topic} ${group}`) as Value[]).map(fields)[partition]['next-offset'];
    const offset = this.below((next as number) + 1);
    const reply = this.ask(`topic.group.commit ${topic} ${group} ${member} ${generation} ${partition} ${offset}`);
    // Just then it may have been silent for too long.
    if (reply !== 'OK' && !String(reply).startsWith('-FENCED')) throw new Error(String(reply));
  }
}
