// The marks as runes: which there are, which one is being made, and what can be taken back.
import {
  clearMarks,
  fetchMarks,
  putMark,
  removeMark,
  undoMarks,
  type MarkKind,
  type MarkList,
  type MarkSubject,
} from '../api/marks';
import * as text from '../text/en.marks';
import { toast } from './toast.svelte';

class Marks {
  value = $state.raw<MarkList | null>(null);
  /** Grows with every change, so that what carries marks is asked for anew. */
  changes = $state(0);

  /** Asks for the marks. */
  ask = async (): Promise<void> => {
    this.value = await fetchMarks();
  };

  /** Marks something; throws with the program's sentence when that is refused. */
  async put(subject: MarkSubject, kind: MarkKind, note: string): Promise<void> {
    this.changed(await putMark(subject, kind, note), text.marked(subject, kind));
  }

  /** Removes a mark, with a way back. */
  async remove(id: string): Promise<void> {
    this.changed(await removeMark(id), text.removed);
  }

  /** Removes all marks, with a way back. */
  async clear(): Promise<void> {
    this.changed(await clearMarks(), text.cleared);
  }

  /** Takes the last change back. */
  async undo(revision: string | null = null): Promise<void> {
    this.value = await undoMarks(revision);
    this.changes += 1;
  }

  private changed(value: MarkList, sentence: string): void {
    this.value = value;
    this.changes += 1;
    toast.show(sentence, () => this.undo(value.revision));
  }
}

export const marks = new Marks();
