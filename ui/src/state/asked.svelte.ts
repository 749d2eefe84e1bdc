// An answer of the program as runes: what came last, and what went wrong since. An answer that was
// overtaken by a later question is dropped.

/** One question and its last answer. */
export class Asked<T> {
  value = $state.raw<T | null>(null);
  error = $state.raw<unknown>(null);
  asking = $state(false);
  private turn = 0;

  /** Asks; the last answer stays until the new one is there. */
  async ask(question: () => Promise<T>): Promise<void> {
    const turn = (this.turn += 1);
    this.asking = true;
    try {
      const value = await question();
      if (turn !== this.turn) return;
      this.value = value;
      this.error = null;
    } catch (error) {
      if (turn === this.turn) this.error = error;
    } finally {
      if (turn === this.turn) this.asking = false;
    }
  }
}
