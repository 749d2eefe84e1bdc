// Everything that is known of one connection, as short facts: what, its value, and how that is known.
import type { CoverageLine, Sight } from '../api/types';
import * as text from '../text/en.more';
import { roleOf, servicePort, type Flow } from './flow';
import {
  countryName,
  formatAccuracy,
  formatBytes,
  formatDuration,
  formatEndpoint,
  formatLength,
  formatMilliseconds,
  formatMoment,
} from './format';
import { namesInWords, sourceInWords, surenessOf, wayOf } from './name';

/** One fact. */
export interface Fact {
  readonly label: string;
  readonly value: string;
  readonly note?: string;
  /** Whether it is only a guess, to be shown as one. */
  readonly isGuess?: boolean;
  /** Whether the reader is led to what the recorder can see. */
  readonly isUnseen?: boolean;
}

/** All facts of a connection, in groups; facts that are not known are left out. */
export function factsOf(flow: Flow, now: number, coverage: readonly CoverageLine[]): Fact[][] {
  const groups = [
    [...nameFacts(flow, now, coverage), ...farFacts(flow)],
    ownerFacts(flow),
    lifeFacts(flow, now, coverage),
  ];
  return groups.map((facts) => facts.filter(({ value }) => value !== ''));
}

function ownerFacts({ owner, possibly, keys, network }: Flow): Fact[] {
  const container = owner.evidence === 'container' && owner.app ? text.facts.container(owner.app) : null;
  const other = network === null ? null : text.facts.otherNetwork(`${network}`);
  return [
    {
      label: text.facts.app,
      value: owner.app ?? text.facet.unknownApp,
      note: owner.evidence ? text.facts.named(text.evidence[owner.evidence]) : '',
    },
    { label: text.facts.foundBy, value: text.attributions[owner.attribution] },
    { label: text.facts.possibly, value: keys.app ? '' : (possibly ?? ''), note: text.facts.guess, isGuess: true },
    { label: text.facts.process, value: owner.pid === null ? '' : String(owner.pid), note: owner.user ?? '' },
    { label: text.facts.file, value: owner.executable ?? '' },
    {
      label: text.facts.inNetwork,
      value: container ?? other ?? '',
      note: other === null ? '' : text.facts.networkNote,
    },
  ];
}

/** Names never apply within this computer, and without one it is told why only of what is on the internet. */
function nameFacts({ name, keys, remote }: Flow, now: number, coverage: readonly CoverageLine[]): Fact[] {
  if (keys.whereabouts === 'local') return [];
  if (name) {
    const note = `${sourceInWords(name, now)}. ${surenessOf(name)}`;
    return [
      { label: text.facts.name, value: namesInWords(name), note },
      { label: text.facts.standsFor, value: wayOf(name) ?? '' },
    ];
  }
  if (remote.scope !== 'public') return [];
  return [{ label: text.facts.name, value: text.names.none, ...unseen('names', coverage) }];
}

function farFacts(flow: Flow): Fact[] {
  const { remote, peer } = flow;
  const isLocated = remote.latitude !== null && !remote.anycast;
  return [
    {
      label: text.facts.peer,
      value: peer ? (peer.app ?? text.facet.unknownApp) : '',
      note: peer?.pid ? `${peer.pid}` : '',
    },
    {
      label: text.facts.address,
      value: formatEndpoint(remote.address, flow.remotePort),
      note: text.scopes[remote.scope],
    },
    {
      label: text.facts.port,
      value: `${servicePort(flow)} ${text.protocols[flow.protocol]}`,
      note: flow.service.name ?? '',
    },
    { label: text.facts.operator, value: remote.operator ?? '' },
    {
      label: text.facts.network,
      value: remote.organisation ?? '',
      note: remote.asn === null ? '' : `AS${remote.asn}`,
    },
    { label: text.facts.role, value: roleName(flow) },
    { label: text.facts.place, value: placeOf(flow), note: isLocated ? formatAccuracy(remote) : '' },
    { label: text.facts.placeFrom, value: remote.place_source ? text.placeSources[remote.place_source] : '' },
  ];
}

function lifeFacts(flow: Flow, now: number, coverage: readonly CoverageLine[]): Fact[] {
  const { state, endedAt, durationMs } = flow;
  const began = { label: text.facts.since, value: formatMoment(flow.firstSeen) };
  const ended = endedAt !== null && {
    label: text.facts.ended,
    value: formatMoment(endedAt),
    note: durationMs === null ? text.finalStates.onlyEndLong : text.finalStates.after(formatLength(durationMs)),
  };
  const isBeginKnown = endedAt === null || durationMs !== null;
  const rate = [flow.sendRate, flow.receiveRate].some((value) => value !== null)
    ? text.panel.sentReceived(formatRate(flow.sendRate), formatRate(flow.receiveRate))
    : '';
  return [
    {
      label: text.facts.state,
      value: stateInWords(flow),
      note: [text.stateSentences[state], text.directionsLong[flow.direction]].filter(Boolean).join(' '),
    },
    ...(isBeginKnown ? [{ ...began, note: ended ? '' : text.facts.ago(formatDuration(now - flow.firstSeen)) }] : []),
    ...(ended ? [ended] : []),
    bytesFact(flow, coverage),
    { label: text.facts.rate, value: rate },
    { label: text.facts.rtt, value: flow.rttMs === null ? '' : formatMilliseconds(flow.rttMs) },
    { label: text.facts.local, value: formatEndpoint(flow.localAddress, flow.localPort) },
  ];
}

/** The state; of what ended, how it was last known. */
export function stateInWords({ state, endedAt, durationMs }: Flow): string {
  const words = text.socketStates[state];
  if (endedAt === null) return words;
  if (durationMs === null) return text.finalStates.onlyEnd;
  return state === 'time_wait' || state === 'closed' ? words : text.finalStates.lastSeen(words);
}

/** Bytes per second. */
export const formatRate = (value: number | null) => `${formatBytes(value ?? 0)}/s`;

function bytesFact(flow: Flow, coverage: readonly CoverageLine[]): Fact {
  const { bytesSent, bytesReceived, protocol } = flow;
  if (bytesSent === null && bytesReceived === null) {
    const sight = protocol === 'udp' ? 'udp_counters' : 'tcp_counters';
    return { label: text.facts.bytes, value: text.facts.notVisible, ...unseen(sight, coverage) };
  }
  const value = text.panel.sentReceived(formatBytes(bytesSent ?? 0), formatBytes(bytesReceived ?? 0));
  return { label: text.facts.bytes, value };
}

/** Why something is not seen, where the recorder says so. */
function unseen(sight: Sight, coverage: readonly CoverageLine[]): Pick<Fact, 'note' | 'isUnseen'> {
  const line = coverage.find((candidate) => candidate.sight === sight);
  return { note: line && !line.seen ? line.reason : '', isUnseen: !line?.seen };
}

function roleName(flow: Flow): string {
  const verdict = roleOf(flow);
  if (verdict) return text.roles[verdict.role];
  return flow.remote.scope === 'public' ? text.noRole : '';
}

function placeOf({ remote }: Flow): string {
  if (remote.anycast) return text.lists.anycast.title;
  const names = [remote.city, remote.country ? countryName(remote.country) : null].filter(Boolean);
  return names.length > 0 ? names.join(', ') : (text.scopes[remote.scope] ?? text.facts.unknown);
}
