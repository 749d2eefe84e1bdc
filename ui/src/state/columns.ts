// The table's columns: what each sorts by and what it exports. How a cell looks is the view's matter.
import { roleOf, servicePort, type Flow } from './flow';

/** The value of a cell for sorting and export: unknown is `null` and always sorts last. */
export type Cell = string | number | null;

/** One column's name. */
export type ColumnName = keyof typeof COLUMNS_BY_NAME;

const COLUMNS_BY_NAME = {
  app: (flow: Flow): Cell => flow.owner.app,
  pid: (flow: Flow): Cell => flow.owner.pid,
  direction: (flow: Flow): Cell => flow.direction,
  remote: (flow: Flow): Cell => flow.remote.address,
  port: (flow: Flow): Cell => servicePort(flow),
  service: (flow: Flow): Cell => flow.service.name,
  protocol: (flow: Flow): Cell => flow.protocol,
  state: (flow: Flow): Cell => flow.state,
  operator: (flow: Flow): Cell => flow.remote.operator ?? flow.remote.organisation,
  asn: (flow: Flow): Cell => flow.remote.asn,
  role: (flow: Flow): Cell => roleOf(flow)?.role ?? null,
  country: (flow: Flow): Cell => flow.remote.country,
  city: (flow: Flow): Cell => flow.remote.city,
  accuracy: (flow: Flow): Cell => flow.remote.accuracy_km,
  sent: (flow: Flow): Cell => flow.bytesSent,
  received: (flow: Flow): Cell => flow.bytesReceived,
  rtt: (flow: Flow): Cell => flow.rttMs,
  since: (flow: Flow): Cell => flow.firstSeen,
  local: (flow: Flow): Cell => flow.localAddress,
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
  const read = COLUMNS_BY_NAME[column];
  const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
  return [...flows].sort((a, b) => {
    const left = read(a);
    const right = read(b);
    if (left === null || right === null) {
      if (left !== right) return left === null ? 1 : -1;
    } else {
      const order =
        typeof left === 'number' && typeof right === 'number'
          ? left - right
          : collator.compare(String(left), String(right));
      if (order !== 0) return order * sign;
    }
    return b.firstSeen - a.firstSeen || (a.id < b.id ? 1 : -1);
  });
}
