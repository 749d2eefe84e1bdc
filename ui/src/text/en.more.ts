// The texts of what is loaded only when it is asked for: details, Table, Local, Coverage, About. All
// others are passed on, so that one import serves.
import type {
  Attribution,
  Direction,
  Evidence,
  GapReason,
  LayerName,
  NameSource,
  PlaceSource,
  Role,
  Scope,
  SeenBy,
  State,
} from '../api/types';
import type { ColumnName } from '../state/columns';
import { many } from './en';

export * from './en';

const whole = new Intl.NumberFormat('en');

/** What a list says when the filters leave nothing of it. */
export const listNarrowed = 'Nothing here matches the filters.';

export const table = {
  label: 'Connections',
  export: 'Save as CSV',
  exportHint: 'The rows shown, in this order',
  rows: (shown: number, total: number) =>
    shown === total ? many(total, 'connection') : `${whole.format(shown)} of ${many(total, 'connection')}`,
  sortBy: (column: string) => `Sort by ${column}`,
  keys: 'Arrows move between cells, Enter opens a connection, Enter on a heading sorts.',
  ended: 'Ended',
  endedHint: 'List also what ended within the last ten minutes',
  endedTag: 'ended',
  ago: (duration: string) => `ended ${duration} ago`,
  unlisted: (count: number) =>
    `${many(count, 'ended connection')} ${count === 1 ? 'is' : 'are'} counted but no longer listed.`,
  possibly: (app: string) => `possibly ${app}`,
  more: (name: string, count: number) => `${name} or ${whole.format(count)} other`,
};

export const columns: Record<ColumnName, string> = {
  app: 'App',
  name: 'Name',
  ended: 'Ended',
  duration: 'Duration',
  sending: 'Sending',
  receiving: 'Receiving',
  network: 'Network',
  pid: 'PID',
  direction: 'Direction',
  remote: 'Remote address',
  port: 'Port',
  service: 'Service',
  protocol: 'Protocol',
  state: 'State',
  operator: 'Operator',
  asn: 'ASN',
  role: 'Role',
  country: 'Country',
  city: 'City',
  accuracy: 'Accuracy',
  sent: 'Sent',
  received: 'Received',
  rtt: 'Round trip',
  since: 'Since',
  local: 'Local address',
  executable: 'Program file',
};

export const local = {
  title: 'This computer and its neighbours',
  about: 'What waits for connections here, who is met on the local network, and which programs talk to each other.',
  listening: 'Listening ports',
  lan: 'Local network',
  loopback: 'Within this computer',
  reach: 'Reach',
  port: 'Port',
  service: 'Service',
  address: 'Address',
  owner: 'Owner',
  since: 'Since',
  from: 'From',
  to: 'To',
  device: 'Device',
  app: 'App',
  count: 'Connections',
  state: 'State',
  reachNote:
    '“Every interface” means that the program accepts from any network this computer is in. Whether someone outside gets through is for the firewall to say, which TapMap does not look at.',
  narrowed: 'Only what matches the filters and the search is listed.',
  reaches: {
    unspecified: 'Every interface',
    public: 'A public address',
    lan: 'The local network',
    link_local: 'The local link',
    local: 'Only this computer',
    cgnat: 'The carrier’s network',
  } as Partial<Record<Scope, string>>,
};

export const about = {
  title: 'About TapMap',
  version: 'Version',
  licence: 'Licence',
  data: 'Location data',
  dataAbout: 'Everything is looked up in files on this computer; no address is sent anywhere.',
  recheck: 'Recheck',
  rechecking: 'Looking…',
  recheckHint: 'Look again for database files in the data folder',
  active: 'In use',
  inactive: 'Not used',
  built: (date: string) => `from ${date}`,
  credits: 'Credits',
  ownPlace: 'Where this computer is taken to be',
  privacyText:
    'TapMap reads which sockets of this computer are open, and where it may, the names in DNS answers and in the first words of a connection. It reads no other contents, asks no server, and this page loads nothing from anywhere but the program itself.',
  borders: 'Borders are drawn as they are on the ground, after Natural Earth; dashed where they are disputed.',
  counting: 'How insights count',
  countingAs:
    'New today is what was used today and on none of the 29 days before; most frequent is what was used on the most days, with all that tie with the fifth. The first TapMap means the same by these words, but counts something else:',
  countingDiffers: [
    'Here every connection to a public address counts of which a place or an operator is known; there only what was on the map.',
    'Here it counts whether a page is open or not.',
    'Here names and open ports are told too.',
    'The port of a connection that came in is the one of this computer, not the other side’s.',
    'What was imported from it is marked, and knows days only.',
  ],
  keys: 'Keys',
  failed: 'The program did not answer.',
};

export const keys: [string, string][] = [
  ['/', 'Search'],
  ['1 – 8', 'Map, Table, Insights, Report, Events, Local, Coverage, About'],
  ['Arrows', 'Move the map'],
  ['+  −', 'Zoom'],
  ['0', 'Show all places'],
  ['V', 'Next projection'],
  [']  [', 'Next, previous place by size'],
  ['Enter', 'Open the place'],
  ['Esc', 'Close'],
  ['Ctrl + click', 'Add to a filter'],
  ['?', 'This list'],
];

export const singleKeys = 'Single keys work outside the map too';

export const directions: Record<Direction, string> = { outbound: 'out', inbound: 'in' };

export const directionsLong: Record<Direction, string> = {
  outbound: 'opened from here',
  inbound: 'opened from outside',
};

/** What an operator does, as a sentence about it. */
export const roleSentences: Record<Role, (who: string) => string> = {
  cdn: (who) => `${who} answers for many sites: this is the copy near you, not the site’s own home.`,
  cloud: (who) => `${who} rents out computers: what runs there belongs to one of its customers.`,
  hosting: (who) => `${who} rents out servers: what runs there belongs to one of its customers.`,
  platform: (who) => `${who} runs its own services here.`,
  dns: (who) => `${who} turns names into addresses.`,
  time: (who) => `${who} tells the time.`,
  vpn: (who) => `${who} passes traffic on: the place is the exit, not the service behind it.`,
  security_filter: (who) => `${who} filters traffic for other sites before it reaches them.`,
  access: (who) => `${who} connects homes and offices: there is most likely another person’s machine at this end.`,
  research: (who) => `${who} is a university or research network.`,
  mail: (who) => `${who} handles electronic mail here.`,
  remote_access: (who) => `${who} is reached by remote login.`,
  peer_to_peer: (who) => `${who} is a peer: another user’s computer.`,
  push: (who) => `${who} delivers push messages.`,
};

export const thisAddress = 'This address';

/** The rule behind a role, in words. */
export const rules = {
  cloud_region: (region: string) => `Known from the provider’s published list of its regions (${region}).`,
  asn: (asn: string) => `Known from the network it belongs to, AS${asn}.`,
  prefix: (block: string) => `Known from the block of addresses it lies in (${block}).`,
  port: (port: string) => `Told by the port alone (${port}), so less certain.`,
};

export const unknownRole = 'Nothing is known about what this operator does.';

export const anycastSentence = (who: string) =>
  `${who} serves this address from many places at once. Which one answered cannot be told from the address, so none is drawn.`;

export const contradiction = (rtt: string, distance: string) =>
  `It answered within ${rtt}, too soon for a place ${distance} away: the true one must be nearer.`;

export const contradictionRule = (least: string) => `Light in fibre alone would need ${least}.`;

export const placeSources: Record<PlaceSource, string> = {
  cloud_region: 'the provider’s published regions',
  user_database: 'your own database',
  embedded: 'the built-in location data',
};

/** How an owner was found, or why it was not. */
export const attributions: Record<Attribution, string> = {
  descriptor: 'it holds the socket now',
  event: 'named by the kernel as it happened',
  remembered: 'remembered: it held the socket when last looked',
  ambiguous: 'several programs hold this socket',
  not_permitted: 'belongs to a program that may not be looked into',
  exited: 'the program ended before it could be read',
  kernel: 'the kernel itself',
  not_found: 'no program that may be read holds this socket',
  pending: 'not looked for yet',
  not_supported: 'this system cannot tell',
};

export const evidence: Record<Evidence, string> = {
  container: 'its container',
  package: 'its package',
  desktop_entry: 'its desktop entry',
  app_image: 'its AppImage',
  script: 'the script it runs',
  unit: 'its service unit',
  file_name: 'its file name',
  process_name: 'its process name',
};

/** How a name is known, with its age, and how sure it is. */
export const nameSources: Record<NameSource, { how: (age: string) => string; sure: string; short: string }> = {
  tls_server_name: {
    how: (age) => `asked for in this connection’s TLS handshake${age}`,
    sure: 'Certain: the connection says so itself.',
    short: 'TLS handshakes',
  },
  quic_server_name: {
    how: (age) => `asked for in this connection’s QUIC handshake${age}`,
    sure: 'Certain: the connection says so itself.',
    short: 'QUIC handshakes',
  },
  dns_of_app: {
    how: (age) => `a DNS answer to this app${age}`,
    sure: 'Most likely: the app asked for it before it connected.',
    short: 'DNS answers to the app',
  },
  dns: {
    how: (age) => `a DNS answer to a program on this computer${age}`,
    sure: 'Likely, if it was this app that asked.',
    short: 'DNS answers to others',
  },
  hosts_file: {
    how: (age) => `in this computer’s own list of names${age}`,
    sure: 'Likely: the list says where this name leads.',
    short: 'this computer’s own list',
  },
  reverse_dns: {
    how: (age) => `what the address’ own network calls it${age}`,
    sure: 'It mostly names the host, not the site.',
    short: 'reverse DNS',
  },
};

export const names = {
  oneOf: (names: string) => `one of: ${names}`,
  more: (count: number) => `${whole.format(count)} more`,
  ago: (duration: string) => `, ${duration} ago`,
  none: 'none was heard',
};

/** What a state means, where its name alone does not tell. */
export const stateSentences: Partial<Record<State, string>> = {
  syn_sent: 'The program asked to connect. The other side has neither accepted nor refused.',
  syn_received: 'The other side asked to connect, and the answer is on its way.',
  fin_wait_1: 'This side has said its last word, which the other has not confirmed.',
  fin_wait_2: 'This side has said its last word; the other may still send.',
  close_wait: 'The other side has said its last word; the program here has not closed yet.',
  closing: 'Both sides have said their last word at the same time.',
  last_ack: 'Both sides have said their last word; one confirmation is missing.',
  time_wait: 'It is over. The kernel keeps the port for a while, in case a late packet arrives.',
};

/** How a connection that ended was last known. */
export const finalStates = {
  lastSeen: (state: string) => `last seen ${state}`,
  onlyEnd: 'opened and closed between two looks',
  onlyEndLong: 'Only its end was told: when it opened is not known.',
  after: (duration: string) => `after ${duration}`,
};

export const facts = {
  name: 'Name',
  standsFor: 'Leads over',
  possibly: 'Possibly',
  guess: 'A guess: it opened the neighbouring ports to the same address. It is not counted as the owner.',
  rate: 'Rate',
  ended: 'Ended',
  inNetwork: 'Part of',
  container: (name: string) => `container ${name}`,
  otherNetwork: (number: string) => `another network on this computer (${number})`,
  networkNote: 'It has addresses and ports of its own.',
  notVisible: 'not visible in this mode',
  app: 'App',
  named: (what: string) => `named after ${what}`,
  foundBy: 'Found',
  process: 'Process',
  file: 'Program file',
  peer: 'Other end',
  address: 'Address',
  port: 'Port',
  local: 'This side',
  operator: 'Operator',
  network: 'Network',
  place: 'Place',
  placeFrom: 'Place from',
  role: 'Role',
  state: 'State',
  since: 'Since',
  bytes: 'Bytes',
  rtt: 'Round trip',
  unknown: 'not known',
  ago: (duration: string) => `${duration} ago`,
};

/** The view that tells what the recorder sees. */
export const coverage = {
  title: 'What this recorder can see',
  live: (host: string, since: string) => `Watching ${host} since ${since}.`,
  demo: 'This is an invented day: what is said here is about the invention, not about this computer.',
  replay: 'This is a recording: it shows what was seen when it was made.',
  continues: {
    yes: 'Recording continues after log-out.',
    no: 'Recording ends at log-out.',
    unknown: 'Whether recording continues after log-out is not known.',
  },
  account: 'What it saw',
  noAccount: 'Nothing was looked at yet.',
  connections: (seen: number, closed: number) =>
    seen >= closed
      ? `The kernel counted ${many(closed, 'TCP socket')} that closed, and each was seen.`
      : `The kernel counted ${many(closed, 'TCP socket')} that closed. ${whole.format(seen)} of them were seen, ${whole.format(closed - seen)} were not.`,
  noKernel: 'The kernel does not tell how many connections there were, so what was missed is not known.',
  owners: (ended: number, owned: number, unowned: number) =>
    `${many(ended, 'connection')} ended: ${whole.format(owned)} with a known owner, ${whole.format(unowned)} without.`,
  unlisted: (count: number) =>
    `${many(count, 'ended connection')} ${count === 1 ? 'is' : 'are'} counted but no longer listed: the list holds what ended within ten minutes, and the latest of them where there are very many.`,
  hour: (time: string) => `Since ${time}`,
  start: (time: string) => `In all, since ${time}`,
  what: 'What',
  unknown: 'not known',
  tcp: 'TCP sockets (a connection within this computer is two)',
  kernelOpened: 'opened, by the kernel’s count',
  seenOpened: 'opened, seen',
  kernelClosed: 'closed, by the kernel’s count',
  seenClosed: 'closed, seen',
  udp: 'UDP flows (the kernel counts none, so how many there were is not known)',
  udpOpened: 'began, seen',
  udpClosed: 'ended',
  ends: 'Connections that ended, by their owner',
  ended: 'all',
  owner: {
    descriptor: 'a program held the socket',
    event: 'named by the kernel as it happened',
    remembered: 'remembered from before',
  },
  ambiguous: 'one of several programs',
  unowned: 'not identified',
  named: 'Connections that ended with a name, by its source',
  alone: 'Seen in one way alone, and missing without it',
  seenBy: {
    list: 'the kernel’s list of sockets',
    end: 'the kernel’s message at the end',
    event: 'a program in the kernel',
    files: 'the files of processes, or another network’s table',
  } satisfies Record<SeenBy, string>,
  lost: 'Lost',
  overruns: 'times a queue was full',
  lostObservations: 'observations known to be lost',
  layers: 'How it looks',
  layersAbout: 'Each way adds to the others. One that is missing takes something away, never the start.',
  protection: 'How it is kept in',
  protectionAbout: 'What reads foreign bytes and serves this page is held apart from what may look into the system.',
  active: 'Active',
  inactive: 'Not active',
  adds: 'It adds:',
  command: 'What helps:',
  sights: 'What can be seen',
  seen: 'Seen',
  notSeen: 'Not seen',
  remedy: 'What helps:',
  gaps: 'Gaps',
  noGaps: 'Nothing interrupted the watch.',
  gap: (from: string, until: string, why: string, lost: number | null) =>
    `${from} to ${until}: ${why}${lost === null ? '' : `, ${many(lost, 'observation')} lost`}`,
  gapReasons: {
    source_failed: 'the source failed and was tried again',
    overrun: 'more came at once than could be taken in',
    asleep: 'the computer slept',
  } satisfies Record<GapReason, string>,
  problems: 'What is wrong now',
  failed: 'The program did not answer.',
};

/** What ended faster than it can be listed. */
export const folded = {
  title: 'Summed up',
  about: (count: number, from: string, until: string) =>
    `${many(count, 'connection')} ended faster than they can be listed one by one, from ${from} to ${until}. They are counted here by app and address.`,
  headings: ['App', 'Address', 'Ports', 'Connections', 'Sent', 'Received'],
};

/** The parts of the recorder. */
export const layerNames: Record<LayerName, string> = {
  socket_list: 'The kernel’s list of sockets',
  socket_ends: 'The kernel’s messages about ends',
  process_births: 'Births of processes',
  process_files: 'The files of processes',
  tcp_events: 'Every TCP connection as it happens',
  kernel_files: 'The kernel’s list of open files',
  udp_destinations: 'Where UDP goes',
  udp_bytes: 'Bytes of UDP',
  other_namespaces: 'Containers and other networks',
  dns_answers: 'DNS answers',
  server_names: 'Names in TLS and QUIC handshakes',
  resolved: 'The monitor of systemd-resolved',
  hosts_file: 'This computer’s own list of names',
  reverse_dns: 'Reverse DNS',
  presence: 'Whether anybody is there',
  two_processes: 'Two processes',
  dropped_rights: 'No rights are kept',
  landlock: 'Own files and own port only',
  seccomp: 'Needed system calls only',
};

/** Saving a list as a file. */
export const save = {
  title: 'Save as CSV',
  redact: 'Without what is private',
  redactAbout:
    'Hosts, sites, users, addresses, paths and notes are called by numbers, the same one for the same thing.',
  replaced: (count: number) => `${many(count, 'thing')} will be replaced:`,
  list: 'What is replaced by what',
  cancel: 'Cancel',
  go: 'Save',
};

/** Filters under a name. */
export const saved = {
  title: 'Saved filters',
  none: 'None yet.',
  nothingChosen: 'Choose something in the filters first, to save it under a name.',
  name: 'Name for what is chosen now',
  save: 'Save',
  remove: (name: string) => `Remove ${name}`,
};
