import type { ProbeResult, ReportData } from '../inputs.ts';

/** Side of the grid of vision tokens that the decoder reads, as far as one result says it. */
function sideIn(result: ProbeResult): number | null {
	switch (result.probe) {
		case 'attention':
			return result.maps.find(({ source }) => source === 'llm')?.rows ?? null;
		case 'norms':
			return result.grid.rows;
		case 'linear':
			return result.sites.findLast(({ part }) => part === 'decoder')?.side ?? null;
		case 'compression':
			return Math.floor(Math.sqrt(result.tokens));
		default:
			return null;
	}
}

/** Side of the grid of vision tokens behind a result: what it says itself, else another result of the same model; null where none says it. */
export function gridSideOf({ probes }: ReportData, result: ProbeResult): number | null {
	const others = probes.map((probe) => probe.result);
	const same = others.filter(({ model, modelHash }) => model === result.model && modelHash === result.modelHash);
	return [result, ...same].map(sideIn).find((side) => side !== null) ?? null;
}
