/** Tables as CSV (RFC 4180), safe to open in a spreadsheet. */

export type Cell = string | number | null;

export interface Table {
	columns: readonly string[];
	rows: readonly (readonly Cell[])[];
}

/**
 * Numbers keep six decimals. Text that a spreadsheet would run as a formula (it starts with = + - @, tab or return)
 * gets an apostrophe in front, as OWASP advises; quotes are doubled.
 */
function cellText(cell: Cell): string {
	if (cell === null) return '';
	if (typeof cell === 'number') return Number.isFinite(cell) ? String(Number(cell.toFixed(6))) : '';
	const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
	return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** The table as CSV text, header first, lines ended by CR LF. */
export function toCsv({ columns, rows }: Table): string {
	return [columns, ...rows].map((row) => `${row.map(cellText).join(',')}\r\n`).join('');
}
