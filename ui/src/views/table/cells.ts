// How each cell of the table reads.
import { cellOf, type ColumnName } from '../../state/columns';
import { roleOf, type Flow } from '../../state/flow';
import { countryName, formatAccuracy, formatBytes, formatMilliseconds, formatSince } from '../../state/format';
import { formatEndpoint } from '../../state/format';
import * as text from '../../text/en';

type Reader = (flow: Flow, now: number) => string;

const bytes = (value: number | null) => (value === null ? '' : formatBytes(value));

const READERS: Partial<Record<ColumnName, Reader>> = {
  app: (flow) => flow.keys.app || text.facet.unknownApp,
  direction: (flow) => text.directions[flow.direction],
  remote: (flow) => (flow.peer?.app ? `${flow.remote.address} (${flow.peer.app})` : flow.remote.address),
  protocol: (flow) => text.protocols[flow.protocol],
  state: (flow) => text.socketStates[flow.state],
  operator: (flow) => flow.keys.operator || (flow.remote.scope === 'public' ? '' : text.scopes[flow.remote.scope]),
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
  rtt: (flow) => (flow.rttMs === null ? '' : formatMilliseconds(flow.rttMs)),
  since: (flow, now) => formatSince(flow.firstSeen, now),
  local: (flow) => formatEndpoint(flow.localAddress, flow.localPort),
};

/** The text of a cell; empty where nothing is known. */
export function cellText(flow: Flow, column: ColumnName, now: number): string {
  const read = READERS[column];
  return read ? read(flow, now) : String(cellOf(flow, column) ?? '');
}
