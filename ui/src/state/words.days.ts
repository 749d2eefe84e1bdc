// Days, moments and values of the history as a person reads them, in the browser's language.
import type { DayFacet } from '../api/days';
import { countryName, formatSince } from './format';

const language = typeof navigator === 'undefined' ? 'en' : navigator.language;
// A day has no zone: it is written and read in UTC, whatever the reader's own zone is.
const longDay = new Intl.DateTimeFormat(language, { weekday: 'long', day: 'numeric', month: 'long', timeZone: 'UTC' });
const wholeDay = new Intl.DateTimeFormat(language, { dateStyle: 'full', timeZone: 'UTC' });

/** A day as in `2026-11-25`, with its weekday. */
export const formatDay = (day: string) => longDay.format(Date.parse(`${day}T00:00:00Z`));
/** The same with the year. */
export const formatWholeDay = (day: string) => wholeDay.format(Date.parse(`${day}T00:00:00Z`));

/** A value of a facet: countries by their names in the reader's language. */
export const valueLabel = (facet: DayFacet | string, value: string) =>
  facet === 'country' ? countryName(value) : value;

/** A moment of the wire, with its day when that is not the reader's today. */
export const formatWhen = (moment: string, now: number) => formatSince(Date.parse(moment), now);
