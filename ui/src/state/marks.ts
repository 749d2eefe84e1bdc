// What can be marked of what is shown, as plain functions.
import type { DayFacet, Event, Surprise } from '../api/days';
import type { MarkSubject } from '../api/marks';

/** What to mark of a value of a facet; providers are marked with an app only, names not at all. */
export function subjectOfValue(facet: DayFacet, value: string): MarkSubject | null {
  if (facet === 'app') return { of: 'app', app: value };
  if (facet === 'country') return { of: 'country', country: value };
  if (facet === 'port') return { of: 'port', port: Number(value) };
  return null;
}

/** What to mark of something unusual. */
export const subjectOfSurprise = ({ app, operator }: Surprise): MarkSubject =>
  operator === null ? { of: 'app', app } : { of: 'provider', app, operator };

/** What to mark of an event, what fits it closest first, the app itself last; empty where nothing of it can be. */
export function subjectsOfEvent({ app, reasons }: Event): MarkSubject[] {
  const subjects = reasons.map(({ kind, facet, value, protocol }): MarkSubject | null => {
    if (kind === 'site' || kind === 'program_changed') return null;
    if (kind !== 'used')
      return app === null ? null : { of: 'listener', app, protocol: protocol ?? 'tcp', port: Number(value) };
    if (facet === 'operator') return app === null ? null : { of: 'provider', app, operator: value };
    return facet === 'app' ? null : subjectOfValue(facet, value);
  });
  const apps = [
    ...reasons.filter(({ kind, facet }) => kind === 'used' && facet === 'app').map(({ value }) => value),
    ...(app ? [app] : []),
  ];
  const all = [...subjects, ...[...new Set(apps)].map((app): MarkSubject => ({ of: 'app', app }))];
  const seen = new Set<string>();
  return all.filter((subject): subject is MarkSubject => {
    const key = JSON.stringify(subject);
    return subject !== null && !seen.has(key) && Boolean(seen.add(key));
  });
}
