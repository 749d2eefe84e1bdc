// Comma-separated values after RFC 4180, safe to open in a spreadsheet.
import { cellOf, COLUMN_NAMES, type Cell } from './columns';
import type { Event } from '../api/days';
import type { Flow } from './flow';

/** What is exported beside the columns of the table. */
const MORE: Record<string, (flow: Flow) => Cell> = {
  possibly: (flow) => flow.possibly,
  attribution: (flow) => flow.owner.attribution,
  name_source: (flow) => flow.name?.source ?? null,
  local_port: (flow) => flow.localPort,
  remote_port: (flow) => flow.remotePort,
};

/** The flows as text, one line each, with a header; times in RFC 3339, sizes in bytes, durations in milliseconds. */
export function toCsv(flows: readonly Flow[]): string {
  const header = [...COLUMN_NAMES, ...Object.keys(MORE)];
  const lines = flows.map((flow) => [
    ...COLUMN_NAMES.map((column) => {
      const cell = cellOf(flow, column);
      const isMoment = (column === 'since' || column === 'ended') && typeof cell === 'number';
      return isMoment ? new Date(cell).toISOString() : cell;
    }),
    ...Object.values(MORE).map((read) => read(flow)),
  ]);
  return toLines([header, ...lines]);
}

/** Events as text, one line for each thing that was new, with a header. */
export function eventsToCsv(events: readonly Event[]): string {
  const header = ['day', 'at', 'app', 'kind', 'facet', 'value', 'returned_after_days', 'connections', 'mark', 'note'];
  const lines = events.flatMap(({ day, at, app, reasons, mark }) =>
    reasons.map((reason): Cell[] => [
      day,
      at,
      app,
      reason.kind,
      reason.facet,
      reason.value,
      reason.returned_after_days,
      reason.flows,
      mark?.kind ?? null,
      mark?.note ?? null,
    ]),
  );
  return toLines([header, ...lines]);
}

/** Hands a text over as a file to keep, named by what it holds and when. */
export function saveCsv(csv: string, what: string, at: number): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([csv], { type: 'text/csv' }));
  link.download = `${what}-${new Date(at).toISOString().slice(0, 19).replaceAll(':', '-')}.csv`;
  link.click();
  URL.revokeObjectURL(link.href);
}

const toLines = (lines: readonly (readonly Cell[])[]) =>
  lines.map((line) => line.map(toField).join(',')).join('\r\n') + '\r\n';

function toField(value: Cell): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  // A spreadsheet would run a text that starts like a formula: names of programs come from outside.
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
