// What was recorded between two moments, page by page.
import { fromRecord, type Past, type Period } from '../state/past';
import { request } from './client';
import type { RecordedFlows } from './days';

/** How many connections are shown of a stretch at most. */
const MOST = 5000;
/** How many come at a time. */
const PAGE = 1000;

/** The latest connections that were open between two moments. */
export async function fetchPast({ from, to }: Period): Promise<Past> {
  const items: RecordedFlows['items'] = [];
  let next: string | null = null;
  do {
    const query = new URLSearchParams({
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      limit: String(PAGE),
      ...(next === null ? {} : { before: next }),
    });
    const page: RecordedFlows = await request('GET', `/flows?${query}`);
    items.push(...page.items);
    next = page.next;
  } while (next !== null && items.length < MOST);
  return { from, to, flows: items.map(fromRecord), partly: next !== null };
}
