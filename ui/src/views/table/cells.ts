// How each cell of the table reads.
import { cellOf, type ColumnName } from '../../state/columns';
import { formatRate, stateInWords } from '../../state/facts';
import { roleOf, titleOf, type Flow } from '../../state/flow';
import {
  countryName,
  formatAccuracy,
  formatBytes,
  formatDuration,
  formatEndpoint,
  formatLength,
  formatMilliseconds,
  formatSince,
} from '../../state/format';
import * as text from '../../text/en.more';

type Reader = (flow: Flow, now: number) => string;

const bytes = (value: number | null) => (value === null ? '' : formatBytes(value));
const rate = (value: number | null) => (value === null ? '' : formatRate(value));

const operator = (flow: Flow) =>
  flow.keys.operator || (flow.remote.scope === 'public' ? '' : text.scopes[flow.remote.scope]);

const READERS: Partial<Record<ColumnName, Reader>> = {
  app: (flow) => flow.keys.app || (flow.possibly ? text.table.possibly(flow.possibly) : text.facet.unknownApp),
  name: (flow) => {
    const others = (flow.peer ? 1 : (flow.name?.candidates.length ?? 1)) - 1;
    const title = titleOf(flow);
    if (title === null) return operator(flow);
    return others > 0 ? text.table.more(title, others) : title;
  },
  ended: (flow, now) => (flow.endedAt === null ? '' : text.table.ago(formatDuration(Math.max(0, now - flow.endedAt)))),
  duration: (flow) => {
    if (flow.endedAt === null) return '';
    return flow.durationMs === null ? text.facts.unknown : formatLength(flow.durationMs);
  },
  direction: (flow) => text.directions[flow.direction],
  remote: (flow) => (flow.peer?.app ? `${flow.remote.address} (${flow.peer.app})` : flow.remote.address),
  protocol: (flow) => text.protocols[flow.protocol],
  state: stateInWords,
  operator,
  asn: (flow) => (flow.remote.asn === null ? '' : `AS${flow.remote.asn}`),
  role: (flow) => {
    const role = roleOf(flow)?.role ?? null;
    return role === null ? (flow.remote.scope === 'public' ? text.noRole : '') : text.roles[role];
  },
  country: (flow) =>
    flow.remote.anycast ? text.lists.anycast.short.toLowerCase() : countryName(flow.remote.country ?? ''),
  accuracy: (flow) => (flow.remote.latitude === null ? '' : formatAccuracy(flow.remote)),
  sent: (flow) => bytes(flow.bytesSent),
  received: (flow) => bytes(flow.bytesReceived),
  sending: (flow) => rate(flow.sendRate),
  receiving: (flow) => rate(flow.receiveRate),
  rtt: (flow) => (flow.rttMs === null ? '' : formatMilliseconds(flow.rttMs)),
  since: (flow, now) => formatSince(flow.firstSeen, now),
  local: (flow) => formatEndpoint(flow.localAddress, flow.localPort),
};

/** The text of a cell; empty where nothing is known. */
export function cellText(flow: Flow, column: ColumnName, now: number): string {
  const read = READERS[column];
  return read ? read(flow, now) : String(cellOf(flow, column) ?? '');
}

/** Whether a cell shows something else in place of what its column is about: an operator for a name, a guess for an app. */
export function isSubstitute(flow: Flow, column: ColumnName): boolean {
  if (column === 'name') return titleOf(flow) === null;
  return column === 'app' && flow.keys.app === '' && flow.possibly !== null;
}
