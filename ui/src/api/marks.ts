// What is known already: the marks, and how they are changed. Loaded only with the views that show them.
import { request } from './client';
import type { components } from './schema';

type Schemas = components['schemas'];

/** All marks. */
export type MarkList = Schemas['Marks'];
/** One of them. */
export type Mark = Schemas['Mark'];
/** The mark that something carries. */
export type Marked = Schemas['Marked'];
/** What a mark is about. */
export type MarkSubject = Schemas['MarkSubject'];
/** What a mark does. */
export type MarkKind = Schemas['MarkKind'];

/** All marks, the latest first. */
export const fetchMarks = () => request<MarkList>('GET', '/marks');
/** Marks something; answers with all marks. */
export const putMark = (subject: MarkSubject, kind: MarkKind, note: string) =>
  request<MarkList>('PUT', '/marks', { subject, kind, note });
/** Removes one mark. */
export const removeMark = (id: string) => request<MarkList>('DELETE', `/marks?id=${encodeURIComponent(id)}`);
/** Removes all marks. */
export const clearMarks = () => request<MarkList>('DELETE', '/marks?all=true');
/** Takes the last change back; with a revision only when no other change came after it. */
export const undoMarks = (revision: string | null) => request<MarkList>('POST', '/marks/undo', { revision });
