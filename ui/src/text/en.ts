// Every text of the page in one place, in English, but for those of views that are loaded only when
// they are asked for: en.more.ts. A translation is two files of the same shape.
import type { Protocol, Role, Scope, Sight, State } from '../api/types';
import type { Facet } from '../state/filter';
import type { List } from '../state/places';
import type { View } from '../state/route';

const whole = new Intl.NumberFormat('en');

/** A count with its noun: `1 place`, `1,204 places`. */
export function many(count: number, one: string, more = `${one}s`): string {
  return `${whole.format(count)} ${count === 1 ? one : more}`;
}

/** Names in a sentence: `a, b and c`. */
export function listed(names: readonly string[]): string {
  return new Intl.ListFormat('en', { type: 'conjunction' }).format(names);
}

export const product = 'TapMap';

export const views: Record<View, string> = {
  map: 'Map',
  table: 'Table',
  insights: 'Insights',
  report: 'Report',
  events: 'Events',
  local: 'Local',
  coverage: 'Coverage',
  about: 'About',
};

export const top = {
  views: 'Views',
  search: 'Search connections',
  searchHint: 'App, name, address, operator, country, city, port',
  clearSearch: 'Clear the search',
  live: 'Live',
  playing: 'Playing',
  paused: 'Paused',
  news: (count: number) => `, ${count} new`,
  pause: 'Pause: keep the page as it is now',
  resume: 'Go on: show what is open now',
  lost: 'Reconnecting',
  demo: 'Demo',
  demoLong: 'An invented day, not this computer',
  replay: 'Replay',
  replayLong: 'A recording, not what is open now',
  toLight: 'Switch to the light theme',
  toDark: 'Switch to the dark theme',
  open: 'open',
  places: (count: number) => (count === 1 ? 'place' : 'places'),
  results: (count: number) => `${many(count, 'connection')} shown`,
  skip: 'Skip to the content',
  keys: 'Keys',
  overview: 'What is open now',
};

export const facets: Record<Facet, string> = {
  app: 'Apps',
  operator: 'Providers',
  country: 'Countries',
  port: 'Ports',
  network: 'Networks',
};

export const facet = {
  title: 'Filters',
  connections: (count: number) => (count === 1 ? 'connection' : 'connections'),
  of: (total: number) => `of ${whole.format(total)} connections`,
  clear: 'Clear',
  saved: 'Saved filters',
  close: 'Close the filters',
  more: (count: number) => `${whole.format(count)} more`,
  fewer: 'Show fewer',
  unknownApp: 'Not identified',
  unknownOperator: 'No operator',
  ownNetwork: 'This computer’s own',
  otherNetwork: (number: string) => `Another network (${number})`,
  outOf: (total: number) => `of ${whole.format(total)}`,
  none: 'Nothing yet',
};

export const watch = {
  start: 'Watch from now',
  startHint: 'Empty the view and show only what appears from this moment',
  on: (time: string) => `New since ${time}`,
  stop: 'Show all',
};

export const map = {
  label:
    'World map of connections. Right and left bracket step through the places, Enter opens one, arrows move the map, plus and minus zoom, 0 shows all places, V changes the projection.',
  summary: (connections: number, places: number, top: string) =>
    `${many(connections, 'connection')} to ${many(places, 'place')}${top ? `, most of them ${top}` : ''}. The Table view holds the same data as rows.`,
  home: (place: string, source: string) => `This computer is taken to be at ${place}, ${source}.`,
  projection: 'Projection',
  projections: { flat: 'Map', globe: 'Globe', distance: 'Distance' },
  view: 'Map view',
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  fit: 'Show all places',
  step: (label: string, count: number) => `${label}: ${many(count, 'connection')}`,
  tipCountry: 'Click to filter',
  notOnMap: 'Not on the map',
  credit: 'IP Geolocation by DB-IP',
  pick: 'Click where this computer is',
  pickHint: 'Arrows move the map; Enter takes its centre; Esc leaves everything as it is.',
  cancel: 'Cancel',
  plain: 'Drawn without a graphics card',
  plainLong: 'The browser offers no graphics processor, so the map is drawn in 2D. It shows the same.',
  failed: 'The map could not be drawn here. The Table view shows the same connections.',
};

export const lists: Record<List, { short: string; title: string; about: string; none: string }> = {
  lan: {
    short: 'Local network',
    title: 'Local network',
    about:
      'Devices near by: routers, printers, other computers. Their addresses are used in every home, so they have no place on a map.',
    none: 'No connection to a device on the local network right now.',
  },
  local: {
    short: 'This computer',
    title: 'This computer',
    about: 'Programs on this computer that talk to each other. Nothing leaves the machine here.',
    none: 'No program here talks to another one right now.',
  },
  nowhere: {
    short: 'No location',
    title: 'No location',
    about:
      'Addresses for which the location data has no answer, and those inside a carrier’s or another private network. They are kept here rather than drawn somewhere wrong.',
    none: 'Every public address has a place right now.',
  },
  anycast: {
    short: 'Many places',
    title: 'Served from many places',
    about:
      'One address, answered by whichever of the operator’s sites is nearest. A single place would be a guess, so it has none.',
    none: 'No connection to an address that is served from many places right now.',
  },
  listening: {
    short: 'Listening ports',
    title: 'Listening ports',
    about: 'Ports on which programs here wait for others.',
    none: 'No program here waits for connections.',
  },
};

export const panel = {
  label: 'Details',
  close: 'Close',
  connections: 'Connections',
  apps: 'Apps',
  operators: 'Providers',
  distance: 'Distance',
  filter: (name: string) => `Only ${name}`,
  zoom: 'Zoom here',
  copy: 'Copy',
  copied: 'Copied',
  what: 'What this is',
  gone: 'Nothing is open here any more.',
  goneFlow: 'This connection has closed.',
  endedFlow: (ago: string) => `This connection ended ${ago} ago.`,
  morePlaces: (count: number) => `and ${many(count, 'place')} near by`,
  more: (count: number, app: string) => `${whole.format(count)} more from ${app}`,
  inbound: 'opened from outside',
  showOthers: (count: number) => `${many(count, 'connection')} here`,
  sentReceived: (sent: string, received: string) => `${sent} sent, ${received} received`,
};

export const overview = {
  title: 'What is open now',
  tabs: 'What the panel shows',
  now: 'Open now',
  lately: 'New and frequent',
  narrowed: 'What is shown',
  nothing: 'Nothing right now.',
  sentence: (connections: number, apps: number, countries: number) =>
    `${many(connections, 'connection')} by ${many(apps, 'app')}${countries > 0 ? ` to ${many(countries, 'country', 'countries')}` : ''}.`,
  apps: 'Busiest apps',
  operators: 'Who answers',
  recent: 'Opened last',
  blind: 'What this mode cannot see',
  blindMore: 'Why, and what to do',
  to: (names: string) => `to ${names}`,
};

export const states = {
  loading: 'Asking the program what is open…',
  emptyTitle: 'No connections to the internet right now',
  emptyBody: 'New ones appear here by themselves, within a second.',
  emptyLast: (app: string, where: string, time: string) => `The last one: ${app} to ${where}, at ${time}.`,
  noDataTitle: 'No location data',
  noDataBody: 'Nothing can be placed on the map. What is open stands under “No location” and in the Table view.',
  noDataAction: 'See which data there is',
  watching: 'Nothing new yet',
  watchingBody: 'Open an app or a page: whatever it connects to appears here.',
  noneTitle: 'No connection matches',
  noneBody: 'The filters together leave nothing to show.',
  noneAction: 'Clear filters and search',
  lost: (time: string) => `Reconnecting. Last update ${time}.`,
  lostNever: 'Reconnecting.',
  gone: 'TapMap is not running any more. Start it again with',
  goneTime: (time: string) => `What you see is from ${time}.`,
  command: 'tapmap',
  error: 'Something went wrong while showing this.',
  reload: 'Load the page again',
};

export const ownPlace = {
  title: 'Where is this computer?',
  body: 'Nothing on this machine says so, and TapMap asks nobody. With a place, lines and distances can be drawn.',
  pick: 'Pick on the map',
  later: 'Not now',
  correct: 'Correct on the map',
  forget: 'Forget this place',
  label: 'This computer',
  you: 'You',
  source: {
    configured: 'as configured',
    chosen: 'picked on the map',
    interface: 'from the address of a network interface',
    time_zone: 'from the time zone',
  },
  refused: 'Open the page by the link that TapMap printed: only that one may change things.',
  configured: 'Set by an option or in the configuration file, which counts again at the next start.',
  unknown: 'Not known',
};

export const status = {
  label: 'What is watched',
  live: (host: string) => `Watching ${host}`,
  demo: 'Playing an invented day',
  replay: 'Playing a recording',
  since: (time: string) => `since ${time}`,
  every: (interval: string) => `looking every ${interval}`,
  saw: (ends: number, owned: number, unowned: number) =>
    `Saw ${many(ends, 'end')}, ${whole.format(owned)} with owner, ${whole.format(unowned)} not`,
  seesAll: 'Sees everything it looks for',
  blind: (names: string) => `Cannot see ${names}`,
  udpNeeds: 'UDP destinations need more rights',
  own: (count: number) => `${many(count, 'connection')} of TapMap itself hidden`,
  ownShown: 'TapMap’s own connections are shown',
  show: 'Show',
  hide: 'Hide',
  gaps: (count: number) => `${many(count, 'gap')} in what was seen`,
  coverage: 'What this recorder can see',
};

/** What a recorder may see, as it reads in "cannot see …". */
export const sights: Record<Sight, string> = {
  tcp_sockets: 'open TCP connections',
  udp_sockets: 'open UDP sockets',
  short_connections: 'connections shorter than a look',
  udp_destinations: 'where UDP without a fixed peer goes',
  tcp_counters: 'bytes of TCP',
  udp_counters: 'bytes of UDP',
  own_processes: 'this user’s programs',
  other_processes: 'other users’ programs',
  other_namespaces: 'containers',
  names: 'host names',
};

export const protocols: Record<Protocol, string> = { tcp: 'TCP', udp: 'UDP' };

export const socketStates: Record<State, string> = {
  listen: 'listening',
  syn_sent: 'asking, no answer yet',
  syn_received: 'asked, answering',
  established: 'connected',
  fin_wait_1: 'closing (this side)',
  fin_wait_2: 'half closed (this side)',
  close_wait: 'half closed (other side)',
  closing: 'closing (both sides)',
  last_ack: 'closing (last acknowledgement)',
  time_wait: 'closed, waiting for stray packets',
  closed: 'closed',
  datagram: 'datagrams',
};

export const scopes: Record<Scope, string> = {
  public: 'on the internet',
  lan: 'on the local network',
  link_local: 'on the local link',
  local: 'this computer',
  multicast: 'a group of computers',
  broadcast: 'every computer on the local network',
  cgnat: 'inside the carrier’s network',
  unspecified: 'no address in particular',
  documentation: 'an example address',
  benchmarking: 'a test address',
  reserved: 'a reserved address',
};

export const roles: Record<Role, string> = {
  cdn: 'content delivery',
  cloud: 'cloud',
  hosting: 'hosting',
  platform: 'own services',
  dns: 'name resolution',
  time: 'time',
  vpn: 'VPN or relay',
  security_filter: 'filter',
  access: 'internet access',
  research: 'research network',
  mail: 'mail',
  remote_access: 'remote access',
  peer_to_peer: 'peer to peer',
  push: 'push messages',
};

export const noRole = 'not classified';

/** How far a place may be off, in words. */
export const accuracy = {
  country: 'only the country is known',
  region: (km: string) => `somewhere in the region, within ${km}`,
  within: (km: string) => `within ${km}`,
  unknown: 'how far off is not known',
};

/** A stretch of the past in place of the present. */
export const past = {
  short: 'Past',
  title: (from: string, to: string) => `What was recorded from ${from} to ${to}. Back to what is open now`,
  range: (from: string, to: string) => `${from} – ${to}`,
  partly: 'the latest of them',
  leave: 'now',
  recorded: 'recorded',
  overview: 'What was recorded',
  overviewTab: 'Recorded',
  none: 'Nothing was recorded then',
  noneBody: 'Where the strip is hatched, nobody watched.',
  back: 'Show what is open now',
};

/** Takes back what was just done. */
export const undo = 'Undo';
