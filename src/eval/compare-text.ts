import { columns } from '../base/columns.ts';
import { show } from '../base/json.ts';
import type { Comparison, ConditionComparison, PairedRuns } from './compare.ts';
import { FEWEST_IMAGES, tooFewImages } from './paired.ts';

function percent(fraction: number): string {
	return (fraction * 100).toFixed(1);
}

function signed(fraction: number): string {
	const text = percent(Math.abs(fraction));
	return text === '0.0' ? text : `${fraction < 0 ? '−' : '+'}${text}`;
}

/** Three decimals, or the power of ten below them. */
function pValue(p: number): string {
	return p >= 0.001 || p === 0 ? p.toFixed(3) : p.toExponential(0);
}

/** A mean over draws and, where there are several, the least and the greatest of them: `39.5 (32.5 to 50.0)`. */
function withDraws(accuracy: number, draws: readonly number[]): string {
	if (draws.length < 2) return percent(accuracy);
	return `${percent(accuracy)} (${percent(Math.min(...draws))} to ${percent(Math.max(...draws))})`;
}

function pairedRow(paired: PairedRuns): string[] {
	const bounds = tooFewImages(paired) ? '–' : paired.interval.map(signed).join(', ');
	return [
		paired.category ?? 'all',
		String(paired.questions),
		withDraws(paired.accuracyA, paired.drawsA),
		withDraws(paired.accuracyB, paired.drawsB),
		`${signed(paired.difference)} [${bounds}]`,
		String(paired.onlyA),
		String(paired.onlyB),
		pValue(paired.p),
	];
}

/** How to read the rows of `pairedRow`. */
function notesOn(rows: readonly PairedRuns[]): string[] {
	const several = rows.some(({ drawsA, drawsB }) => drawsA.length > 1 || drawsB.length > 1);
	return [
		'Percentages and B − A: a question counts with its mean over the draws of a condition.',
		several
			? 'In brackets: the least and the greatest draw. Intervals are over images for these draws, not over all that could be drawn.'
			: '',
		rows.some(tooFewImages) ? `[–]: fewer than ${FEWEST_IMAGES} images, too few for an interval.` : '',
		'Only A right, only B right, p and flipped: the first draw; p is the exact McNemar test, not corrected for the rows.',
	].filter(Boolean);
}

function conditionLines(compared: ConditionComparison, flips: number): string[] {
	const { condition, shared, onlyInA, onlyInB, reworded, differing, changed } = compared;
	const notes = [
		onlyInA > 0 ? `${onlyInA} only in A` : '',
		onlyInB > 0 ? `${onlyInB} only in B` : '',
		differing > 0 ? `${differing} left out: same id, another question` : '',
		reworded > 0 ? `${reworded} asked in other words` : '',
		shared > 0 ? `${changed} answered differently` : '',
	].filter(Boolean);
	const lines = ['', `${condition}: ${shared} shared questions (${notes.join('; ')})`];
	if (shared === 0) return lines;

	const heads = ['', 'questions', 'A %', 'B %', 'B − A [95 %]', 'only A right', 'only B right', 'p'];
	lines.push(...columns([heads, ...compared.paired.map(pairedRow)], { numbers: true }).map((line) => `  ${line}`));
	const shown = compared.flips.slice(0, flips);
	if (shown.length === 0) return lines;
	const rest = compared.flips.length - shown.length;
	lines.push(`  flipped: ${compared.flips.length}${rest > 0 ? ` (the first ${shown.length}; --json has all)` : ''}`);
	const mark = (right: boolean) => (right ? '✓' : '✗');
	lines.push(
		...columns(
			shown.map(({ id, answer, a, b, right }) => [
				show(id),
				`right: ${show(answer)}`,
				`A ${mark(right === 'a')} ${show(a)}`,
				`B ${mark(right === 'b')} ${show(b)}`,
			]),
		).map((line) => `    ${line}`),
	);
	return lines;
}

/** A comparison as plain text for a terminal, at most `flips` flipped questions a condition (default 10). */
export function compareText(comparison: Comparison, { flips = 10 }: { flips?: number } = {}): string {
	const { a, b, differences, onlyInA, onlyInB } = comparison;
	const lines = columns([
		['A', a.location, a.task, a.model],
		['B', b.location, b.task, b.model],
	]);
	lines.push('');
	if (differences.length === 0) {
		lines.push('The manifests agree: same model, data, prompts, conditions, settings and versions.');
	} else {
		lines.push(`The manifests differ in ${differences.length} ${differences.length === 1 ? 'place' : 'places'}:`);
		const rows = differences.map(({ part, path, a: inA, b: inB }) => [part, path, show(inA), '→', show(inB)]);
		lines.push(...columns(rows).map((line) => `  ${line}`));
	}
	for (const compared of comparison.conditions) lines.push(...conditionLines(compared, flips));
	const rows = comparison.conditions.flatMap(({ paired }) => paired);
	if (rows.length > 0) lines.push('', ...notesOn(rows));
	if (onlyInA.length > 0) lines.push('', `Only A has: ${onlyInA.join(', ')}`);
	if (onlyInB.length > 0) lines.push('', `Only B has: ${onlyInB.join(', ')}`);
	return `${lines.join('\n')}\n`;
}
