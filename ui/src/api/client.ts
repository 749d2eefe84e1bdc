// Single requests to the program. Same origin only; what changes something carries the token.
import type { About, Coverage, DataSet, OwnPlace, Snapshot, Status } from './types';

const BASE = '/api/v1';
const TOKEN_KEY = 'tapmap-token';

/** A request that the program refused, with the sentence it gave. */
export class RequestError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** What to tell of something that failed: the program's sentence where it gave one. */
export const sentenceOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/**
 * Takes the token out of the address (`#t=…`, put there by the link that the program opens) and
 * keeps it for this tab, so that it is neither bookmarked nor shown.
 */
export function adoptToken(): void {
  const match = /^#t=([\w-]+)(?:&(.*))?$/.exec(location.hash);
  if (!match) return;
  sessionStorage.setItem(TOKEN_KEY, match[1]);
  history.replaceState(null, '', match[2] ? `#${match[2]}` : location.pathname + location.search);
}

/** Whether this tab was opened by the program's own link and may change things. */
export function mayChange(): boolean {
  return sessionStorage.getItem(TOKEN_KEY) !== null;
}

/** Asks the program; a refusal is an error with its sentence. */
export async function request<T>(method: string, path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  const token = sessionStorage.getItem(TOKEN_KEY);
  if (method !== 'GET' && token) headers['x-tapmap-token'] = token;
  const response = await fetch(BASE + path, {
    method,
    headers,
    cache: 'no-store',
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!response.ok) {
    const problem = (await response.json().catch(() => null)) as { detail?: string; title?: string } | null;
    throw new RequestError(response.status, problem?.detail ?? problem?.title ?? response.statusText);
  }
  return (response.status === 204 ? null : await response.json()) as T;
}

/** What of the live state is sent only to a page that shows it: bytes and round-trip times; what ended. */
export interface Wanted {
  readonly counters: boolean;
  readonly ended: boolean;
}

/** Everything that is open now, and what ended lately when that is wanted. */
export const fetchSnapshot = ({ ended }: Wanted) => request<Snapshot>('GET', `/snapshot?ended=${ended}`);
/** The program's account of itself. */
export const fetchStatus = () => request<Status>('GET', '/status');
/** What the recorder can see, and how much of what went on it saw. */
export const fetchCoverage = () => request<Coverage>('GET', '/coverage');
/** Version, licence and credits. */
export const fetchAbout = () => request<About>('GET', '/about');
/** Sets this computer's place. */
export const chooseOwnPlace = (latitude: number, longitude: number) =>
  request<OwnPlace>('PUT', '/own-place', { latitude, longitude });
/** Forgets the chosen place; answers with what is known without it. */
export const forgetOwnPlace = () => request<OwnPlace | null>('DELETE', '/own-place');
/** Looks for location data files again. */
export const recheckData = () => request<{ data: DataSet[] }>('POST', '/geo/recheck', {});

/** The address of the stream of changes after a moment. */
export const streamUrl = (epoch: string, seq: number, { counters, ended }: Wanted) =>
  `${BASE}/stream?counters=${counters}&ended=${ended}&after=${encodeURIComponent(`${epoch}-${seq}`)}`;
