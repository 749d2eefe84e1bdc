// The account of what was seen, held against what the kernel counted, as the lines of a table.
import type { Coverage, NameSource, Tally } from '../api/types';
import * as text from '../text/en.more';

/** One line: what is counted, and how it is read from a tally; `null` where it is not known. */
export interface AccountLine {
  readonly label: string;
  readonly read: (tally: Tally) => number | null;
}

/** Lines that belong together. */
export interface AccountGroup {
  readonly title: string;
  readonly lines: readonly AccountLine[];
}

const words = text.coverage;

const ALWAYS: readonly AccountGroup[] = [
  {
    title: words.tcp,
    lines: [
      { label: words.kernelOpened, read: ({ tcp }) => tcp.kernel_opened },
      { label: words.seenOpened, read: ({ tcp }) => tcp.seen_opened },
      { label: words.kernelClosed, read: ({ tcp }) => tcp.kernel_closed },
      { label: words.seenClosed, read: ({ tcp }) => tcp.seen_closed },
    ],
  },
  {
    title: words.udp,
    lines: [
      { label: words.udpOpened, read: ({ udp }) => udp.seen_opened },
      { label: words.udpClosed, read: ({ udp }) => udp.seen_closed },
    ],
  },
  {
    title: words.ends,
    lines: [
      { label: words.ended, read: ({ ended }) => ended },
      ...keysOf(words.owner).map((quality) => ({
        label: words.owner[quality],
        read: ({ owners }: Tally) => owners[quality],
      })),
      { label: words.ambiguous, read: ({ ambiguous }) => ambiguous },
      { label: words.unowned, read: ({ without_owner }) => without_owner },
    ],
  },
];

/** These are told only where there is something to tell. */
const SOMETIMES: readonly AccountGroup[] = [
  {
    title: words.named,
    lines: (Object.keys(text.nameSources) as NameSource[]).map((source) => ({
      label: text.nameSources[source].short,
      read: ({ names }) => names[source],
    })),
  },
  {
    title: words.alone,
    lines: keysOf(words.seenBy).map((way) => ({ label: words.seenBy[way], read: ({ seen_alone }) => seen_alone[way] })),
  },
  {
    title: words.lost,
    lines: [
      { label: words.overruns, read: ({ overruns }) => overruns },
      { label: words.lostObservations, read: ({ lost }) => lost },
    ],
  },
];

/** The lines that say something about these stretches of time. */
export function accountOf(tallies: readonly Tally[]): AccountGroup[] {
  const isTold = ({ read }: AccountLine) => tallies.some((tally) => (read(tally) ?? 0) > 0);
  const sometimes = SOMETIMES.map((group) => ({ ...group, lines: group.lines.filter(isTold) }));
  return [...ALWAYS, ...sometimes.filter(({ lines }) => lines.length > 0)];
}

/** The stretches that are told: the hour that runs, and all hours together, when these are two. */
export function stretchesOf({ hours, total }: Pick<Coverage, 'hours' | 'total'>): Tally[] {
  if (!total) return [];
  return hours.length > 1 ? [hours[hours.length - 1], total] : [total];
}

/** The account in sentences. */
export function accountInWords({ tcp, ended, with_owner, without_owner, ambiguous }: Tally): string[] {
  const kernel = tcp.kernel_closed === null ? words.noKernel : words.connections(tcp.seen_closed, tcp.kernel_closed);
  return [words.owners(ended, with_owner, without_owner + ambiguous), kernel];
}

function keysOf<Key extends string>(record: Record<Key, unknown>): Key[] {
  return Object.keys(record) as Key[];
}
