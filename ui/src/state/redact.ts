// Lists that can be given to others: hosts, users, addresses and paths are called by numbers instead, always the same
// one for the same thing within one list. Apps, operators, countries and ports stay.
import type { Event } from '../api/days';
import type { Flow } from './flow';

/** Something that was replaced, and by what. */
export interface Replaced {
  readonly original: string;
  readonly by: string;
}

/** The numbers that were given out. */
export class Pseudonyms {
  private readonly known = new Map<string, Replaced>();
  private readonly counts = new Map<string, number>();

  /** What something is called instead: `host-1`. */
  of(kind: string, original: string): string {
    const key = `${kind}/${original}`;
    const before = this.known.get(key);
    if (before) return before.by;
    const number = (this.counts.get(kind) ?? 0) + 1;
    this.counts.set(kind, number);
    const by = `${kind}-${number}`;
    this.known.set(key, { original, by });
    return by;
  }

  /** All that was replaced, in the order of the first meeting. */
  get all(): Replaced[] {
    return [...this.known.values()];
  }
}

const isEveryones = (address: string) => /^(127\.|0\.0\.0\.0$|::1?$)/.test(address);

/** A connection without what is private. */
export function redactFlow(flow: Flow, pseudonyms: Pseudonyms): Flow {
  const known = (kind: string, text: string | null) => (text === null ? null : pseudonyms.of(kind, text));
  const address = (text: string) => (isEveryones(text) ? text : pseudonyms.of('address', text));
  // What is not far away is where this computer is.
  const place = flow.remote.scope === 'public' ? {} : { country: null, city: null, latitude: null, longitude: null };
  return {
    ...flow,
    localAddress: address(flow.localAddress),
    remote: { ...flow.remote, ...place, address: address(flow.remote.address) },
    owner: { ...flow.owner, executable: known('path', flow.owner.executable), user: known('user', flow.owner.user) },
    name: flow.name && {
      ...flow.name,
      candidates: flow.name.candidates.map((name) => pseudonyms.of('host', name)),
      aliases: flow.name.aliases.map((name) => pseudonyms.of('host', name)),
    },
  };
}

/** An event without what is private: its sites and what was written about it. */
export function redactEvent(event: Event, pseudonyms: Pseudonyms): Event {
  const reasons = event.reasons.map((reason) => {
    if (reason.facet === 'name') return { ...reason, value: pseudonyms.of('site', reason.value) };
    if (reason.kind === 'program_changed') return { ...reason, value: pseudonyms.of('path', reason.value) };
    return reason;
  });
  return { ...event, reasons, mark: event.mark && { ...event.mark, note: '' } };
}
