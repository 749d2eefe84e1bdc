// What a place or a connection is, in sentences: what the operator does, which rule says so, and
// how sure that is.
import type { OwnPlace } from '../api/types';
import * as text from '../text/en.more';
import { roleOf, type Flow } from './flow';
import { distanceKm, formatKilometres, formatMilliseconds } from './format';

/** How far light in fibre comes and goes within one millisecond, at most. */
const FIBRE_KM_PER_ROUND_TRIP_MS = 100;

/** One thing said about a place, with the ground it stands on. */
export interface Explanation {
  readonly sentence: string;
  readonly rule: string | null;
}

/** A rule of the wire (`asn 13335`, `cloud_region aws eu-west-1`, `port tcp/853`) in words. */
export function ruleInWords(rule: string | null): string | null {
  const [kind, ...rest] = (rule ?? '').split(' ');
  const value = rest.join(' ');
  if (kind === 'cloud_region' || kind === 'asn' || kind === 'prefix' || kind === 'port') return text.rules[kind](value);
  return rule;
}

/** What is at the other end of a connection. */
export function explain(flow: Flow): Explanation {
  const verdict = roleOf(flow);
  const who = flow.keys.operator || text.thisAddress;
  const sentence = verdict ? text.roleSentences[verdict.role]?.(who) : undefined;
  if (!verdict || !sentence) return { sentence: text.unknownRole, rule: null };
  return { sentence, rule: ruleInWords(verdict.rule) };
}

/** What the operators at a place are, each different sentence once, the most common first. */
export function explainAll(flows: readonly Flow[]): Explanation[] {
  const told = new Map<string, { explanation: Explanation; count: number }>();
  for (const flow of flows) {
    if (!roleOf(flow)) continue;
    const explanation = explain(flow);
    const entry = told.get(explanation.sentence);
    if (entry) entry.count += 1;
    else told.set(explanation.sentence, { explanation, count: 1 });
  }
  return [...told.values()].sort((a, b) => b.count - a.count).map((entry) => entry.explanation);
}

/**
 * Says so when an answer came sooner than light in fibre could bring it from where the data puts the
 * place, allowing for how vague both places are: then the other end must be nearer.
 */
export function contradiction(flows: readonly Flow[], own: OwnPlace | null): Explanation | null {
  if (!own) return null;
  for (const { remote, rttMs } of flows) {
    if (rttMs === null || remote.anycast || remote.latitude === null || remote.longitude === null) continue;
    const km = distanceKm(own, { latitude: remote.latitude, longitude: remote.longitude });
    const least = (km - own.accuracy_km - (remote.accuracy_km ?? 0)) / FIBRE_KM_PER_ROUND_TRIP_MS;
    if (rttMs < least) {
      return {
        sentence: text.contradiction(formatMilliseconds(rttMs), formatKilometres(km)),
        rule: text.contradictionRule(formatMilliseconds(least)),
      };
    }
  }
  return null;
}
