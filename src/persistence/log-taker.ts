/**
 * LogTaker: takes effects for the log: adds them to its frames, and tells Holding that they are not safe yet. Those of a script that is
 * suspended are set aside, so that all of them stand in one frame, and that what others have done is not held until the script ends.
 *
 *   [ frame 7: others' | the script's )   --setAside-->   [ frame 7: others' )  ...  --putBack-->  [ frame 9: the script's )
 */
import type { EffectTaker } from '../../commands/effects.js';
import type { Bytes } from '../../storage/memory/bytes.js';
import type { FrameWriter } from './frame-writer.js';
import type { Holding } from './holding.js';

export class LogTaker implements EffectTaker {
  private readonly frames: FrameWriter;
  private readonly holding: Holding;
  /** Has what was gathered written at the end of this round of the event loop. */
  private readonly book: () => void;

  constructor(frames: FrameWriter, holding: Holding, book: () => void) {
    this.frames = frames;
    this.holding = holding;
    this.book = book;
  }

  take(db: number, argv: readonly Bytes[], argc: number): void {
    const { frames, holding } = this;
    frames.add(db, argv, argc);
    holding.sequence = frames.sequence;
    holding.unsafe = true;
    this.book();
  }

  mark(): void {
    this.frames.mark();
  }

  setAside(): void {
    const { frames, holding } = this;
    frames.setAside();
    holding.sequence = frames.sequence;
    holding.unsafe = holding.sequence > holding.safe;
  }

  putBack(): void {
    const { frames, holding } = this;
    if (!frames.putBack()) return;
    holding.sequence = frames.sequence;
    holding.unsafe = true;
    this.book();
  }
}
