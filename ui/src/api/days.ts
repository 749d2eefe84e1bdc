// What is asked of the history: insights, reports, events, the rows behind them, and how much went on
// when. Loaded only with the views that show it.
import { request, RequestError } from './client';
import type { components } from './schema';

type Schemas = components['schemas'];

/** What stands out on a day. */
export type Insights = Schemas['Insights'];
/** What stands out in one facet. */
export type FacetInsight = Schemas['FacetInsight'];
/** One value of a facet and when it was used. */
export type Habit = Schemas['Habit'];
/** What lies above the usual. */
export type Surprise = Schemas['Surprise'];
/** What keeps time on a day. */
export type Rhythms = Schemas['Rhythms'];
/** What went on today while nobody was at the computer. */
export type Absences = Schemas['Absences'];
/** The report of a day. */
export type Report = Schemas['Report'];
/** A value with its class and what it and those before it cover. */
export type ReportItem = Schemas['ReportItem'];
/** A sentence, its parts and what it states. */
export type Sentence = Schemas['Sentence'];
/** What a sentence states. */
export type Claim = Schemas['Claim'];
/** That one app used one value of a facet on one day. */
export type DayUse = Schemas['DayUse'];
/** A page of significant events. */
export type Events = Schemas['Events'];
/** Something that was new. */
export type Event = Schemas['Event'];
/** A connection as it was recorded. */
export type RecordedFlow = Schemas['RecordedFlow'];
/** A page of recorded connections. */
export type RecordedFlows = Schemas['RecordedFlows'];
/** How much began and went through, slot by slot. */
export type Timeline = Schemas['Timeline'];
/** A stretch of time that was not observed. */
export type UnobservedTime = Schemas['UnobservedTime'];
/** What days are counted by. */
export type DayFacet = Schemas['DayUse']['facet'];
/** How regular something is. */
export type Recurrence = ReportItem['recurrence'];

/** Which recorded connections: those that a filter fits, between two moments in milliseconds since 1970. */
export interface Rows {
  readonly filter: string;
  readonly from: number | null;
  readonly to: number | null;
}

const BASE = '/api/v1';
/** How many rows a page holds. */
const PAGE = 100;

const iso = (milliseconds: number) => new Date(milliseconds).toISOString();

function query(parameters: Record<string, string | null | undefined>): string {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return given.length > 0 ? `?${new URLSearchParams(given)}` : '';
}

/** What stands out today. */
export const fetchInsights = () => request<Insights>('GET', '/insights');
/** What recurs at regular intervals today. */
export const fetchRhythms = () => request<Rhythms>('GET', '/insights/rhythms');
/** What went on today while nobody was at the computer. */
export const fetchAbsences = () => request<Absences>('GET', '/insights/away');
/** The report of a day as in `2026-11-25`, or of today; held against another day where one is given. */
export const fetchReport = (day: string | null, compare: string | null) =>
  request<Report>('GET', `/report/${encodeURIComponent(day ?? 'today')}${query({ compare })}`);
/** A page of events that have a text in them, the latest first. */
export const fetchEvents = (text: string, before: string | null) =>
  request<Events>('GET', `/events${query({ q: text.trim(), before, limit: '200' })}`);
/** The events from one day to another, both as in `2026-11-25`; the latest 1,000. */
export const fetchEventsOfDays = (from: string, to: string) =>
  request<Events>('GET', `/events${query({ from, to, limit: '1000' })}`);
/** The rows of days behind a claim, by the path that it carries. */
export async function fetchDays(path: string): Promise<readonly DayUse[]> {
  const { items } = await request<{ items: DayUse[] }>('GET', path.slice(path.startsWith(BASE) ? BASE.length : 0));
  return items;
}
/** A page of recorded connections, the latest first. */
export const fetchRows = ({ filter, from, to }: Rows, before: string | null) =>
  request<RecordedFlows>(
    'GET',
    `/flows${query({
      from: iso(from ?? 0),
      to: to === null ? null : iso(to),
      filter,
      before,
      limit: String(PAGE),
    })}`,
  );
/** How much began between two moments, in slots of a length such as `5m`. */
export const fetchTimeline = (from: number, to: number, bucket: string) =>
  request<Timeline>('GET', `/timeline${query({ from: iso(from), to: iso(to), bucket })}`);
/** The same hour by hour, of what a filter fits. */
export const fetchHours = (filter: string, from: number, to: number) =>
  request<Timeline>('GET', `/timeline${query({ from: iso(from), to: iso(to), bucket: '1h', filter })}`);

/** Whether a request failed because nothing is remembered here. */
export const isWithoutHistory = (error: unknown) => error instanceof RequestError && error.status === 404;

/** How much is remembered. */
export type HistoryStats = Schemas['HistoryStats'];
/** What is to be erased: what was before a day, what an app did, or all; nothing else. */
export type Forget = Schemas['Forget'];

/** How much is remembered. */
export const fetchHistory = () => request<HistoryStats>('GET', '/history');
/** Hides what is to be erased, and erases it half a minute later; answers with what names it. */
export const forgetHistory = (what: Partial<Forget>) => request<Schemas['Forgetting']>('POST', '/history/forget', what);
/** Takes that back. */
export const restoreHistory = (id: string) =>
  request<unknown>('DELETE', `/history/forget?id=${encodeURIComponent(id)}`);
