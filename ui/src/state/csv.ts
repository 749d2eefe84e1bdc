// Comma-separated values after RFC 4180, safe to open in a spreadsheet.
import { cellOf, COLUMN_NAMES } from './columns';
import type { Flow } from './flow';

/** The flows as text, one line each, with a header; times in RFC 3339, sizes in bytes. */
export function toCsv(flows: readonly Flow[]): string {
  const header = [...COLUMN_NAMES, 'local_port', 'remote_port'];
  const lines = flows.map((flow) => [
    ...COLUMN_NAMES.map((column) => {
      const cell = cellOf(flow, column);
      return column === 'since' ? new Date(flow.firstSeen).toISOString() : cell;
    }),
    flow.localPort,
    flow.remotePort,
  ]);
  return [header, ...lines].map((line) => line.map(toField).join(',')).join('\r\n') + '\r\n';
}

function toField(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  // A spreadsheet would run a text that starts like a formula: names of programs come from outside.
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
