/** The types that Redis does not have, by their name in files. One line a type. Read next: own-value.ts. */
import type { OwnType } from './own-value.js';
import { QUEUE_TYPE } from './queue-value.js';
import { TOPIC_TYPE } from './topic-value.js';

const OWN_TYPES: readonly OwnType[] = [QUEUE_TYPE, TOPIC_TYPE];

/** The type that files know as `module`; undefined when that is none of ours. */
export function ownType(module: string): OwnType | undefined {
  return OWN_TYPES.find((type) => type.module === module);
}
