// What a name is worth, in words: how it is known, how old that is, and how sure.
import * as text from '../text/en.more';
import type { Name } from './flow';
import { formatDuration } from './format';

/** How many names that fit equally well are told. */
const TOLD = 5;

/** The names that fit: the one, or "one of" several. */
export function namesInWords({ candidates }: Name): string {
  if (candidates.length === 1) return candidates[0];
  const told = candidates.slice(0, TOLD);
  const left = candidates.length - told.length;
  return text.names.oneOf([...told, ...(left > 0 ? [text.names.more(left)] : [])].join(', '));
}

/** Where a name is from: `a DNS answer to this app, 12 s ago`. */
export function sourceInWords({ source, heardAt }: Name, now: number): string {
  return text.nameSources[source].how(heardAt === null ? '' : text.names.ago(formatDuration(now - heardAt)));
}

/** How sure a name is, as a sentence. */
export const surenessOf = ({ source }: Name): string => text.nameSources[source].sure;

/** The way from the name that was asked for to the one that has the address; `null` where that is one step. */
export function wayOf({ candidates, aliases }: Name): string | null {
  return aliases.length > 0 ? [candidates[0], ...aliases].join(' → ') : null;
}
