// Numbers, times and places as a person reads them, in the browser's language.
import type { Remote } from '../api/types';
import * as text from '../text/en';

const language = typeof navigator === 'undefined' ? 'en' : navigator.language;
const number = new Intl.NumberFormat(language);
const decimal = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat(language, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
});
const shortClock = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', hour12: false });
const day = new Intl.DateTimeFormat(language, { weekday: 'short', day: 'numeric', month: 'short' });
const moment = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium', hour12: false });
const regions = new Intl.DisplayNames([language, 'en'], { type: 'region', fallback: 'code' });

/** A whole number with separators. */
export const formatCount = (value: number) => number.format(value);

/** A country's name from its two letters; the letters themselves where no name is known. */
export function countryName(code: string): string {
  return /^[A-Z]{2}$/.test(code) ? (regions.of(code) ?? code) : code;
}

/** Bytes in steps of 1,000: `999 B`, `1.2 MB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 10 && unit > 0 ? decimal.format(value) : number.format(Math.round(value))} ${units[unit]}`;
}

/** Milliseconds of a round trip. */
export function formatMilliseconds(value: number): string {
  return `${value < 10 ? decimal.format(value) : number.format(Math.round(value))} ms`;
}

/** Kilometres. */
export const formatKilometres = (value: number) => `${number.format(Math.round(value))} km`;

/** A time of day with seconds. */
export const formatTime = (milliseconds: number) => clock.format(milliseconds);

/** A time of day, with the day in front when it is not the day of `now`. */
export function formatSince(milliseconds: number, now: number): string {
  const isToday = new Date(milliseconds).toDateString() === new Date(now).toDateString();
  return isToday ? shortClock.format(milliseconds) : `${day.format(milliseconds)} ${shortClock.format(milliseconds)}`;
}

/** Date and time in full. */
export const formatMoment = (milliseconds: number) => moment.format(milliseconds);

/** How long something lasts, in its largest unit: `4 s`, `3 min`, `2 h`, `5 d`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** How long something lasted, which may be less than a second: `250 ms`, `4 s`. */
export const formatLength = (milliseconds: number) =>
  milliseconds < 1000 ? formatMilliseconds(milliseconds) : formatDuration(milliseconds);

/** An interval between looks: `0.1 s`, `1 s`. */
export const formatInterval = (milliseconds: number) => `${decimal.format(milliseconds / 1000)} s`;

/** A point in degrees: `52.52, 13.40`. */
export const formatPoint = ({ latitude, longitude }: { latitude: number; longitude: number }) =>
  `${latitude.toFixed(2)}, ${longitude.toFixed(2)}`;

/** How sure a place is, in words. */
export function formatAccuracy(remote: Remote): string {
  if (remote.precision === 'country') return text.accuracy.country;
  if (remote.accuracy_km === null) return text.accuracy.unknown;
  const km = formatKilometres(remote.accuracy_km);
  return remote.precision === 'region' ? text.accuracy.region(km) : text.accuracy.within(km);
}

/** An address and a port as one writes them: `1.2.3.4:443`, `[2001:db8::1]:443`. */
export function formatEndpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Great-circle distance in kilometres on a sphere of radius 6,371 km (haversine). */
export function distanceKm(
  from: { latitude: number; longitude: number },
  to: { latitude: number; longitude: number },
): number {
  const radians = Math.PI / 180;
  const halfLatitude = Math.sin(((to.latitude - from.latitude) * radians) / 2);
  const halfLongitude = Math.sin(((to.longitude - from.longitude) * radians) / 2);
  const chord =
    halfLatitude ** 2 + Math.cos(from.latitude * radians) * Math.cos(to.latitude * radians) * halfLongitude ** 2;
  return 2 * 6371 * Math.asin(Math.sqrt(Math.min(1, chord)));
}
