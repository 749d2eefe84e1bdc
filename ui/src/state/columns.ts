// The table's columns: what each sorts by and what it exports. How a cell looks is the view's matter.
import { roleOf, servicePort, titleOf, type Flow } from './flow';

/** The value of a cell for sorting and export: unknown is `null` and always sorts last. */
export type Cell = string | number | null;

/** One column's name. */
export type ColumnName = keyof typeof COLUMNS_BY_NAME;

const COLUMNS_BY_NAME = {
  app: (flow: Flow): Cell => flow.owner.app,
  name: (flow: Flow): Cell => titleOf(flow),
  ended: (flow: Flow): Cell => flow.endedAt,
  duration: (flow: Flow): Cell => flow.durationMs,
  remote: (flow: Flow): Cell => flow.remote.address,
  port: (flow: Flow): Cell => servicePort(flow),
  service: (flow: Flow): Cell => flow.service.name,
  state: (flow: Flow): Cell => flow.state,
  sent: (flow: Flow): Cell => flow.bytesSent,
  received: (flow: Flow): Cell => flow.bytesReceived,
  sending: (flow: Flow): Cell => flow.sendRate,
  receiving: (flow: Flow): Cell => flow.receiveRate,
  direction: (flow: Flow): Cell => flow.direction,
  protocol: (flow: Flow): Cell => flow.protocol,
  operator: (flow: Flow): Cell => flow.remote.operator ?? flow.remote.organisation,
  asn: (flow: Flow): Cell => flow.remote.asn,
  role: (flow: Flow): Cell => roleOf(flow)?.role ?? null,
  country: (flow: Flow): Cell => flow.remote.country,
  city: (flow: Flow): Cell => flow.remote.city,
  accuracy: (flow: Flow): Cell => flow.remote.accuracy_km,
  rtt: (flow: Flow): Cell => flow.rttMs,
  since: (flow: Flow): Cell => flow.firstSeen,
  network: (flow: Flow): Cell => flow.keys.network || null,
  local: (flow: Flow): Cell => flow.localAddress,
  pid: (flow: Flow): Cell => flow.owner.pid,
  executable: (flow: Flow): Cell => flow.owner.executable,
};

/** All columns in the order they are shown. */
export const COLUMN_NAMES = Object.keys(COLUMNS_BY_NAME) as ColumnName[];

/** Whether a word names a column. */
export function isColumn(word: string): word is ColumnName {
  return Object.hasOwn(COLUMNS_BY_NAME, word);
}

/** A cell's value. */
export function cellOf(flow: Flow, column: ColumnName): Cell {
  return COLUMNS_BY_NAME[column](flow);
}

/** The flows in the order of a column; equal ones by age, newest first, so that rows do not jump. */
export function sortFlows(flows: readonly Flow[], column: ColumnName, descending: boolean): Flow[] {
  const sign = descending ? -1 : 1;
  const cells = flows.map(COLUMNS_BY_NAME[column]);
  const rank = ranksOf(cells);
  return flows
    .map((flow, index) => ({ flow, rank: rank(cells[index]) }))
    .sort((a, b) => {
      if (a.rank === null || b.rank === null) {
        if (a.rank !== b.rank) return a.rank === null ? 1 : -1;
      } else if (a.rank !== b.rank) return (a.rank - b.rank) * sign;
      return b.flow.firstSeen - a.flow.firstSeen || (a.flow.id < b.flow.id ? 1 : -1);
    })
    .map(({ flow }) => flow);
}

/** Numbers stand for themselves. Comparing words is slow, and few differ: each different one is put in order once. */
function ranksOf(cells: readonly Cell[]): (cell: Cell) => number | null {
  const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
  const words = [...new Set(cells.filter((cell) => typeof cell === 'string'))].sort(collator.compare);
  const ranks = new Map<string, number>();
  words.forEach((word, index) => {
    const before = words[index - 1];
    const isSame = before !== undefined && collator.compare(before, word) === 0;
    ranks.set(word, isSame ? ranks.get(before)! : index);
  });
  return (cell) => (typeof cell === 'string' ? ranks.get(cell)! : cell);
}
