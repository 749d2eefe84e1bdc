// The texts of what the reader knows already, and of erasing. Loaded only with the views that show them.
import type { MarkKind, MarkSubject } from '../api/marks';
import { countryName } from '../state/format';
import { many } from './en';

export * from './en';

/** What a mark is about, in words. */
export function subjectInWords(subject: MarkSubject): string {
  switch (subject.of) {
    case 'app':
      return subject.app;
    case 'provider':
      return `${subject.app} with ${subject.operator}`;
    case 'listener':
      return `${subject.app} waiting at ${subject.protocol.toUpperCase()} port ${subject.port}`;
    case 'port':
      return `port ${subject.port}`;
    case 'country':
      return countryName(subject.country);
  }
}

export const kinds: Record<MarkKind, { title: string; about: string }> = {
  known: { title: 'Known', about: 'No news any more: counted, but not listed as new or unusual.' },
  muted: { title: 'Muted', about: 'The same, and its events are folded away.' },
};

export const marked = (subject: MarkSubject, kind: MarkKind) =>
  `${subjectInWords(subject)}: marked as ${kinds[kind].title.toLowerCase()}.`;
export const removed = 'The mark is removed.';
export const cleared = 'All marks are removed.';

export const marking = {
  button: (label: string) => `Mark ${label} as known`,
  change: (label: string, kind: MarkKind) => `${label} is ${kind}: change or remove the mark`,
  title: 'Mark as known',
  what: 'What do you know?',
  how: 'From now on',
  note: 'Note, for yourself',
  noteHint: 'Why it is fine, who asked for it …',
  expires: 'A mark of an app ends by itself when the file of its program changes.',
  save: 'Mark',
  remove: 'Remove the mark',
  cancel: 'Cancel',
  refused: 'This page may only look. Open it with the link that TapMap printed to change something.',
};

export const list = {
  title: 'Marked by you',
  about: 'What you marked is left out of what is new and unusual, never out of the history.',
  none: 'Nothing is marked. The tag beside an app, a country, a port or an event marks it as known.',
  since: (time: string) => `since ${time}`,
  expired: (time: string) => `ended ${time}: the file of its program changed. Mark it again if that was expected.`,
  file: (path: string) => `until ${path} changes`,
  remove: (label: string) => `Remove the mark of ${label}`,
  undo: 'Take the last change back',
};

export const folded = {
  known: (count: number) => `${count} known`,
  muted: (count: number) => many(count, 'muted event'),
};

export const remembered = {
  title: 'What is remembered',
  none: 'Nothing is remembered here.',
  asking: 'Asking the history…',
  failed: 'The history did not answer.',
  flows: (count: string, since: string) => `${count} connections${since ? ` since ${since}` : ''}.`,
  size: (bytes: string) => `${bytes} on the disk.`,
  erase: 'Erase …',
  eraseTitle: 'Erase what is remembered',
  what: 'What is to go?',
  choices: { before: 'What was before a day', app: 'What one app did', all: 'Everything' },
  day: 'Before',
  appName: 'Name of the app',
  marksToo: 'Remove the marks and notes too',
  marksAbout: 'They are kept apart from the history, and stay otherwise.',
  way: 'It can be taken back for 30 seconds. After that it is gone for good.',
  go: 'Erase',
  erased: 'It is erased in 30 seconds.',
  erasedWithMarks: 'It is erased in 30 seconds; the marks are removed.',
};
