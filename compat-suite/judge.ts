/**
 * What two transcripts of a case say: which steps match, which differ on purpose, which are wrong. Read next: comparison.ts,
 * differences.ts.
 */
import type { Case, Resp, Step } from './case.js';
import { sameReply, usualMode } from './comparison.js';
import { deliberate } from './differences.js';
import { TIMEOUT } from './wire/connection.js';

export interface Verdict {
  readonly matched: number;
  /** Steps that answer differently on purpose, by reason. They count as matched. */
  readonly reasons: ReadonlyMap<string, number>;
  /** What is wrong, as text for the terminal. */
  readonly faults: readonly string[];
}

/**
 * @param recorded whether `theirs` was written down at another time
 */
export function judge(
  one: Case,
  resp: Resp,
  ours: readonly string[],
  theirs: readonly string[],
  recorded: boolean,
): Verdict {
  const reasons = new Map<string, number>();
  const faults: string[] = [];
  let matched = 0;
  one.steps.forEach((step, i) => {
    const reason = verdict(step, resp, ours[i], theirs[i], recorded);
    if (reason === undefined)
      faults.push(`${step.line}\n  synap: ${JSON.stringify(ours[i])}\n  redis: ${JSON.stringify(theirs[i])}`);
    else matched++;
    if (reason) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  });
  const [end, theirEnd] = [ours[one.steps.length], theirs[one.steps.length]];
  if (end === theirEnd || one.steps.some((step) => step.instead !== undefined)) matched++;
  else faults.push(`the keys at the end\n  synap: ${JSON.stringify(end)}\n  redis: ${JSON.stringify(theirEnd)}`);
  return { matched, reasons, faults };
}

/** '' = the same, a reason = different on purpose, undefined = wrong. */
function verdict(step: Step, resp: Resp, ours: string, theirs: string, recorded: boolean): string | undefined {
  if (ours.includes(TIMEOUT)) return undefined;
  if (step.instead !== undefined) return ours === step.instead.reply[resp] ? step.instead.reason : undefined;
  if (sameReply(step.mode ?? usualMode(step.words), ours, theirs, recorded)) return '';
  return deliberate(step.words, ours, theirs);
}
