// What was just done, told for half a minute with a way to take it back.
import { sentenceOf } from '../api/client';

/** How long it is told, in milliseconds. */
const SHOWN = 30_000;

class Toast {
  /** The sentence; `null` while there is nothing to tell. */
  sentence = $state<string | null>(null);
  /** Whether it can be taken back. */
  canUndo = $state(false);
  private way: (() => Promise<void>) | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** Tells it, in place of what was told before. */
  show(sentence: string, undo: (() => Promise<void>) | null = null): void {
    this.sentence = sentence;
    this.way = undo;
    this.canUndo = undo !== null;
    this.resume();
  }

  /** Stays as long as the reader is at it. */
  pause = (): void => clearTimeout(this.timer);

  /** Goes after its time. */
  resume = (): void => {
    clearTimeout(this.timer);
    this.timer = setTimeout(this.close, SHOWN);
  };

  /** Goes at once. */
  close = (): void => {
    clearTimeout(this.timer);
    this.sentence = null;
    this.way = null;
  };

  /** Does something, or says why that was refused. */
  attempt = async (change: () => Promise<void>): Promise<void> => {
    try {
      await change();
    } catch (error) {
      this.show(sentenceOf(error));
    }
  };

  /** Takes it back. */
  undo = async (): Promise<void> => {
    const way = this.way;
    if (way) await this.attempt(() => way().then(this.close));
  };
}

export const toast = new Toast();
