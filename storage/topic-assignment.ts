/**
 * How the partitions of a topic are divided among the members of a group, so that nobody has two more than another:
 *
 *   RANGE        members in the order of their names take runs of neighbours, the first of them one more
 *   ROUNDROBIN   partition p belongs to member p modulo their number, in the order of their names
 *   STICKY       as many partitions as possible stay where they are; the rest goes to those who have fewest
 *
 * Pure: what comes out depends on names and on who owned what, and is the same wherever it is repeated.
 */
export const RANGE = 0;
export const ROUNDROBIN = 1;
export const STICKY = 2;
export const STRATEGY_NAMES: readonly string[] = ['range', 'roundrobin', 'sticky'];

/** What is known of a member here. */
export interface Named {
  /** One character a byte. */
  readonly name: string;
}

/**
 * Divides `owners.length` partitions anew.
 * @param owners who owns each partition, undefined: nobody, or somebody who is no member any more; filled again
 * @param members in any order; none: nobody owns anything
 * O(P + M log M) for P partitions and M members
 */
export function assign<M extends Named>(strategy: number, owners: (M | undefined)[], members: readonly M[]): void {
  if (members.length === 0) {
    owners.fill(undefined);
    return;
  }
  const sorted = [...members].sort((a, b) => (a.name < b.name ? -1 : 1));
  if (strategy === STICKY) return assignSticky(owners, sorted);
  const share = Math.floor(owners.length / sorted.length);
  const more = owners.length % sorted.length;
  for (let p = 0; p < owners.length; p++) {
    const early = (share + 1) * more;
    const range = p < early ? Math.floor(p / (share + 1)) : more + Math.floor((p - early) / share);
    owners[p] = sorted[strategy === RANGE ? range : p % sorted.length];
  }
}

/** A member and how many partitions it has, and may keep. */
interface Share<M> {
  readonly member: M;
  owned: number;
  quota: number;
}

function assignSticky<M extends Named>(owners: (M | undefined)[], sorted: readonly M[]): void {
  const shares = new Map<M, Share<M>>();
  for (const member of sorted) shares.set(member, { member, owned: 0, quota: 0 });
  for (const owner of owners) if (owner !== undefined && shares.has(owner)) shares.get(owner)!.owned++;
  const least = Math.floor(owners.length / sorted.length);
  // One more than others may have those who have it anyway; then those who have most, so that fewest must move.
  const order = [...shares.values()].sort((a, b) => b.owned - a.owned || (a.member.name < b.member.name ? -1 : 1));
  for (const [i, share] of order.entries()) {
    share.quota = least + (i < owners.length % sorted.length ? 1 : 0);
    share.owned = 0;
  }
  for (let p = 0; p < owners.length; p++) {
    const owner = owners[p];
    const share = owner === undefined ? undefined : shares.get(owner);
    if (share !== undefined && share.owned < share.quota) share.owned++;
    else owners[p] = undefined;
  }
  let next = 0;
  for (let p = 0; p < owners.length; p++) {
    if (owners[p] !== undefined) continue;
    while (order[next].owned === order[next].quota) next++;
    owners[p] = order[next].member;
    order[next].owned++;
  }
}
