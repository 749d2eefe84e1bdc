// What a place or a connection is, in sentences: what the operator does, which rule says so, and
// how sure that is.
import * as text from '../text/en';
import { roleOf, type Flow } from './flow';

/** One thing said about a place, with the ground it stands on. */
export interface Explanation {
  readonly sentence: string;
  readonly rule: string | null;
}

/** A rule of the wire (`asn 13335`, `cloud_region aws eu-west-1`, `port tcp/853`) in words. */
export function ruleInWords(rule: string | null): string | null {
  const [kind, ...rest] = (rule ?? '').split(' ');
  const value = rest.join(' ');
  if (kind === 'cloud_region' || kind === 'asn' || kind === 'port') return text.rules[kind](value);
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
