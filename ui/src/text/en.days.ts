// The texts of what is remembered: insights, report, events, recorded connections and the timeline.
// Loaded only with the views that show them.
import type { Claim, DayFacet, Recurrence, Rhythms, Surprise, UnobservedTime } from '../api/days';
import type { Range, ReasonWord } from '../state/days';
import { many } from './en';

export * from './en';

type Explanation = NonNullable<Rhythms['items'][number]['explanation']>;

/** The facets in the order they are shown. */
export const dayFacets: Record<DayFacet, { title: string; one: string; none: string }> = {
  app: { title: 'Apps', one: 'app', none: 'No app is new.' },
  operator: { title: 'Providers', one: 'provider', none: 'No provider is new.' },
  country: { title: 'Countries', one: 'country', none: 'No country is new.' },
  port: { title: 'Ports', one: 'port', none: 'No port is new.' },
  name: { title: 'Names', one: 'name', none: 'No name is new.' },
};

export const history = {
  loading: 'Asking the history…',
  failed: 'The history did not answer.',
  again: 'Try again',
  offTitle: 'Nothing is remembered here',
  off: 'Recording of the history is switched off. Start TapMap without --no-history, and set “enabled” under [history] in the configuration file if it says otherwise.',
  replayTitle: 'A recording is not remembered',
  replay: 'A recording that is played leaves the history alone. Start TapMap without one to see its insights.',
  emptyTitle: 'Nothing to tell yet',
  empty: 'TapMap has begun to record. What uses the internet from now on appears here.',
};

export const strip = {
  days: (used: number) => `${used} of 30 days`,
  watched: (used: number, watched: number) => `${used} of 30 days; TapMap recorded on ${many(watched, 'day')} of them`,
  today: 'today at the right',
  legend: 'Each strip is 30 days, the last one at the right: filled is used, outlined is not, a dot is not recorded.',
};

export const insights = {
  title: 'Insights',
  today: (day: string) => `What stands out on ${day}, held against the 29 days before.`,
  learning: (day: number, needed: number) =>
    `Learning: day ${day} of ${needed}. Until then much is new, and nothing is called unusual.`,
  watched: (days: number) => `TapMap recorded on ${days} of the last 30 days.`,
  gap: (time: string, parts: number) =>
    `${time} of the day went unwatched, in ${many(parts, 'stretch', 'stretches')}: nothing seen there does not mean that nothing was.`,
  noGap: 'The whole day so far was watched.',
  newToday: 'New today',
  newAbout: 'Used today and on none of the 29 days before.',
  nothingNew: 'Nothing is new today.',
  frequent: 'Most frequent',
  frequentAbout: 'Used on the most of 30 days; the first five, and all that tie with the fifth.',
  nothingFrequent: 'Nothing has been used yet.',
  more: (count: number) => `Show ${count} more`,
  fewer: 'Show fewer',
  connections: (count: number) => many(count, 'connection'),
  today24: (flows: number, bytes: string) => `${many(flows, 'connection')} today, ${bytes}`,
  noneToday: 'not today',
  first: (time: string) => `first ${time}`,
  last: (time: string) => `last ${time}`,
  surprises: 'More than usual',
  surprisesAbout: 'Measured against the same kind of day where there are enough of them.',
  noSurprises: 'Nothing lies above its usual range.',
  noSurprisesYet: (needed: number) => `What is usual shows after ${many(needed, 'recorded day')}.`,
  listeners: 'New open ports',
  noListeners: 'No port is open today that was not before.',
  listener: (protocol: string, endpoint: string) => `${protocol} ${endpoint}`,
  still: 'open',
  closed: 'closed again',
  rhythms: 'Keeps time',
  rhythmsAbout: 'What turns to the same place at regular intervals.',
  noRhythms: 'Nothing recurs at regular intervals today.',
  rhythmsPartly: 'There are too many connections today to look at all of them.',
  away: 'While you were away',
  awayAbout: 'What was connected while the screen was locked or nobody touched the computer.',
  neverAway: 'No time of absence is known of today.',
  awayUnknown: (why: string) => `Whether anybody is there is not known. ${why}`,
  awayPartly: 'There are too many connections to look at all of them.',
  awayWhy: { locked: 'screen locked', idle: 'nobody touched it' },
  awayNothing: 'Nothing was connected to a public address.',
  awayDid: (flows: number, begun: number, bytes: string) =>
    begun > 0
      ? `${many(flows, 'connection')}, ${begun} new then, ${bytes}`
      : `${many(flows, 'connection')}, open before`,
  awayMore: (count: number) => `${many(count, 'more app')}`,
  every: (period: string, jitter: string) => `every ${period}, give or take ${jitter}`,
  intervals: (count: number) => `${many(count, 'interval')}`,
  all: 'All insights',
  open: (label: string) => `Show the connections of ${label}`,
};

/** The picture of hours and days. */
export const hours = {
  show: '30 days, hour by hour',
  label: ({ hours, days }: { hours: number[]; days: number }) =>
    `Picture of 30 days by hours: on ${many(days, 'day')}${hours.length > 0 ? `, mostly from ${hours.map((hour) => `${hour}:00`).join(', ')}` : ''}`,
  cell: (hour: number, flows: number) => `${hour}:00: ${many(flows, 'connection')}`,
  caption: ({ hours, days }: { hours: number[]; days: number }) =>
    `On ${days} of 30 days; today at the right, midnight on top. ${hours.length > 0 ? `Most from ${hours.map((hour) => `${hour}:00`).join(', ')}. ` : ''}A stroke is an hour that went unwatched.`,
};

export const explanations: Record<Explanation, string> = {
  time_sync: 'probably sets the clock',
  push_keep_alive: 'probably keeps a line open for messages',
  update_check: 'probably looks for updates',
};

export const measures: Record<Surprise['measure'], { what: string }> = {
  flows: { what: 'connections' },
  sent: { what: 'sent' },
  received: { what: 'received' },
};

/** The parts of a surprise: who, today's number, the usual ones. */
export const surprise = {
  who: ({ app, operator }: Surprise) => (operator ? `${app} to ${operator}` : app),
  today: (number: string, what: string) => `${number} ${what} today`,
  usual: (median: string, upTo: string) => `usually about ${median}, up to ${upTo}`,
  days: (count: number, sameKind: boolean) =>
    `from ${many(count, 'day')}${sameKind ? ' of the same kind (weekday or weekend)' : ''}`,
};

export const report = {
  title: 'Daily report',
  of: (day: string) => `Report of ${day}`,
  earlier: 'Previous day',
  later: 'Next day',
  latest: 'Today',
  compare: 'Compare with',
  compared: (day: string, other: string) => `${day} and ${other}`,
  countriesMap: 'Countries on the map',
  countriesLabel: (count: number) => `Map of ${many(count, 'country', 'countries')}; the list below names them.`,
  countriesAbout: 'The larger the dot, the more of the 30 days. It stands where the name of the country is written.',
  comparedNone: 'Neither day is remembered.',
  comparedAll: 'Show all values',
  none: 'No day before this one is remembered.',
  subjects: {
    history: 'How much there is to go by',
    today: 'New on this day',
    pattern: 'How much comes again',
    apps: 'Apps',
    providers: 'Providers',
    countries: 'Countries',
    ports: 'Ports',
  },
  show: 'Show the rows behind this',
  rows: 'The rows behind this',
  rowsLoading: 'Asking for the rows…',
  rowsNone: 'No rows: nothing of the kind was used in these 30 days.',
  rowsCount: (values: number, rows: number) => `${many(values, 'value')} in ${many(rows, 'row')}`,
  rowsHead: { value: 'Value', days: 'Days', strip: '30 days', flows: 'Connections', apps: 'By' },
  others: (count: number) => `and ${count} more`,
  allOf: (facet: DayFacet) => `Every ${dayFacets[facet].one} of the 30 days`,
  byRecurrence: 'Apps by how often they come',
  ranges: (from: number, to: number, of: number) =>
    from === to ? `on ${from} of ${many(of, 'day')}` : `on ${from}–${to} of ${many(of, 'day')}`,
  share: (percent: string) => `${percent} %`,
  curve: 'Few or many providers',
  curveLabel: (providers: number, half: number, most: number) =>
    `Curve: of ${many(providers, 'provider')}, the first ${half} ${half === 1 ? 'has' : 'have'} half of all provider days, the first ${most} four fifths.`,
  curveAxisX: 'providers, the most frequent first',
  curveAxisY: 'share of days',
  half: (count: number) => `50 %: ${many(count, 'provider')}`,
  most: (count: number) => `80 %: ${many(count, 'provider')}`,
  table: 'All as a table',
  countries: 'Countries by days',
  ports: 'Ports by days',
  days: (days: number) => many(days, 'day'),
  unwatched: (time: string) => `${time} of this day went unwatched.`,
};

export const recurrences: Record<Recurrence, { title: string; about: string }> = {
  stable: { title: 'Stable', about: 'nearly every day' },
  recurring: { title: 'Recurring', about: 'every few days' },
  occasional: { title: 'Occasional', about: 'now and then' },
  seen_once: { title: 'Seen once', about: 'on a single day' },
};

/** What a claim counts, as the heading of its rows. */
export function claimInWords({ figure, facet, percent, class: kind }: Claim): string {
  const title = facet ? dayFacets[facet].title : 'Apps, providers, countries and ports';
  switch (figure) {
    case 'history_days':
      return 'All that was used, day by day';
    case 'all':
      return `${title} used in the 30 days`;
    case 'new_today':
      return `${title} of this day that none of the 29 days before knows`;
    case 'class':
      return `${title}: ${kind ? recurrences[kind].title.toLowerCase() : ''}`;
    case 'frequent':
      return `${title} that are stable or recurring`;
    case 'frequent_percent':
      return 'Days of apps and countries';
    case 'needed_for':
      return `${title} that have ${percent ?? 0} % of the days`;
    case 'days_of_value':
      return 'The days it was used on';
  }
}

export const events = {
  title: 'Events',
  about: 'What this computer met for the first time, or again after 30 days or more.',
  search: 'Search events',
  searchHint: 'Words, or app:, country:NO, port:22, since:7d …',
  save: 'Save as CSV',
  reasons: 'Kinds',
  reason: {
    app: 'New app',
    operator: 'New provider',
    country: 'New country',
    port: 'New port',
    name: 'New name',
    listening: 'New open port',
    inbound: 'First from outside, port',
    site: 'New site',
    program_changed: 'Program replaced, as by an update:',
  } satisfies Record<ReasonWord, string>,
  kinds: {
    app: 'Apps',
    operator: 'Providers',
    country: 'Countries',
    port: 'Ports',
    name: 'Names',
    listening: 'Open ports',
    inbound: 'From outside',
    site: 'Sites',
    program_changed: 'Programs',
  } satisfies Record<ReasonWord, string>,
  moreReasons: (count: number) => `${count} more`,
  back: (days: number) => `back after ${many(days, 'day')}`,
  count: (shown: number, all: number) => (shown === all ? many(all, 'event') : `${shown} of ${many(all, 'event')}`),
  learning: (observed: number, needed: number) =>
    `Learning: day ${observed + 1} of ${needed}. So far everything is new; events begin when it is known what is usual.`,
  none: 'No events yet.',
  noneFound: 'No event fits. Other words or kinds may.',
  more: 'Show earlier events',
  unknownApp: 'an app that was not identified',
  by: (app: string) => `by ${app}`,
  connections: (count: number) => many(count, 'connection'),
};

export const rows = {
  title: 'Recorded connections',
  range: (from: string, to: string) => `${from} – ${to}`,
  since: (from: string) => `since ${from}`,
  fields: {
    app: 'App',
    operator: 'Provider',
    country: 'Country',
    port: 'Port',
    name: 'Name',
    address: 'Address',
    direction: 'Direction',
  } as Record<string, string>,
  count: (count: number, more: boolean) => (more ? `The latest ${count} connections` : many(count, 'connection')),
  none: 'No connection of that time is kept. Days that were imported have no connections, and the oldest are erased in time.',
  more: 'Show earlier ones',
  onMap: 'Open ones on the map',
  inTable: 'in the table',
  lasted: (time: string) => `for ${time}`,
  stillOpen: 'still open',
  inbound: 'opened from outside',
  unseen: 'end not seen',
};

export const timeline = {
  title: 'When it went on',
  label: 'Connections that began, slot by slot',
  ranges: { hour: '1 h', day: '24 h', week: '7 d', month: '30 d' } satisfies Record<Range, string>,
  rangesLong: {
    hour: 'the last hour',
    day: 'the last 24 hours',
    week: 'the last 7 days',
    month: 'the last 30 days',
  } satisfies Record<Range, string>,
  range: 'Range',
  summary: (flows: number, range: string, gaps: number) =>
    `${many(flows, 'connection')} began in ${range}.${gaps > 0 ? ` ${many(gaps, 'stretch', 'stretches')} went unwatched (hatched).` : ''}`,
  from: 'From',
  until: 'Until',
  slot: (time: string, flows: number, gap: boolean, fresh: number) =>
    `${time}: ${many(flows, 'connection')}${fresh > 0 ? `, ${fresh} new` : ''}${gap ? ', not fully watched' : ''}`,
  fresh: (time: string, count: number) => `${time}: ${count} new`,
  partly: (count: number) => `The latest ${count} of them are shown.`,
  show: 'List them',
  clear: 'Back to now',
  picked: (from: string, to: string, flows: number) => `${from} – ${to}: ${many(flows, 'connection')}`,
  hint: 'Drag over the bars to pick a time',
  unwatched: 'not watched',
};

export const why: Record<UnobservedTime['why'], string> = {
  source_failed: 'looking failed',
  overrun: 'too much at once',
  asleep: 'the computer slept',
  not_running: 'TapMap did not run',
  not_kept: 'it could not be kept',
  clock_set: 'the clock was set',
};
