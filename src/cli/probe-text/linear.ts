import { table } from '../../base/columns.ts';
import type { Decoded, LinearProbe, LinearSite } from '../../probes/linear-results.ts';
import { interval, percent, plural } from '../../report/format.ts';

const cell = (found: Decoded | null): string => (found ? `${percent(found.accuracy)} (${percent(found.control)})` : '');

function siteName({ part, layer }: LinearSite): string {
	if (layer === null) return 'after the projector';
	return layer === 0 ? `${part}, input` : `${part}, layer ${layer}`;
}

const READ = ['row', 'column', 'cell', 'color', 'shape'] as const;

export function linearText(result: LinearProbe): string {
	const { data, model, sites, folds } = result;
	const chance = [...sites].reverse().find(({ cell: found }) => found) ?? sites[0]!;
	return [
		`${data}, ${model}: read off single vision tokens by a linear map, ${folds} folds; percent right (with labels shuffled)`,
		table([
			['state', ...READ],
			...sites.map((site) => [siteName(site), ...READ.map((what) => cell(site[what]))]),
			['chance', ...READ.map((what) => (chance[what] ? percent(chance[what].chance) : ''))],
		]),
		linearFinding(sites),
	].join('\n\n');
}

function linearFinding(sites: readonly LinearSite[]): string {
	const placed = sites.filter((site): site is LinearSite & { cell: Decoded } => site.cell !== null);
	const last = placed.at(-1);
	if (!last) return `There is one vision token, which has no place; ${plural(sites.length, 'state')} read.`;
	const best = placed.reduce((a, b) => (b.cell.accuracy > a.cell.accuracy ? b : a));
	const told = (site: LinearSite & { cell: Decoded }) =>
		`${percent(site.cell.accuracy)} % ${interval(site.cell.interval)} (${siteName(site)})`;
	const projected = placed.find(({ part }) => part === 'projected');
	const into =
		projected && projected !== best && projected !== last ? `, ${told(projected)} as the decoder receives it` : '';
	return `Where a token stands can be read from ${told(best)} at best${into} and ${told(last)} at the end: ${fate(best.cell, last.cell)}.`;
}

/** What became of "where" between the state that tells it best and the last one. */
function fate(best: Decoded, last: Decoded): string {
	if (last.interval[0] <= last.controlInterval[1]) return '"where" is lost on the way';
	return last.accuracy < best.accuracy / 2 ? 'most of "where" is lost on the way' : '"where" is still there';
}
