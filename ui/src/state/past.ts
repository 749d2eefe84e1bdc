// Recorded connections in the shape of live ones, so that a stretch of the past is shown on the map, in the facets and
// in the table by what shows the present.
import type { RecordedFlow } from '../api/days';
import { keysOf, type Flow } from './flow';

/** A stretch of time, in milliseconds since 1970. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

/** What was recorded of a stretch of time. */
export interface Past extends Period {
  readonly flows: readonly Flow[];
  /** Whether there were more than are shown; the latest are. */
  readonly partly: boolean;
}

/** A recorded connection as a flow. What is not recorded is not known: round trips and rates. */
export function fromRecord(row: RecordedFlow): Flow {
  const port = row.direction === 'inbound' ? row.local_port : row.remote_port;
  const known = {
    id: `past-${row.id}`,
    protocol: row.protocol,
    direction: row.direction,
    state: row.state,
    localAddress: row.local_address,
    localPort: row.local_port,
    remotePort: row.remote_port,
    bytesSent: row.bytes_sent,
    bytesReceived: row.bytes_received,
    rttMs: null,
    firstSeen: Date.parse(row.first_seen),
    own: false,
    owner: {
      app: row.app,
      attribution: row.attribution,
      evidence: row.evidence,
      executable: row.executable,
      pid: row.pid,
      user: row.user,
    },
    peer: null,
    remote: {
      address: row.remote_address,
      scope: row.scope,
      country: row.country,
      city: row.city,
      latitude: row.latitude,
      longitude: row.longitude,
      accuracy_km: row.accuracy_km,
      precision: row.precision,
      place_source: row.place_source,
      asn: row.asn,
      operator: row.operator,
      organisation: row.organisation,
      anycast: row.anycast,
      anycast_rule: null,
      role: row.role,
      role_rule: null,
    },
    service: { name: row.service, port, protocol: row.protocol, role: null, role_rule: null },
    name:
      row.names.length > 0 && row.name_source
        ? { candidates: row.names, aliases: [], source: row.name_source, heardAt: null }
        : null,
    possibly: row.possibly,
    network: row.network,
    sendRate: null,
    receiveRate: null,
    endedAt: row.ending === 'open' ? null : Date.parse(row.last_seen),
    durationMs: row.duration_ms,
  };
  return { ...known, keys: keysOf(known) };
}
